import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readDescription, typeText } from '../../web/src/routes/(app)/api/description.ts'

const { groups, types } = readDescription(
  JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'))
)
const calls = groups.flatMap((group) => group.calls)

test('every call has a summary, an address of its own on the page, and answers', () => {
  assert.ok(calls.length > 30)
  assert.equal(new Set(calls.map((call) => call.id)).size, calls.length)
  for (const call of calls) assert.ok(call.summary && call.answers.length > 0, call.path)
})

test('only what the rule opens to keys names a scope', () => {
  const scopes = new Map(calls.map((call) => [`${call.method} ${call.path}`, call.scope]))
  assert.equal(scopes.get('GET /api/v1/documents/documents/{id}/content'), 'read')
  assert.equal(scopes.get('POST /api/v1/documents/uploads'), 'upload')
  assert.equal(scopes.get('POST /api/v1/documents/folders'), 'write')
  assert.equal(scopes.get('POST /api/v1/documents/documents/{id}/release'), null)
  assert.equal(scopes.get('POST /api/v1/admin/keys'), null)
})

test('bodies are shown with the fields that they must have', () => {
  const made = calls.find((call) => call.method === 'POST' && call.path === '/api/v1/admin/keys')
  assert.deepEqual(
    made?.body.map(({ name, required }) => [name, required]),
    [
      ['name', true],
      ['scopes', true],
      ['project_id', false],
      ['days', true]
    ]
  )
  assert.ok(types.some((type) => type.name === 'Document' && type.fields.length > 5))
})

test('a type is written as developers write it', () => {
  assert.equal(typeText({ $ref: '#/components/schemas/Document' }), 'Document')
  assert.equal(
    typeText({ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
    '(string | null)[]'
  )
  assert.equal(typeText({ type: ['string', 'null'], format: 'uuid' }), 'string | null (uuid)')
  assert.equal(typeText({ enum: ['a', 'b'] }), '"a" | "b"')
})
