/** JSON schemas for kubeconform, made of what Kubernetes, CloudNativePG and Knative publish of themselves as Go modules. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const KUBERNETES = 'k8s.io/kubernetes@v1.32.0'
const CUSTOM = [
  ['github.com/cloudnative-pg/cloudnative-pg@v1.27.0', 'config/crd/bases/postgresql.cnpg.io_clusters.yaml'],
  [
    'github.com/cloudnative-pg/cloudnative-pg@v1.27.0',
    'config/crd/bases/postgresql.cnpg.io_scheduledbackups.yaml'
  ],
  ['knative.dev/serving@v0.51.0', 'config/core/300-resources/service.yaml']
] as const

type Schema = { [key: string]: unknown }
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null

/** The folder of a module's source, fetched if need be; null where Go or its proxy is not to be had. */
function moduleFolder(name: string): string | null {
  const got = spawnSync('go', ['mod', 'download', '-json', name], { encoding: 'utf8' })
  if (got.status !== 0) return null
  const said: { Dir?: string } = JSON.parse(got.stdout)
  return said.Dir ?? null
}

/** As kubeconform's own strict schemas: a field that the API does not know is a mistake. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (!isSchema(schema)) return schema
  if (schema.format === 'int-or-string') return { anyOf: [{ type: 'string' }, { type: 'integer' }] }
  const made: Schema = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]))
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (isSchema(schema.properties) && !('additionalProperties' in schema) && !isOpen)
    made.additionalProperties = false
  return made
}

/** Writes KIND-VERSION.json into the folder. False when the sources cannot be had. */
export function writeSchemas(folder: string): boolean {
  const kubernetes = moduleFolder(KUBERNETES)
  const custom = CUSTOM.map(([module, file]) => [moduleFolder(module), file] as const)
  if (kubernetes === null || custom.some(([at]) => at === null)) return false
  mkdirSync(folder, { recursive: true })
  const put = (kind: string, group: string, version: string, schema: unknown) =>
    writeFileSync(
      join(
        folder,
        `${[kind, ...(group ? [group.split('.')[0]] : []), version].join('-').toLowerCase()}.json`
      ),
      JSON.stringify(schema)
    )

  const { definitions }: { definitions: Record<string, Schema> } = JSON.parse(
    readFileSync(join(kubernetes, 'api/openapi-spec/swagger.json'), 'utf8')
  )
  const all = strict(definitions)
  for (const [name, definition] of Object.entries(definitions)) {
    const kinds = definition['x-kubernetes-group-version-kind']
    if (!Array.isArray(kinds) || kinds.length !== 1 || !WANTED.has(kinds[0].kind)) continue
    const { group, version, kind } = kinds[0]
    put(kind, group, version, { definitions: all, $ref: `#/definitions/${name}` })
  }
  for (const [at, file] of custom) {
    const { spec } = parse(readFileSync(join(at ?? '', file), 'utf8'))
    for (const version of spec.versions) {
      const schema = strict(version.schema.openAPIV3Schema)
      if (isSchema(schema) && isSchema(schema.properties))
        Object.assign(schema.properties, { metadata: { type: 'object' } })
      put(spec.names.kind, spec.group, version.name, schema)
    }
  }
  return true
}

/** Kinds that the chart makes. */
const WANTED = new Set([
  'CronJob',
  'Deployment',
  'Ingress',
  'Job',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'Service',
  'StatefulSet'
])
