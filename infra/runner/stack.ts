/** stack.yml as the runner and the edge need it: the only list of functions there is. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((value) => Number.parseInt(value, 10))
const mebibytes = z
  .string()
  .regex(/^\d+Mi$/)
  .transform((value) => Number.parseInt(value, 10) * 1024 * 1024)
const flag = z.enum(['true', 'false']).default('false')

/** Bytes in /tmp where stack.yml does not say. */
const TMP = 256 * 1024 * 1024

const Entry = z.object({
  build_args: z.record(z.string(), z.string()).default({}),
  // A variable that is set to nothing is YAML's null, and not the word.
  environment: z
    .record(
      z.string(),
      z.preprocess((value) => value ?? '', z.coerce.string())
    )
    .default({}),
  secrets: z.array(z.string()).default([]),
  limits: z.object({ memory: mebibytes }),
  annotations: z.object({
    'portico.public': flag,
    'portico.eager': flag,
    'portico.sandbox': z.enum(['true', 'nested', 'false']).default('false'),
    'portico.rules': z
      .string()
      .regex(/^[^;=]{1,80}$/)
      .optional(),
    'portico.tmp': mebibytes.optional(),
    'portico.idle': z.coerce.number().int().positive().optional()
  })
})
const StackFile = z.object({ functions: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), Entry) })

export type FunctionSpec = {
  name: string
  /** Of its image. */
  build_args: Record<string, string>
  environment: Record<string, string>
  secrets: string[]
  /** Bytes; a process that holds more is ended, as a container would be. */
  memory: number
  /** Seconds that one call may take. */
  exec_timeout: number
  /** People call it, through the edge. */
  is_public: boolean
  /** Starts with the portal. */
  is_eager: boolean
  /** Reads strangers' bytes: has a room without network (room.ts), which `nested` ones may divide further. */
  sandbox: 'true' | 'nested' | 'false'
  /** It offers itself to rules, by these words; null: it does not. */
  rule_title: string | null
  /** Bytes that it may have in /tmp there. */
  tmp: number
  /** Seconds without a call after which its process is stopped; null: it stays. */
  idle: number | null
}

/** `${NAME:-default}` as faas-cli substitutes it. */
export function substitute(text: string, values: Record<string, string | undefined>): string {
  return text.replace(
    /\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g,
    (_, name: string, otherwise?: string) => values[name] || otherwise || ''
  )
}

/**
 * @param text of stack.yml
 * @param values of the variables in it
 * @throws when it does not fit; the message names the place
 */
export function parseStack(text: string, values: Record<string, string | undefined>): FunctionSpec[] {
  const stack = StackFile.parse(parse(substitute(text, values)))
  const specs = Object.entries(stack.functions).map(([name, entry]) => ({
    name,
    build_args: entry.build_args,
    environment: entry.environment,
    secrets: entry.secrets,
    memory: entry.limits.memory,
    exec_timeout: seconds.parse(entry.environment.exec_timeout),
    is_public: entry.annotations['portico.public'] === 'true',
    is_eager: entry.annotations['portico.eager'] === 'true',
    sandbox: entry.annotations['portico.sandbox'],
    rule_title: entry.annotations['portico.rules'] ?? null,
    tmp: entry.annotations['portico.tmp'] ?? TMP,
    idle: entry.annotations['portico.idle'] ?? null
  }))
  // Whoever does the rules' work is told who offers itself, unless the operator has said it.
  for (const { environment } of specs)
    if (environment.RULE_FUNCTIONS === '') environment.RULE_FUNCTIONS = offers(specs)
  return specs
}

/** The names of those that offer themselves to rules. */
export const ownFunctions = (specs: FunctionSpec[]): string[] =>
  specs.flatMap(({ name, rule_title }) => (rule_title === null ? [] : [name]))

/** `name=Title; name=Title`, as config.ts reads it. */
export const offers = (specs: Pick<FunctionSpec, 'name' | 'rule_title'>[]): string =>
  specs.flatMap(({ name, rule_title }) => (rule_title === null ? [] : [`${name}=${rule_title}`])).join('; ')

export const readStack = (file: URL, values: Record<string, string | undefined>): FunctionSpec[] =>
  parseStack(readFileSync(file, 'utf8'), values)
