/** Starts the parts, as far as they can at the same time, and ends them in the order in which they need each other. */
import { join } from 'node:path'
import type { Server } from 'node:http'
import { createEdge } from '../edge/edge.ts'
import { createMachineDoor } from '../edge/machines.ts'
import { keepBackups } from './backups.ts'
import type { DataFolder } from './data.ts'
import { planDatabase } from './database.ts'
import { FunctionPool } from './functions.ts'
import { createGateway } from './gateway.ts'
import { alsoListenV6, close, listen } from './listen.ts'
import { type Catcher, startCatcher } from './mail/catcher.ts'
import { CannotStart, type Options } from './options.ts'
import { freePort, keptPorts } from './ports.ts'
import { openRooms } from './room.ts'
import { openSecrets } from './secrets.ts'
import { startConnector, startWeb } from './services.ts'
import { askForReconciliation } from './setup.ts'
import { ownFunctions, readStack } from './stack.ts'
import { planStore } from './store.ts'
import { secretValues } from './values.ts'
import { startWatching } from './watching.ts'

const PORTS = [
  'postgres',
  'store',
  'gateway',
  'web',
  'smtp',
  'mail',
  'metrics',
  'connector_metrics',
  's3_tools'
] as const

/** Milliseconds for requests under way when we are asked to end; event streams would never end by themselves. */
const DRAIN = 2_000

export type Portal = {
  origin: string
  /** Of portico_owner. */
  owner_url: string
  /** Null when mail really goes out. */
  catcher: Catcher | null
  stop: () => Promise<void>
}

type Say = (line: string) => void
/** What ends a part that runs, by the part's name. */
type Stops = Partial<Record<Part, () => Promise<void>>>
const ORDER = [
  'watching',
  'backups',
  'edge',
  'machines',
  'web',
  'connector',
  'functions',
  'rooms',
  'gateway',
  'store',
  'database',
  'catcher'
] as const
type Part = (typeof ORDER)[number]

