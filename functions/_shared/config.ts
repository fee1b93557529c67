/** Configuration, parsed once at start; a bad value stops the start and names itself. Nobody else reads process.env. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { OwnFunction } from './contract/own-function.ts'

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true')
const port = z.coerce.number().int().min(0).max(65535)

/** `name=Title` */
function offer(text: string): { name: string; title: string } {
  const [name = '', ...title] = text.split('=')
  return { name: name.trim(), title: title.join('=').trim() }
}

const Environment = z.object({
  FUNCTION: z.string().default(''),
  PORT: port.default(8080),
  HOST: z.string().default('0.0.0.0'),
  ORIGIN: z
    .url()
    .default('http://localhost:8480')
    .transform((value) => value.replace(/\/$/, '')),
  GATEWAY_URL: z.url().default('http://gateway.openfaas:8080'),
  secret_mount_path: z.string().default('/var/openfaas/secrets'),
  exec_timeout: z
    .string()
    .regex(/^\d+s$/)
    .default('30s')
    .transform((value) => Number.parseInt(value, 10)),
  LISTEN_SOCKET: z.string().default(''),
  STORE_SOCKET: z.string().default(''),
  CLAMAV_SOCKET: z.string().default(''),
  CLAMAV_HOST: z.string().optional(),
  CLAMAV_PORT: port.default(3310),
  CLAMAV_MAX_AGE_DAYS: z.coerce.number().int().min(0).max(365).default(7),
  PATH: z.string().default(''),
  OFFICE_CONVERTER: z.string().default(''),
  SMTP_URL: z.string().optional(),
  MAIL_FROM: z.string().default('portico@localhost'),
  SMS_GATEWAY: z.enum(['on', 'off']).default('off'),
  S3_TOOLS_ORIGIN: z.url().or(z.literal('')).default(''),
  RULE_FUNCTIONS: z
    .string()
    .default('')
    .transform((value) => value.split(';').flatMap((one) => (one.trim() ? [offer(one)] : [])))
    .pipe(z.array(OwnFunction)),
  OUTGOING_ALLOW: z
    .string()
    .default('')
    .transform((value) => value.split(/[\s,]+/).filter((range) => range !== ''))
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  NICE: z.coerce.number().int().min(0).max(19).default(0),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().or(z.literal('')).default(''),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  ALIVE_FILE: z.string().default(''),
  METRICS_HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: z.literal('').or(z.literal('off')).or(port).default(''),
  PORTICO_STDIN: z.enum(['watch', 'ignore']).default('ignore'),
  PORTICO_READ_ONLY: flag
})

function parse() {
  const parsed = Environment.safeParse(process.env)
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      process.stderr.write(`configuration: ${issue.path.join('.')}: ${issue.message}\n`)
    process.exit(78) // EX_CONFIG of sysexits.h
  }
  const e = parsed.data
  return {
    function: e.FUNCTION,
    port: e.PORT,
    host: e.HOST,
    origin: e.ORIGIN,
    secure: e.ORIGIN.startsWith('https:'),
    gateway_url: e.GATEWAY_URL.replace(/\/$/, ''),
    secrets: e.secret_mount_path,
    /** Seconds that one call may work. */
    exec_timeout: e.exec_timeout,
    /** In a room without network (infra/runner/room.ts): sockets in place of the own port, the store, the scanner. */
    listen_socket: e.LISTEN_SOCKET || null,
    store_socket: e.STORE_SOCKET || null,
    clamav: e.CLAMAV_SOCKET
      ? { path: e.CLAMAV_SOCKET }
      : e.CLAMAV_HOST
        ? { host: e.CLAMAV_HOST, port: e.CLAMAV_PORT }
        : null,
    /** Days after which the scanner's signatures are of no use; 0: their age is not asked. */
    clamav_max_age_days: e.CLAMAV_MAX_AGE_DAYS,
    /** Where programs are looked for. */
    path: e.PATH,
    /** LibreOffice's program; empty: where it usually lies; `none`: as if there were none. */
    office_converter: e.OFFICE_CONVERTER,
    smtp_url: e.SMTP_URL ?? null,
    mail_from: e.MAIL_FROM,
    /** Whether there is a gateway for text messages: the secret `sms-gateway` of notify (docs/guide/sms.md). */
    sms: e.SMS_GATEWAY === 'on',
    /** Functions of the firm's own that offer themselves to rules. */
    rule_functions: e.RULE_FUNCTIONS,
    /** Where S3 tools come in (infra/edge/machines.ts); null: that door is not open. */
    s3_tools_origin: e.S3_TOOLS_ORIGIN.replace(/\/$/, '') || null,
    /** Addresses and ranges of private networks that outgoing requests may reach all the same (http-out.ts). */
    outgoing_allow: e.OUTGOING_ALLOW,
    log_level: e.LOG_LEVEL,
    nice: e.NICE,
    /** A file that the connector writes every few seconds while it works, for whoever looks after its container; null: none. */
    alive_file: e.ALIVE_FILE || null,
    /** Where the connector tells its metrics; null: nowhere. */
    metrics: typeof e.METRICS_PORT === 'number' ? { host: e.METRICS_HOST, port: e.METRICS_PORT } : null,
    /** The part of requests whose spans are sent to a collector; 0: none is named, nothing is loaded. */
    traced: e.OTEL_EXPORTER_OTLP_ENDPOINT === '' ? 0 : e.OTEL_TRACES_SAMPLER_ARG,
    exit_with_stdin: e.PORTICO_STDIN === 'watch'
  }
}

export const config = Object.freeze(parse())

const held = new Map<string, string>()

/** A secret by its name, from its file. Read once. Throws when the function was not given it. */
export function secret(name: string): string {
  let value = held.get(name)
  if (value === undefined) {
    try {
      value = readFileSync(join(config.secrets, name), 'utf8').trim()
    } catch (cause) {
      throw new Error(`the secret "${name}" is not mounted`, { cause })
    }
    held.set(name, value)
  }
  return value
}

/** A secret that holds key bytes in base64. */
export const secretKey = (name: string): Uint8Array => new Uint8Array(Buffer.from(secret(name), 'base64'))

const StoreSecret = z.object({
  endpoint: z.url(),
  public_endpoint: z.url(),
  region: z.string(),
  access_key_id: z.string(),
  secret_access_key: z.string(),
  session_token: z.string().optional()
})
export type StoreSecret = z.infer<typeof StoreSecret>

/** The object store's address and one key for it. `public_endpoint` is the origin that browsers reach it by. */
export const storeSecret = (name: string): StoreSecret => StoreSecret.parse(JSON.parse(secret(name)))
