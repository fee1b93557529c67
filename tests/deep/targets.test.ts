/**
 * Targets on another machine: Debian's own sshd with a port, keys and a list of known hosts of its own, and a second
 * object store with keys of its own. To each a portal is backed up, and from each it comes back.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import { Client } from 'minio'
import { findStore } from '../../infra/minio/find.ts'
import { startStore } from '../../infra/minio/server.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { type Said, noRestic, portico, programs } from '../support/portico-command.ts'
import { noStore } from '../support/real-store.ts'
import { type Stack, startStack } from '../support/stack.ts'

const SSHD = '/usr/sbin/sshd'
const noSshd = existsSync(SSHD) && existsSync('/usr/lib/openssh/sftp-server') ? false : 'no openssh-server'

describe('targets on another machine', { skip: noStore || noRestic }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-targets-'))
  const data = join(folder, 'data')
  let stack: Stack

  before(async () => {
    spawnSync('chmod', ['711', folder])
    stack = await startStack({ data, keep: true })
  })
  after(async () => {
    await stack?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Backed up there, saved again, and restored from there on a machine that knows nothing but the words. */
  async function goAndReturn(name: string, to: string, words: string[], env: Record<string, string>) {
    const backup = (...more: string[]): Promise<Said> => portico(['backup', '--data', data, ...more], { env })
    const first = await backup('--to', to, ...words)
    assert.equal(first.code, 0, first.stdout + first.stderr)
    assert.deepEqual([first.json.drill.problem, first.json.recent?.run], [null, first.json.run])
    let again = await backup('--recent')
    // The portal itself may be at it.
    for (; again.json.code === 'busy'; again = await backup('--recent')) await wait(500)
    assert.equal(again.code, 0, 'known from now on, without a word: ' + again.stdout)
    const keys = join(folder, `keys-${name}`)
    mkdirSync(keys)
    for (const one of ['password', 'secrets-password']) cpSync(join(data, 'backup', one), join(keys, one))
    const back = join(folder, `back-${name}`)
    const said = await portico(
      [
        ...['restore', '--from', to, '--data', back, ...words, '--password-file', join(keys, 'password')],
        ...['--secrets-password-file', join(keys, 'secrets-password')]
      ],
      { env: { ...env, XDG_CACHE_HOME: mkdtempSync(join(folder, 'cache-')), PATH: programs() } }
    )
    assert.equal(said.code, 0, said.stdout + said.stderr)
    assert.deepEqual([said.json.objects.missing, said.json.log.broken_at], [[], null])
    assert.ok(said.json.at >= again.json.at)
    rmSync(back, { recursive: true })
  }

  test('SFTP: a port, a key and known hosts of one’s own', { skip: noSshd, timeout: 600_000 }, async () => {
    const ssh = join(folder, 'ssh')
    mkdirSync(ssh, { mode: 0o700 })
    for (const key of ['host', 'user', 'stranger'])
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(ssh, key)])
    cpSync(join(ssh, 'user.pub'), join(ssh, 'authorized'))
    const port = await freePort()
    const host = readFileSync(join(ssh, 'host.pub'), 'utf8')
    writeFileSync(join(ssh, 'known'), `[127.0.0.1]:${port} ${host}`)
    const server = startSshd(ssh, port)
    try {
      await answers(port)
      const commandWith = (key: string) =>
        `ssh -p ${port} -i ${join(ssh, key)} -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=${join(ssh, 'known')} ` +
        `${userInfo().username}@127.0.0.1 -s sftp`
      const to = `sftp:${userInfo().username}@127.0.0.1:${join(folder, 'nas')}`
      const stranger = await portico([
        ...['backup', '--data', data, '--to', to],
        ...['--sftp-command', commandWith('stranger')]
      ])
      assert.deepEqual([stranger.code, stranger.json.code], [11, 'target_away'], stranger.stdout)
      await goAndReturn('sftp', to, ['--sftp-command', commandWith('user')], {})
      assert.deepEqual(readdirSync(join(folder, 'nas')).toSorted(), ['data', 'secrets', 'wal'])
    } finally {
      server.kill()
    }
  })

  test('S3: a second store with its own keys', { timeout: 600_000 }, async () => {
    const root_password = randomBytes(18).toString('hex')
    const other = await startStore({
      program: await findStore(() => undefined),
      folder: join(folder, 'other-store'),
      port: await freePort(),
      root_user: 'elsewhere',
      root_password,
      kms_key: randomBytes(32).toString('base64'),
      webhook: null
    })
    try {
      const { hostname, port } = new URL(other.endpoint)
      const s3 = new Client({
        endPoint: hostname,
        port: Number(port),
        useSSL: false,
        accessKey: 'elsewhere',
        secretKey: root_password
      })
      await s3.makeBucket('backups')
      const to = `s3:${other.endpoint}/backups/portico`
      const keys = { AWS_ACCESS_KEY_ID: 'elsewhere', AWS_SECRET_ACCESS_KEY: root_password }
      const wrong = await portico(['backup', '--data', data, '--to', to], {
        env: { ...keys, AWS_SECRET_ACCESS_KEY: 'wrong' }
      })
      assert.deepEqual([wrong.code, wrong.json.code], [11, 'target_away'], wrong.stdout)
      await goAndReturn('s3', to, [], keys)
    } finally {
      await other.stop()
    }
  })
})

function startSshd(folder: string, port: number): ChildProcess {
  const lines = [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${join(folder, 'host')}`, 'PidFile none'],
    ...[`AuthorizedKeysFile ${join(folder, 'authorized')}`, 'StrictModes no', 'UsePAM no'],
    ...['PasswordAuthentication no', 'PermitRootLogin prohibit-password'],
    'Subsystem sftp /usr/lib/openssh/sftp-server'
  ]
  writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`)
  // Debian's sshd wants a folder for its unprivileged half when it is started by root.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  return spawn(SSHD, ['-D', '-e', '-f', join(folder, 'config')], { stdio: 'ignore' })
}

async function answers(port: number): Promise<void> {
  for (let i = 0; i < 100; i += 1, await wait(100)) {
    const is_there = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false))
    })
    if (is_there) return
  }
  throw new Error('sshd does not answer')
}
