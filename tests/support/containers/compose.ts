/** The installation of infra/deploy/compose, as its operator starts it, but for images and ports. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import { stringify } from 'yaml'
import { freePort } from '../../../infra/runner/ports.ts'
import { type Mail, readMail } from '../../../infra/runner/mail/message.ts'
import { specs } from '../function-calls.ts'
import { importBeside } from './beside.ts'
import { REGISTRY } from './build.ts'
import type { Engine } from './engine.ts'

/** Debian packs compose apart, as a program of its own; Docker as a plugin. */
const PROGRAM = [['docker', 'compose'], ['docker-compose']].find(
  ([program = '', ...args]) => spawnSync(program, [...args, 'version']).status === 0
)
export const noCompose: string | false = PROGRAM ? false : 'no docker compose on the PATH'

export type Installation = {
  origin: string
  /** The front's own gateway, which nobody outside reaches in an installation. */
  gateway: string
  /** The certificate of Caddy's authority for names like localhost. */
  authority: string
  mails: Mail[]
  compose: (...args: string[]) => string
  /** Ids of a service's running containers. */
  boxes: (service: string) => string[]
  /** Runs Node in a service's container, the first or another one, and answers what was printed. */
  node: (service: string, script: string, index?: number) => string
  /** What the connector's role reads of the database. */
  rows: (query: string) => Record<string, unknown>[]
  logs: (service: string) => string
  stop: () => Promise<void>
}

const NAME = 'portico-test'
/** Milliseconds until all is up: fifteen times Node, on two cores. */
const PATIENCE = 240_000

/**
 * Started, and answering. Throws with what the parts said when they do not come up.
 *
 * @param scale how many of which service, where it is not one
 */
export async function startInstallation(
  engine: Engine,
  scale: Record<string, number> = {}
): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'portico-compose-'))
  const [port, gateway, smtp] = [await freePort(), await freePort(), await freePort()]
  const origin = `https://localhost:${port}`
  const made = join(folder, 'portico-secrets')
  const secrets = spawnSync(process.execPath, ['infra/deploy/secrets.ts', made, '--origin', origin])
  if (secrets.status !== 0) throw new Error(String(secrets.stderr))
  const { mails, stop: stopMail } = await catchMail(smtp)

  const beside = importBeside(engine)
  const services = {
    ...Object.fromEntries(Object.entries(beside).map(([name, image]) => [name, { image }])),
    front: { ports: [`127.0.0.1:${gateway}:8080`] },
    notify: { extra_hosts: ['mail.test:host-gateway'] }
  }
  const override = stringify({ services: { ...services, caddy: { image: beside.caddy, ports: ['@'] } } })
  const file = join(folder, 'override.yml')
  // The tag that makes a list replace the other one is nothing that a YAML writer knows.
  writeFileSync(file, override.replace(/ports:\s+- "@"/, `ports: !override ['127.0.0.1:${port}:${port}']`))
  const env = {
    ...{ ORIGIN: origin, SECRETS: join(made, 'files'), REGISTRY, TAG: 'test' },
    SMTP_URL: `smtp://mail.test:${smtp}`
  }
  const compose = (...args: string[]): string => {
    const files = ['-p', NAME, '-f', 'infra/deploy/compose/compose.yml', '-f', file]
    const command = [...(PROGRAM ?? []), ...files, ...args].map((word) => `'${word}'`).join(' ')
    return engine.shell(command, { env })
  }
  const boxes = (service: string): string[] => compose('ps', '--quiet', service).trim().split('\n')
  const node = (service: string, script: string, index = 0): string =>
    engine.docker('exec', boxes(service)[index] ?? '', 'node', '-e', script).trim()
  const stop = async () => {
    try {
      compose('down', '--volumes', '--remove-orphans', '--timeout', '5')
    } finally {
      await stopMail()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  try {
    const many = Object.entries(scale).flatMap(([name, count]) => ['--scale', `${name}=${count}`])
    compose('up', '--detach', '--no-build', '--pull', 'never', ...many)
    const authority = await theAuthority(compose)
    await allReady(`http://127.0.0.1:${gateway}`)
    return {
      ...{ origin, authority, mails, compose, boxes, stop },
      gateway: `http://127.0.0.1:${gateway}`,
      node,
      rows: (query) =>
        JSON.parse(
          node(
            'connector',
            `const pg = require('pg'), fs = require('node:fs')
             const client = new pg.Client({ connectionString: fs.readFileSync('/run/secrets/db-pipeline', 'utf8').trim() })
             client.connect().then(() => client.query(${JSON.stringify(query)}))
               .then(({ rows }) => { console.log(JSON.stringify(rows)); return client.end() })`
          )
        ),
      logs: (service) => compose('logs', '--no-log-prefix', service)
    }
  } catch (error) {
    const said = compose('logs', '--tail', '15')
    await stop()
    throw new Error(`it does not come up:\n${said.slice(-8_000)}`, { cause: error })
  }

  async function theAuthority(run: typeof compose): Promise<string> {
    const to = join(folder, 'root.crt')
    for (const end = Date.now() + PATIENCE; ; await wait(500))
      try {
        run('cp', 'caddy:/data/caddy/pki/authorities/local/root.crt', to)
        return readFileSync(to, 'utf8')
      } catch (error) {
        if (Date.now() > end) throw error
      }
  }
}

/** Every function says so at the front's gateway. */
async function allReady(gateway: string): Promise<void> {
  const end = Date.now() + PATIENCE
  for (const { name } of specs)
    for (; ; await wait(500)) {
      const answer = await fetch(`${gateway}/function/${name}/_/ready`).catch(() => null)
      await answer?.body?.cancel()
      if (answer?.status === 200) break
      if (Date.now() > end) throw new Error(`${name} does not become ready: ${answer?.status}`)
    }
}

/** What leaves the installation by mail, as it arrives at a server elsewhere. */
async function catchMail(port: number): Promise<{ mails: Mail[]; stop: () => Promise<void> }> {
  const mails: Mail[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push(readMail(Buffer.concat(chunks)))
        done()
      })
    }
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve))
  return { mails, stop: () => new Promise<void>((resolve) => server.close(resolve)) }
}