/** Starts everything; resolves when people can come in. When a part does not start, the others are ended and it throws. */
export async function startPortal(options: Options, folder: DataFolder, say: Say): Promise<Portal> {
  const stops: Stops = {}
  const stop = async () => {
    for (const part of ORDER) {
      const one = stops[part]
      delete stops[part]
      await one?.()
    }
  }
  try {
    return { ...(await startParts(options, folder, say, stops)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startParts(options: Options, folder: DataFolder, say: Say, stops: Stops) {
  const { path, logs } = folder
  const secrets = openSecrets(path)
  const ports = await keptPorts(join(path, 'ports.json'), PORTS)
  const port = await freePort(options.port)
  if (options.port !== 0 && port !== options.port)
    throw new CannotStart(`Port ${options.port} is taken by another program: start with -- --port N.`)
  const origin = options.origin ?? `http://localhost:${port}`
  const gateway_url = `http://127.0.0.1:${ports.gateway}`
  const web_url = `http://127.0.0.1:${ports.web}`

  const catcher = options.smtp_url ? null : await startCatcher(join(path, 'mail'), ports.smtp, ports.mail)
  if (catcher) stops.catcher = catcher.stop
  const database = planDatabase(path, ports.postgres, secrets, logs, {
    detour: options.detours.database,
    rollback: options.rollback
  })
  const store = planStore({
    data: path,
    port: ports.store,
    detour: options.detours.store,
    secrets,
    logs,
    origin,
    gateway: byDetour(options.detours.intake, gateway_url),
    external: options.store,
    say,
    on_return: () => void askForReconciliation(database.url('portico_pipeline')).catch(() => undefined)
  })
  const env = {
    ORIGIN: origin,
    GATEWAY_URL: gateway_url,
    LOG_LEVEL: options.log_level,
    // The connector asks scan how the scanner is where there is one.
    ...(options.clamav && { CLAMAV_HOST: options.clamav.host })
  }
  const machines = options.s3_tools && {
    host: options.s3_tools.host,
    port: options.s3_tools.port ?? ports.s3_tools,
    origin: options.s3_tools.origin ?? `http://127.0.0.1:${options.s3_tools.port ?? ports.s3_tools}`
  }
  const specs = readStack(new URL('../../stack.yml', import.meta.url), {
    ...variables(options, env, catcher),
    S3_TOOLS_ORIGIN: machines?.origin
  })
  const values = secretValues({
    secrets,
    url: database.url,
    store: store.secrets,
    sms_gateway: options.sms_gateway,
    own_functions: ownFunctions(specs)
  })
  const surroundings = {
    folder,
    mount: (process: string, names: string[]) => secrets.mount(process, pick(values, names, process)),
    env
  }
  const rooms = options.parser_sandbox
    ? await openRooms({ store: store.endpoint, clamav: clamavOf(options) })
    : { missing: 'PARSER_SANDBOX=off' }
  if ('missing' in rooms)
    say(`Clients’ files are read without a sandbox, with this machine’s network and files: ${rooms.missing}.`)
  else stops.rooms = rooms.close
  const pool = new FunctionPool(specs, {
    logs,
    rooms: 'missing' in rooms ? null : rooms,
    env: (spec) => ({
      secret_mount_path: surroundings.mount(spec.name, spec.secrets),
      // One folder each: a function that reads strangers' bytes must not write what another one runs.
      NODE_COMPILE_CACHE: join(path, 'cache', spec.name)
    })
  })
  stops.functions = () => pool.stop()
  const watching = await startWatching(options, ports, pool, say)
  stops.watching = watching.stop
  const connector_env = { ...watching.connector, GATEWAY_URL: byDetour(options.detours.gateway, gateway_url) }
  const gateway = createGateway({ pool, password: secrets.get('gateway-password') })
  await listen(gateway, ports.gateway, '127.0.0.1')
  stops.gateway = () => close(gateway, DRAIN)

  const keep = async (part: Part, starting: Promise<{ stop: () => Promise<void> }>) => {
    const { stop } = await starting
    stops[part] = stop
  }
  await all([
    keep('store', store.start()),
    keep('web', startWeb(surroundings, ports.web)),
    keep('database', database.start()).then(() =>
      all([pool.startEager(), keep('connector', startConnector(surroundings, connector_env))])
    )
  ])
  const edge = createEdge({
    origin,
    gateway: gateway_url,
    store: store.endpoint,
    web: web_url,
    edge_token: secrets.get('edge-token'),
    is_public: (name) => pool.spec(name)?.is_public === true,
    proxies: options.proxies,
    trusts_traceparent: options.trusts_traceparent,
    openapi: new URL('../../docs/openapi.json', import.meta.url)
  })
  if (machines) {
    const door = createMachineDoor({ store: store.endpoint })
    await listen(door, machines.port, machines.host)
    stops.machines = () => close(door, DRAIN)
  }
  stops.edge = await open(edge, port, options.host)
  stops.backups = keepBackups(folder, database.url('portico_owner'), options.backups)
  return { origin, owner_url: database.url('portico_owner'), catcher }
}

const byDetour = (detour: number | undefined, url: string): string =>
  detour ? `http://127.0.0.1:${detour}` : url

/** Waits for all, also when one fails: what has started by then can be ended. Throws the first failure. */
async function all(starting: Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(starting)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

async function open(edge: Server, port: number, host: string): Promise<() => Promise<void>> {
  await listen(edge, port, host)
  const closeV6 = host === '127.0.0.1' ? alsoListenV6(edge, port) : () => {}
  return async () => {
    closeV6()
    await close(edge, DRAIN)
  }
}

const clamavOf = ({ clamav }: Options) => clamav && { host: clamav.host, port: Number(clamav.port) }

/** What `${NAME}` in stack.yml means here. */
function variables(
  options: Options,
  env: { ORIGIN: string; GATEWAY_URL: string; LOG_LEVEL: string },
  catcher: Catcher | null
): Record<string, string | undefined> {
  return {
    ...env,
    SMTP_URL: options.smtp_url ?? catcher?.smtp_url,
    MAIL_FROM: options.mail_from ?? `portico@${new URL(env.ORIGIN).hostname}`,
    SMS_GATEWAY: options.sms_gateway === null ? 'off' : 'on',
    CLAMAV_HOST: options.clamav?.host,
    CLAMAV_PORT: options.clamav?.port,
    CLAMAV_MAX_AGE_DAYS: options.clamav ? String(options.clamav.max_age_days) : undefined,
    OUTGOING_ALLOW: options.outgoing_allow ?? undefined,
    RULE_FUNCTIONS: options.rule_functions ?? undefined,
    NODE_EXTRA_CA_CERTS: options.extra_ca ?? undefined
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
