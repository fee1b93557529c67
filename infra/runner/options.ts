/** What the person at the terminal said: arguments and environment, parsed once. Nothing else here reads process.env. */
import { parseArgs } from 'node:util'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { SmsGateway } from '../../functions/_shared/contract/mail.ts'

/** One sentence for the person at the terminal; nothing is started. */
export class CannotStart extends Error {}

const DEFAULT_PORT = 8480

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).optional(),
  ORIGIN: z.url({ protocol: /^https?$/ }).optional(),
  HOST: z.string().default('127.0.0.1'),
  TRUSTED_PROXIES: z.string().default(''),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().optional(),
  SMS_GATEWAY_FILE: z.string().optional(),
  OUTGOING_ALLOW: z.string().optional(),
  RULE_FUNCTIONS: z.string().optional(),
  CLAMAV_HOST: z.string().optional(),
  CLAMAV_PORT: z.string().default('3310'),
  CLAMAV_MAX_AGE_DAYS: z.coerce.number().int().min(0).max(365).default(7),
  NODE_EXTRA_CA_CERTS: z.string().optional(),
  PARSER_SANDBOX: z.enum(['auto', 'off']).default('auto'),
  METRICS_HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: z.literal('off').or(z.coerce.number().int().min(1).max(65534)).optional(),
  S3_TOOLS_HOST: z.string().default('127.0.0.1'),
  S3_TOOLS_PORT: z.literal('off').or(z.coerce.number().int().min(1).max(65535)).optional(),
  S3_TOOLS_ORIGIN: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  TRUST_TRACEPARENT: z.enum(['true', 'false']).default('false'),
  ROLLBACK: z.enum(['true', 'false']).default('false'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  S3_ENDPOINT: z.url().optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  PORTICO_DETOURS: z.string().optional()
})

const Port = z.int().min(1).max(65535)
/** Loopback ports by which parts reach others, for whoever puts something between them: the fault campaign. */
const Detours = z.object({ database: Port, store: Port, intake: Port, gateway: Port }).partial()
export type Detours = z.infer<typeof Detours>

/** Names of variables that a backup may want to know (infra/backup/settings.ts). */
const FOR_BACKUPS =
  /^(PORTICO_(BACKUP_[A-Z_]+|RESTIC)|PATH|HOME|SSH_AUTH_SOCK|TMPDIR|(AWS|B2|AZURE|GOOGLE|OS|ST|RCLONE|RESTIC_REST)_[A-Z0-9_]+)$/

export type ExternalStore = {
  endpoint: string
  region: string
  access_key_id: string
  secret_access_key: string
}

export type Options = {
  /** 0: any free port. */
  port: number
  /** Absolute path. */
  data: string
  demo: boolean
  /** The database may be newer than this program (docs/guide/upgrade.md). */
  rollback: boolean
  /** Break-glass: staff may sign in with passwords again (docs/guide/oidc.md). */
  passwords_on: boolean
  /** As people type it; null: http://localhost:PORT. */
  origin: string | null
  /** The address to listen on. */
  host: string
  proxies: string[]
  smtp_url: string | null
  mail_from: string | null
  /** The description of a gateway for text messages (docs/guide/sms.md), JSON; null: none. */
  sms_gateway: string | null
  clamav: { host: string; port: string; max_age_days: number } | null
  /** Functions that read strangers' bytes get rooms of their own, where the machine has what that needs. */
  parser_sandbox: boolean
  /** Addresses of the firm's own network that functions may ask, and the file of its certificate authority. */
  outgoing_allow: string | null
  /** In place of what stack.yml says: functions that offer themselves to rules, `name=Title; name=Title`. */
  rule_functions: string | null
  extra_ca: string | null
  /** Where metrics are told: the runner's own at `port`, the connector's at the next one; null: any kept ports. */
  metrics: { host: string; port: number | null } | null
  /** The door for S3 tools (docs/guide/s3.md): where it listens, a kept port without one, and its address for machines. */
  s3_tools: { host: string; port: number | null; origin: string | null } | null
  /** Proxies in front make their own trace context, and let through none from outside. */
  trusts_traceparent: boolean
  /** The part of requests whose spans are sent to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names; 0: there is none. */
  traced: number
  /** What the exporter reads itself, for the connector too. */
  otel: Record<string, string>
  log_level: string
  store: ExternalStore | null
  detours: Detours
  /** What backups are started with: their own variables, keys of targets, where programs and SSH's keys are. */
  backups: Record<string, string>
}

/**
 * @param base the folder that relative paths start from, and its own .data when none is named
 * @throws CannotStart
 */
