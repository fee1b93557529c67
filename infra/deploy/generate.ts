/**
 * The functions of stack.yml as compose services and as values of the Helm chart, so that there is one list.
 *
 *   node infra/deploy/generate.ts [--check]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { type FunctionSpec, offers, parseStack } from '../runner/stack.ts'

const at = (path: string) => new URL(path, import.meta.url)
const MADE = '# Made of stack.yml by infra/deploy/generate.ts: change that, and run it again.\n'

/** Variables that an installation sets, in stack.yml's own words: they stay open here. */
const OPEN = /\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/

/** stack.yml with its variables as they stand there, for whoever fills them in later. */
function readOpen(): FunctionSpec[] {
  const text = readFileSync(at('../../stack.yml'), 'utf8')
  const kept = text.replace(
    /\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g,
    (_, name, otherwise = '') => `<${name}:-${otherwise}>`
  )
  const specs = parseStack(kept, {})
  return specs.map((spec) => ({
    ...spec,
    environment: Object.fromEntries(
      Object.entries(spec.environment).map(([name, value]) => [
        name,
        value.replace(
          /<([A-Z][A-Z0-9_]*):-([^>]*)>/,
          (_, variable, otherwise) =>
            `\${${variable}:-${(variable === 'RULE_FUNCTIONS' && offers(specs)) || otherwise}}`
        )
      ])
    )
  }))
}

/** Asks other people's servers: mail, the provider of the firm's accounts, webhooks. */
const goesOut = (spec: FunctionSpec): boolean => 'OUTGOING_ALLOW' in spec.environment
/** Has other functions do something: draw and mark pages, or what a rule says. */
const callsOthers = (spec: FunctionSpec): boolean => 'GATEWAY_URL' in spec.environment
const needsDatabase = (spec: FunctionSpec): boolean => spec.secrets.some((name) => name.startsWith('db-'))
const reads = (spec: FunctionSpec): boolean => spec.sandbox !== 'false'
const mebibytes = (bytes: number): string => `${bytes / 1024 / 1024}M`

/** A function as a compose service. */
function service(spec: FunctionSpec) {
  const { name } = spec
  const networks = [
    ...(reads(spec) ? ['parsers'] : ['inner']),
    ...(needsDatabase(spec) ? ['data'] : []),
    ...(spec.secrets.some((name) => name.startsWith('store-')) ? ['store'] : []),
    ...(goesOut(spec) ? ['out'] : [])
  ]
  const large = spec.tmp > 256 * 1024 * 1024
  return {
    image: `\${REGISTRY:-ghcr.io/portico}/portico-${name}:\${TAG:-0.1.0}`,
    build: {
      context: '../../..',
      dockerfile: 'infra/deploy/Dockerfile',
      target: 'function',
      args: spec.build_args
    },
    environment: { ...composeEnvironment(spec), secret_mount_path: '/run/secrets' },
    secrets: spec.secrets,
    networks,
    read_only: true,
    // What a GiB needs lies on the disk, in a volume that goes with the container; the rest in memory.
    ...(large ? { volumes: [{ type: 'volume', target: '/tmp' }] } : { tmpfs: ['/tmp:size=256m,mode=1777'] }),
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    restart: 'unless-stopped',
    ...(needsDatabase(spec) && { depends_on: { prepare: { condition: 'service_completed_successfully' } } }),
    stop_grace_period: `${spec.exec_timeout + 5}s`,
    healthcheck: health('http://127.0.0.1:8080/_/ready'),
    deploy: { resources: { limits: { memory: mebibytes(spec.memory) } } }
  }
}

/** The gateway's address is the front here, the scanner's the one beside. */
function composeEnvironment(spec: FunctionSpec): Record<string, string> {
  const own: Record<string, string> = {
    GATEWAY_URL: 'http://front:8080',
    ORIGIN: '${ORIGIN:?the address by which people reach the portal}',
    CLAMAV_HOST: 'clamd'
  }
  return Object.fromEntries(
    Object.entries(spec.environment).map(([name, value]) => [name, own[name] ?? value])
  )
}

export const health = (url: string) => ({
  test: [
    'CMD',
    'node',
    '-e',
    `fetch('${url}').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`
  ],
  interval: '15s',
  timeout: '5s',
  start_period: '20s',
  retries: 3
})

/** A function as the chart's templates read it; `env` holds what stack.yml says where the chart's values do not. */
function chartValue(spec: FunctionSpec) {
  return {
    name: spec.name,
    env: Object.fromEntries(
      Object.entries(spec.environment).map(([name, value]) => {
        const [, variable, otherwise] = OPEN.exec(value) ?? []
        return [name, variable ? { value: otherwise ?? '', from: variable } : { value }]
      })
    ),
    secrets: spec.secrets,
    memory: `${spec.memory / 1024 / 1024}Mi`,
    timeout: spec.exec_timeout,
    tmp: `${spec.tmp / 1024 / 1024}Mi`,
    database: needsDatabase(spec),
    parser: reads(spec),
    out: goesOut(spec),
    gateway: callsOthers(spec),
    store: spec.secrets.some((name) => name.startsWith('store-')) || reads(spec)
  }
}

export function made(): Map<URL, string> {
  const specs = readOpen()
  const services = Object.fromEntries(specs.map((spec) => [spec.name, service(spec)]))
  // 1.1 as well: there 'off' is no word unless it is quoted.
  const options = { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' } as const
  return new Map([
    [at('./compose/functions.yml'), MADE + stringify({ services }, options)],
    [at('./helm/portico/files/functions.yaml'), MADE + stringify(specs.map(chartValue), options)]
  ])
}

if (import.meta.main) {
  const check = process.argv.includes('--check')
  for (const [file, text] of made()) {
    if (check && (!existsSync(file) || readFileSync(file, 'utf8') !== text)) {
      process.stdout.write(`${file.pathname} is not what stack.yml says: node infra/deploy/generate.ts\n`)
      process.exitCode = 1
    }
    if (!check) writeFileSync(file, text)
  }
}
