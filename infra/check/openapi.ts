/**
 * Merges the OpenAPI 3.1 documents of the public functions into docs/openapi.json, which the edge serves at
 * /api/v1/openapi.json. Components must agree: two functions that mean different things by one name stop the build.
 * The types of what is open to API keys go into client/api.d.ts. `--check` compares instead of writing.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import openapiTS, { type OpenAPI3, astToString } from 'openapi-typescript'
import { SCOPES } from '../../functions/_shared/contract/api-key.ts'
import { keyAllows } from '../../functions/_shared/rules/api-key.ts'

const PUBLIC = ['auth', 'documents', 'admin', 'audit', 'sharing', 'automations']
const FILE = new URL('../../docs/openapi.json', import.meta.url)
const TYPES = new URL('../../client/api.d.ts', import.meta.url)

type Part = { paths?: Record<string, object>; components?: Record<string, Record<string, object>> }

type Merged = {
  openapi: string
  info: { title: string; version: string; description: string }
  paths: Record<string, object>
  components: Record<string, Record<string, object>>
}

const DOORS = {
  session: { type: 'apiKey', in: 'cookie', name: '__Host-portico', description: 'A signed-in person.' },
  key: { type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer portico_…`.' }
}

/** Who may come in: people by their session and, where a scope opens it, programs by a key. */
function doors(name: string, method: string, path: string) {
  const session = { session: [] }
  if (name !== 'documents' && name !== 'audit' && name !== 'sharing') return { security: [session] }
  const scope = SCOPES.find((one) => {
    const key = { scopes: [one], project_id: null }
    return keyAllows(key, name, method.toUpperCase(), path.replaceAll(/[{}]/g, '')).allowed
  })
  return scope ? { security: [session, { key: [] }], 'x-scope': scope } : { security: [session] }
}

/** Moves a function's document under /api/v1/NAME and joins it to the others. Throws on components that differ. */
export function merge(parts: Record<string, Part>): Merged {
  const paths: Record<string, object> = {}
  const components: Record<string, Record<string, object>> = {}
  for (const [name, part] of Object.entries(parts)) {
    for (const [path, item] of Object.entries(part.paths ?? {}))
      paths[`/api/v1/${name}${path}`] = Object.fromEntries(
        Object.entries(item).map(([method, operation]) => [
          method,
          { tags: [name], ...operation, ...doors(name, method, path) }
        ])
      )
    for (const [kind, entries] of Object.entries(part.components ?? {}))
      for (const [key, value] of Object.entries(entries)) {
        const known = components[kind]?.[key]
        if (known && !isDeepStrictEqual(known, value))
          throw new Error(`${name}: ${kind}.${key} differs from another function's`)
        components[kind] = { ...components[kind], [key]: value }
      }
  }
  const sorted = Object.fromEntries(Object.entries(paths).sort(([a], [b]) => a.localeCompare(b)))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Portico',
      version: 'v1',
      description: 'The API that the portal itself uses. Errors are RFC 9457 problems with a stable `code`.'
    },
    paths: sorted,
    components: { ...components, securitySchemes: DOORS }
  }
}

/** The part of it that programs reach, and the components that this part speaks of. */
export function forPrograms({ components, paths, ...rest }: Merged): Merged {
  const open = Object.entries(paths).flatMap(([path, item]) => {
    const calls = Object.entries(item).filter(([, operation]) => 'x-scope' in operation)
    return calls.length > 0 ? [[path, Object.fromEntries(calls)] as const] : []
  })
  const schemas: Record<string, object> = Object.fromEntries(Object.entries(components.schemas ?? {}))
  const used: Record<string, object> = {}
  const look = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      const schema = schemas[name]
      if (!schema || used[name]) continue
      used[name] = schema
      look(schema)
    }
  }
  look(open)
  const sorted = Object.fromEntries(Object.entries(used).sort(([a], [b]) => a.localeCompare(b)))
  return { ...rest, paths: Object.fromEntries(open), components: { ...components, schemas: sorted } }
}

async function typesOf(merged: Merged): Promise<string> {
  const document: OpenAPI3 = JSON.parse(JSON.stringify(forPrograms(merged)))
  const head = '/** Made from docs/openapi.json by `npm run docs`: the calls that are open to API keys. */\n'
  return head + astToString(await openapiTS(document, { alphabetize: true }))
}

async function main(): Promise<void> {
  // Nothing here listens or connects: the handlers are only asked for their routes. Their pools want an address, no more.
  const secrets = mkdtempSync(join(tmpdir(), 'portico-openapi-'))
  process.on('exit', () => rmSync(secrets, { recursive: true, force: true }))
  for (const name of ['db-app', 'edge-token', 'data-key', 'job-signing-key'])
    writeFileSync(join(secrets, name), 'postgres://nobody')
  process.env.secret_mount_path = secrets
  const parts: Record<string, Part> = {}
  for (const name of PUBLIC) {
    const { default: app } = await import(`../../functions/${name}/handler.ts`)
    parts[name] = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: name, version: 'v1' } })
  }
  const merged = merge(parts)
  const made = [
    { file: FILE, name: 'docs/openapi.json', text: `${JSON.stringify(merged, null, 2)}\n` },
    { file: TYPES, name: 'client/api.d.ts', text: await typesOf(merged) }
  ]
  for (const { file, name, text } of made)
    if (!process.argv.includes('--check')) writeFileSync(file, text)
    else if (readFileSync(file, 'utf8') !== text) {
      process.stdout.write(`${name} is not what the functions say: npm run docs\n`)
      process.exitCode = 1
    }
  process.exit()
}

if (import.meta.main) await main()
