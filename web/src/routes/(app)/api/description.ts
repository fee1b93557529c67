/** The OpenAPI description as a page can show it. Pure. */

type Schema = {
  $ref?: string
  type?: string | string[]
  format?: string
  pattern?: string
  enum?: unknown[]
  const?: unknown
  items?: Schema
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  required?: string[]
  description?: string
}
type Content = Record<string, { schema?: Schema }>
type Operation = {
  tags?: string[]
  summary?: string
  'x-scope'?: string
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[]
  requestBody?: { content?: Content }
  responses?: Record<string, { description?: string; content?: Content }>
}
export type Description = {
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

export type Field = { name: string; type: string; required: boolean; note: string }
export type Call = {
  id: string
  method: string
  path: string
  summary: string
  scope: string | null
  parameters: Field[]
  body: Field[]
  answers: { status: string; text: string }[]
}
export type Group = { name: string; calls: Call[] }
export type Type = { name: string; fields: Field[] }

/** "string (uuid)", "Document[]", "a | b", "null | integer" */
export function typeText(schema: Schema | undefined): string {
  if (!schema) return ''
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? ''
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeText))].join(' | ')
  if (schema.items) return `${inBrackets(typeText(schema.items))}[]`
  if (schema.properties) return `{ ${Object.keys(schema.properties).join(', ')} }`
  const type = [schema.type ?? []].flat().join(' | ')
  return schema.format ? `${type} (${schema.format})` : type
}

const inBrackets = (type: string): string => (type.includes(' | ') ? `(${type})` : type)

const fieldsOf = (schema: Schema | undefined): Field[] =>
  Object.entries(schema?.properties ?? {}).map(([name, one]) => ({
    name,
    type: typeText(one),
    required: schema?.required?.includes(name) ?? false,
    note: one.description ?? ''
  }))

const schemaOf = (content: Content | undefined): Schema | undefined => Object.values(content ?? {})[0]?.schema

/** The calls by function, in the order of their paths, and the types that they name. */
export function readDescription(description: Description): { groups: Group[]; types: Type[] } {
  const schemas = description.components?.schemas ?? {}
  const resolved = (schema: Schema | undefined): Schema | undefined =>
    schema?.$ref ? schemas[schema.$ref.split('/').at(-1) ?? ''] : schema
  const groups = new Map<string, Call[]>()
  for (const [path, methods] of Object.entries(description.paths))
    for (const [method, one] of Object.entries(methods)) {
      const name = one.tags?.[0] ?? ''
      const call: Call = {
        id: `${method}-${path}`.replaceAll(/[^a-z0-9]+/gi, '-'),
        method: method.toUpperCase(),
        path,
        summary: one.summary ?? '',
        scope: one['x-scope'] ?? null,
        parameters: (one.parameters ?? []).map((parameter) => ({
          name: parameter.name,
          type: typeText(parameter.schema),
          required: parameter.required ?? false,
          note: parameter.in
        })),
        body: fieldsOf(resolved(schemaOf(one.requestBody?.content))),
        answers: Object.entries(one.responses ?? {}).map(([status, answer]) => ({
          status,
          text: [answer.description, typeText(schemaOf(answer.content))].filter(Boolean).join(': ')
        }))
      }
      groups.set(name, [...(groups.get(name) ?? []), call])
    }
  return {
    groups: [...groups].map(([name, calls]) => ({ name, calls })),
    types: Object.entries(schemas).map(([name, schema]) => ({ name, fields: fieldsOf(schema) }))
  }
}