export function parseOptions(
  args: string[],
  environment: Record<string, string | undefined>,
  base: { cwd: string; root: string }
): Options {
  const flags = parseFlags(args)
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new CannotStart(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  const env = parsed.data
  const port = flags.port === undefined ? (env.PORT ?? DEFAULT_PORT) : Number(flags.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new CannotStart(`--port ${flags.port}: a port is a number from 0 to 65535.`)
  const origin = env.ORIGIN ? originOf(env.ORIGIN) : null
  if (env.HOST !== '127.0.0.1' && !origin?.startsWith('https:'))
    throw new CannotStart(
      'HOST lets others in, and that needs TLS in front: set ORIGIN=https://… as well, or leave HOST out.'
    )
  if (flags.demo && env.SMTP_URL)
    throw new CannotStart('--demo sends mail to people who do not exist: start it without SMTP_URL.')
  return {
    port,
    data: flags.data === undefined ? resolve(base.root, '.data') : resolve(base.cwd, flags.data),
    demo: flags.demo,
    rollback: env.ROLLBACK === 'true',
    passwords_on: flags['passwords-on'],
    origin,
    host: env.HOST,
    proxies: env.TRUSTED_PROXIES.split(/[\s,]+/).filter((address) => address !== ''),
    smtp_url: env.SMTP_URL ?? null,
    mail_from: env.MAIL_FROM ?? null,
    sms_gateway: env.SMS_GATEWAY_FILE ? gatewayIn(resolve(base.cwd, env.SMS_GATEWAY_FILE)) : null,
    clamav: env.CLAMAV_HOST
      ? { host: env.CLAMAV_HOST, port: env.CLAMAV_PORT, max_age_days: env.CLAMAV_MAX_AGE_DAYS }
      : null,
    parser_sandbox: env.PARSER_SANDBOX === 'auto',
    outgoing_allow: env.OUTGOING_ALLOW ?? null,
    rule_functions: env.RULE_FUNCTIONS ?? null,
    extra_ca: env.NODE_EXTRA_CA_CERTS ? resolve(base.cwd, env.NODE_EXTRA_CA_CERTS) : null,
    metrics: env.METRICS_PORT === 'off' ? null : { host: env.METRICS_HOST, port: env.METRICS_PORT ?? null },
    s3_tools: s3Tools(env, origin),
    trusts_traceparent: env.TRUST_TRACEPARENT === 'true',
    traced: env.OTEL_EXPORTER_OTLP_ENDPOINT ? env.OTEL_TRACES_SAMPLER_ARG : 0,
    otel: named(given, /^OTEL_[A-Z_]+$/),
    log_level: env.LOG_LEVEL,
    store: externalStore(env),
    detours: env.PORTICO_DETOURS ? Detours.parse(JSON.parse(env.PORTICO_DETOURS)) : {},
    backups: named(given, FOR_BACKUPS)
  }
}

const named = (given: Record<string, string | undefined>, names: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).filter(
      (entry): entry is [string, string] => names.test(entry[0]) && entry[1] !== undefined
    )
  )

function parseFlags(args: string[]): {
  port?: string
  data?: string
  demo: boolean
  'passwords-on': boolean
} {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        demo: { type: 'boolean', default: false },
        'passwords-on': { type: 'boolean', default: false }
      }
    }).values
  } catch (error) {
    throw new CannotStart(
      `${error instanceof Error ? error.message : String(error)}. Usage: npm start [-- --demo --port N --data DIR --passwords-on]`
    )
  }
}

function gatewayIn(file: string): string {
  try {
    return JSON.stringify(SmsGateway.parse(JSON.parse(readFileSync(file, 'utf8'))))
  } catch (error) {
    throw new CannotStart(
      `SMS_GATEWAY_FILE=${file}: ${error instanceof Error ? error.message : String(error)}`
    )
  }
}

function originOf(text: string, name = 'ORIGIN'): string {
  const url = new URL(text)
  const isLoopback = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (url.pathname !== '/' || url.search || url.hash)
    throw new CannotStart(
      `${name} is scheme and host only, like https://portal.example.com; this is ${text}.`
    )
  if (url.protocol === 'http:' && !isLoopback)
    throw new CannotStart(
      `${name}=${text}: people reach a portal by https only; http works on this machine alone.`
    )
  return url.origin
}

/** Open to this machine's own tools without more ado; to others only by an address of its own, which is TLS's in front. */
function s3Tools(env: z.infer<typeof Environment>, origin: string | null): Options['s3_tools'] {
  const named = env.S3_TOOLS_ORIGIN ? originOf(env.S3_TOOLS_ORIGIN, 'S3_TOOLS_ORIGIN') : null
  const isOff = env.S3_TOOLS_PORT === 'off' || (origin?.startsWith('https:') && !named)
  // A store from elsewhere has one key for everything: none that could be lent.
  if (isOff || env.S3_ENDPOINT) return null
  if (env.S3_TOOLS_HOST !== '127.0.0.1' && !named?.startsWith('https:'))
    throw new CannotStart(
      'S3_TOOLS_HOST lets other machines in, and that needs TLS in front: set S3_TOOLS_ORIGIN=https://… as well.'
    )
  const port = typeof env.S3_TOOLS_PORT === 'number' ? env.S3_TOOLS_PORT : null
  return { host: env.S3_TOOLS_HOST, port, origin: named }
}

function externalStore(env: z.infer<typeof Environment>): ExternalStore | null {
  if (!env.S3_ENDPOINT) return null
  if (!env.S3_ACCESS_KEY_ID || !env.S3_SECRET_ACCESS_KEY)
    throw new CannotStart('S3_ENDPOINT needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.')
  return {
    endpoint: env.S3_ENDPOINT.replace(/\/$/, ''),
    region: env.S3_REGION,
    access_key_id: env.S3_ACCESS_KEY_ID,
    secret_access_key: env.S3_SECRET_ACCESS_KEY
  }
}
