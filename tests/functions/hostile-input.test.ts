/**
 * No input makes a route stumble: each field of each call of the matrix, in the body and in the query, is given values that
 * zod, JSON or PostgreSQL read differently. A refusal is fine, and so is an answer; a 500 is not.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setDocumentsStage } from '../support/documents.ts'
import { type Handler, call } from '../support/functions.ts'
import type { Ask } from '../support/matrix/asks.ts'
import { RULES } from '../support/matrix/routes.ts'
import { makeWorld } from '../support/matrix/world.ts'

const HOSTILE: unknown[] = [
  'a\u0000b',
  '\ud800',
  // A year that PostgreSQL has not, a zone wider than it knows, the moment in between two clocks, and none at all.
  '0000-01-01T00:00:00Z',
  '2026-01-01T00:00:00+23:59',
  '2026-10-25T02:30:00.123456789+01:00',
  '9999-12-31T23:59:59.999Z',
  'x'.repeat(70_000),
  "'; drop table person; --",
  '‮\u2066evil\u2069',
  '',
  '%00',
  'infinity',
  -1,
  2 ** 53,
  1e308,
  0.5,
  true,
  null,
  [],
  [null],
  {},
  { toString: 1 },
  ['00000000-0000-0000-0000-000000000000', 'x']
]

/** Each value in turn in the place of each field, one level deep in lists and objects. */
function* spoiled(body: unknown): Generator<unknown> {
  if (Array.isArray(body)) {
    for (const value of HOSTILE) yield [value, ...body.slice(1)]
    for (const one of spoiled(body[0])) yield [one, ...body.slice(1)]
  } else if (body !== null && typeof body === 'object') {
    for (const [key, old] of Object.entries(body)) {
      for (const value of HOSTILE) yield { ...body, [key]: value }
      if (old !== null && typeof old === 'object')
        for (const one of spoiled(old)) yield { ...body, [key]: one }
    }
  }
}

const TEXTS = HOSTILE.filter(
  (value) => typeof value === 'string' && value.isWellFormed() && value.length < 100
) as string[]

type Described = Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>
const { paths }: { paths: Described } = JSON.parse(
  readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')
)

/** Paths whose ids and queries are not what they should be. */
function* strayPaths(route: string, path: string): Generator<string> {
  const [method = '', template = ''] = route.split(' ')
  const [plain = '', query] = path.split('?')
  for (const value of ['%00', 'x', encodeURIComponent("'"), '%ff'])
    yield plain.replace(/[0-9a-f-]{36}/, value) + (query ? `?${query}` : '')
  const names = paths[`/api/v1${template}`]?.[method.toLowerCase()]?.parameters ?? []
  for (const { name } of names.filter((one) => one.in === 'query'))
    for (const value of [...TEXTS, '99999999999999999999', 'eyJhIjoxfQ'])
      yield `${plain}?${query ? `${query}&` : ''}${name}=${encodeURIComponent(value)}`
}

const stage = await setDocumentsStage()
const world = await makeWorld(stage)
const handlers: Record<string, Handler> = { documents: stage.documents }
for (const name of ['auth', 'admin', 'audit', 'sharing', 'automations'])
  handlers[name] = await stage.handler(name)
// All that is allowed to anybody here: what is refused for want of rights reads nothing.
const role = world.roles.find((one) => one.name === 'administrator without a grant')
const visitor = world.roles.find((one) => one.name === 'visitor')
assert.ok(role?.person_id && visitor)
await stage.owner.query('insert into assignment (person_id, client_id) values ($1, $2)', [
  role.person_id,
  world.places.own.client
])
await stage.seedGrant({ person_id: role.person_id, node_id: world.places.own.project, level: 4 })

let asked = 0
async function statusOf(route: string, { path, body }: Pick<Ask, 'path' | 'body'>): Promise<number> {
  const [, name = '', rest = ''] = /^\/(\w+)(\/.*)$/.exec(path) ?? []
  const handler = handlers[name]
  assert.ok(handler, name)
  const cookie = RULES[route]?.for === 'visitor' ? visitor?.cookie : role?.cookie
  const address = `2001:db8:1:${(asked += 1).toString(16)}::1`
  const answer = await call(handler, route.split(' ')[0] ?? '', rest, {
    ...{ body, address },
    ...(cookie && { cookie })
  })
  await answer.arrayBuffer().catch(() => undefined)
  return answer.status
}

// What ends the session that asks comes last.
const routes = Object.keys(RULES).toSorted(
  (a, b) => Number(/sign-out|sessions/.test(a)) - Number(/sign-out|sessions/.test(b))
)
for (const route of routes)
  test(`${route} takes or refuses whatever comes`, async () => {
    const rule = RULES[route]
    assert.ok(rule)
    const at = { stage, world, place: 'own' as const, role }
    const ask =
      rule.for === 'owner' ? await rule.ask({ ...at, owner: role.person_id ?? '' }) : await rule.ask(at)
    const wrong: string[] = []
    for (const body of spoiled(ask.body)) {
      const status = await statusOf(route, { path: ask.path, body })
      if (status === 500) wrong.push(JSON.stringify(body).slice(0, 200))
    }
    if (route.startsWith('GET'))
      for (const path of strayPaths(route, ask.path))
        if ((await statusOf(route, { path })) === 500) wrong.push(path.slice(0, 200))
    assert.deepEqual(wrong, [])
  })
