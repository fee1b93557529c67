/** rclone and the AWS CLI as an office has them: real programs in processes of their own, with settings of the test alone. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after } from 'node:test'
import type { S3Credentials } from '../../functions/_shared/contract/s3.ts'

/** The distribution's own before whatever else is called so. */
const PATH = `/usr/bin:/bin:${process.env.PATH ?? ''}`
const isThere = (name: string, ...args: string[]): boolean =>
  spawnSync(name, args, { env: { PATH }, stdio: 'ignore' }).status === 0

/** Why tests with these tools cannot run here; false when they can. */
export const noS3Tools: string | false =
  !(isThere('rclone', 'version') && isThere('aws', '--version')) &&
  'no rclone and AWS CLI: apt-get install rclone awscli'

export type ToolSaid = { code: number | null; out: string; err: string }

/** Not synchronously: the door that it knocks at may stand in this very process. */
function runTool(
  name: string,
  args: string[],
  env: Record<string, string> = {},
  cwd?: string
): Promise<ToolSaid> {
  const child = spawn(name, args, { cwd, env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')))
  return new Promise((resolve, reject) =>
    child.once('error', reject).once('close', (code) => resolve({ code, out, err }))
  )
}

/** A home with nothing of this machine's user in it; goes after the file's tests. */
export function emptyHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'portico-s3-tools-'))
  after(() => rmSync(home, { recursive: true, force: true }))
  return home
}

/** Both tools with credentials in their hands, set up as docs/guide/s3.md says. */
export function toolsWith(key: S3Credentials) {
  const home = emptyHome()
  const rclone_conf = join(home, 'rclone.conf')
  writeFileSync(
    rclone_conf,
    `[portico]
type = s3
provider = Minio
endpoint = ${key.endpoint}
region = ${key.region}
access_key_id = ${key.access_key_id}
secret_access_key = ${key.secret_access_key}
session_token = ${key.session_token}
no_check_bucket = true
`,
    { mode: 0o600 }
  )
  const aws_config = join(home, 'config')
  writeFileSync(
    aws_config,
    `[default]
region = ${key.region}
request_checksum_calculation = when_required
response_checksum_validation = when_required
s3 =
  addressing_style = path
`
  )
  const place = `${key.bucket}/${key.prefix}`
  return {
    /** `portico:` stands for the place that the key writes to. */
    rclone: (...args: string[]) =>
      runTool(
        'rclone',
        [
          ...args.map((arg) => arg.replace(/^portico:/, `portico:${place}`)),
          '--config',
          rclone_conf,
          '--retries',
          '1',
          '--low-level-retries',
          '1'
        ],
        { HOME: home }
      ),
    /** `s3://HERE/` stands for the place that the key writes to. */
    aws: (...args: string[]) =>
      runTool(
        'aws',
        [
          ...args.map((arg) => arg.replace(/^s3:\/\/HERE\//, `s3://${place}`)),
          '--endpoint-url',
          key.endpoint
        ],
        {
          HOME: home,
          AWS_CONFIG_FILE: aws_config,
          AWS_ACCESS_KEY_ID: key.access_key_id,
          AWS_SECRET_ACCESS_KEY: key.secret_access_key,
          AWS_SESSION_TOKEN: key.session_token,
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_MAX_ATTEMPTS: '1'
        }
      )
  }
}

/** Both tools as docs/guide/s3.md sets them up for good: they ask `portico s3` for credentials themselves. */
export function toolsAsking(wish: {
  project_id: string
  address: string
  key_file: string
  /** Known from one answer of `portico s3`. */
  endpoint: string
  prefix: string
}) {
  const home = emptyHome()
  const ask = `${process.execPath} ${resolve('infra/portico.mjs')} s3 --project ${wish.project_id} --address ${wish.address} --key-file ${wish.key_file}`
  const aws_config = join(home, 'config')
  writeFileSync(
    aws_config,
    `[profile portico]
credential_process = ${ask}
region = us-east-1
endpoint_url = ${wish.endpoint}
request_checksum_calculation = when_required
response_checksum_validation = when_required
s3 =
  addressing_style = path
`
  )
  const rclone_conf = join(home, 'rclone.conf')
  writeFileSync(
    rclone_conf,
    `[portico-s3]
type = s3
provider = Minio
env_auth = true
profile = portico
endpoint = ${wish.endpoint}
region = us-east-1
no_check_bucket = true

[portico]
type = alias
remote = portico-s3:portico-drops/${wish.prefix}
`
  )
  const env = { HOME: home, AWS_CONFIG_FILE: aws_config, AWS_EC2_METADATA_DISABLED: 'true' }
  return {
    rclone: (...args: string[]) =>
      runTool('rclone', [...args, '--config', rclone_conf, '--retries', '1'], env),
    aws: (...args: string[]) =>
      runTool('aws', [...args, '--profile', 'portico', '--endpoint-url', wish.endpoint], env)
  }
}
