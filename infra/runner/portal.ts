/** Starts the parts in the order in which they need each other, and ends them in the other one. */
import { get } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as wait } from 'node:timers/promises'
import { createEdge } from '../edge/edge.ts'
import type { DataFolder } from './data.ts'
import { type DatabasePart, startDatabase } from './database.ts'
import { FunctionPool } from './functions.ts'
import { createGateway } from './gateway.ts'
import { alsoListenV6, close, listen } from './listen.ts'
import { type Catcher, startCatcher } from './mail/catcher.ts'
import type { Options } from './options.ts'
import { freePort, keptPorts } from './ports.ts'
import { type Secrets, openSecrets } from './secrets.ts'
import { startService } from './service.ts'
import { askForReconciliation } from './setup.ts'
import { type FunctionSpec, readStack } from './stack.ts'
import { type StorePart, startStorePart } from './store.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PORTS = ['postgres', 'store', 'gateway', 'web', 'smtp', 'mail'] as const

/** Milliseconds for requests under way when we are asked to end. */
const DRAIN = 5_000

export type Portal = {
  origin: string
  /** Of portico_owner. */
  owner_url: string
  /** Null when mail really goes out. */
  catcher: Catcher | null
  stop: () => Promise<void>
}

/** Starts everything; resolves when people can come in. When a part does not start, the others are ended and it throws. */
export async function startPortal(
  options: Options,
  folder: DataFolder,
  say: (line: string) => void
): Promise<Portal> {
  const stops: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const one of stops.splice(0).toReversed()) await one()
  }
  try {
    return { ...(await startParts(options, folder, say, (one) => stops.push(one))), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startParts(
  options: Options,
  folder: DataFolder,
  say: (line: string) => void,
  later: (stop: () => Promise<unknown>) => void
): Promise<Omit<Portal, 'stop'>> {
  const secrets = openSecrets(folder.path)
  const ports = await keptPorts(join(folder.path, 'ports.json'), PORTS)
  const port = options.port === 0 ? await freePort() : options.port
  const origin = options.origin ?? `http://localhost:${port}`
  const gateway_url = `http://127.0.0.1:${ports.gateway}`

  const catcher = options.smtp_url
    ? null
    : await startCatcher(join(folder.path, 'mail'), ports.smtp, ports.mail)
  if (catcher) later(catcher.stop)

  let database: DatabasePart | undefined
  const [databaseStart, storeStart] = await Promise.allSettled([
    startDatabase(folder.path, ports.postgres, secrets, folder.logs),
    startStorePart({
      data: folder.path,
      port: ports.store,
      secrets,
      logs: folder.logs,
      origin,
      gateway: gateway_url,
      external: options.store,
      say,
      on_return: () => {
        if (database) askForReconciliation(database.url('portico_pipeline')).catch(() => undefined)
      }
    })
  ])
  for (const part of [databaseStart, storeStart])
    if (part.status === 'fulfilled') later(part.value.stop)
    else throw part.reason
  if (databaseStart.status !== 'fulfilled' || storeStart.status !== 'fulfilled')
    throw new Error('unreachable')
  database = databaseStart.value
  const store = storeStart.value

  const values = secretValues(secrets, database, store)
  const mount = (process: string, names: string[]) => secrets.mount(process, pick(values, names, process))
  const specs = readStack(
    new URL('../../stack.yml', import.meta.url),
    variables(options, origin, gateway_url, catcher)
  )
  const pool = new FunctionPool(specs, {
    logs: folder.logs,
    env: (spec) => ({
      secret_mount_path: mount(spec.name, spec.secrets),
      // One folder each: a function that reads strangers' bytes must not write what another one runs.
      NODE_COMPILE_CACHE: join(folder.path, 'cache', spec.name)
    })
  })
  later(() => pool.stop())
  const gateway = createGateway({ pool, password: secrets.get('gateway-password') })
  await listen(gateway, ports.gateway, '127.0.0.1')
  later(() => close(gateway, DRAIN))

  const common = { ORIGIN: origin, GATEWAY_URL: gateway_url, LOG_LEVEL: options.log_level }
  const [web] = await Promise.all([
    startService(
      'web',
      {
        args: [join(ROOT, 'web/build/index.js')],
        cwd: join(ROOT, 'web'),
        env: {
          ...common,
          HOST: '127.0.0.1',
          PORT: String(ports.web),
          secret_mount_path: mount('web', ['edge-token', 'db-web']),
          NODE_COMPILE_CACHE: join(folder.path, 'cache', 'web')
        }
      },
      join(folder.logs, 'web.log'),
      (exited) => answersAt(`http://127.0.0.1:${ports.web}/robots.txt`, exited)
    ),
    pool.startEager()
  ])
  later(web.stop)
  const connector = await startService(
    'connector',
    {
      args: [join(ROOT, 'infra/connector/main.ts')],
      cwd: ROOT,
      env: {
        ...common,
        FUNCTION: 'connector',
        secret_mount_path: mount('connector', ['db-pipeline', 'store-pipeline', 'job-signing-key', 'data-key']),
        NODE_COMPILE_CACHE: join(folder.path, 'cache', 'connector')
      }
    },
    join(folder.logs, 'connector.log'),
    async () => {}
  )
  later(connector.stop)

  const edge = createEdge({
    origin,
    gateway: gateway_url,
    store: store.endpoint,
    web: `http://127.0.0.1:${ports.web}`,
    edge_token: secrets.get('edge-token'),
    is_public: (name) => pool.spec(name)?.is_public === true,
    proxies: options.proxies,
    openapi: new URL('../../docs/openapi.json', import.meta.url)
  })
  await listen(edge, port, options.host)
  const closeV6 = options.host === '127.0.0.1' ? alsoListenV6(edge, port) : () => {}
  later(async () => {
    closeV6()
    await close(edge, DRAIN)
  })
  return { origin, owner_url: database.url('portico_owner'), catcher }
}

/** What `${NAME}` in stack.yml means here. */
function variables(
  options: Options,
  origin: string,
  gateway_url: string,
  catcher: Catcher | null
): Record<string, string | undefined> {
  return {
    ORIGIN: origin,
    GATEWAY_URL: gateway_url,
    LOG_LEVEL: options.log_level,
    SMTP_URL: options.smtp_url ?? catcher?.smtp_url,
    MAIL_FROM: options.mail_from ?? `portico@${new URL(origin).hostname}`,
    CLAMAV_HOST: options.clamav?.host,
    CLAMAV_PORT: options.clamav?.port
  }
}

/** Every secret by the name under which stack.yml gives it to a function. */
function secretValues(secrets: Secrets, database: DatabasePart, store: StorePart): Record<string, string> {
  return {
    'db-app': database.url('portico_app'),
    'db-intake': database.url('portico_intake'),
    'db-pipeline': database.url('portico_pipeline'),
    'db-web': database.url('portico_web'),
    'intake-token': secrets.get('intake-token'),
    'edge-token': secrets.get('edge-token'),
    'job-signing-key': secrets.get('job-signing-key'),
    'data-key': secrets.get('data-key'),
    ...store.secrets
  }
}

function pick(values: Record<string, string>, names: string[], process: string): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of names) {
    const value = values[name]
    if (value === undefined) throw new Error(`${process} wants the secret ${name}, which there is not`)
    picked[name] = value
  }
  return picked
}

/** Resolves when something answers there; throws when the process has ended before. */
async function answersAt(url: string, exited: Promise<unknown>): Promise<void> {
  let ended = false
  void exited.then(() => (ended = true))
  for (;;) {
    if (ended) throw new Error(`the process behind ${url} ended while it started: see its log`)
    const there = await new Promise<boolean>((resolve) => {
      get(url, (response) => {
        response.resume()
        resolve(true)
      }).on('error', () => resolve(false))
    })
    if (there) return
    await wait(10)
  }
}

export type { FunctionSpec }
