/**
 * Which acts ask for a factor again: every route says so in tests/support/matrix/proof.ts, and does what it says. The
 * calls are the matrix's own.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setDocumentsStage } from '../support/documents.ts'
import { type Handler, call } from '../support/functions.ts'
import { PROOF } from '../support/matrix/proof.ts'
import { RULES } from '../support/matrix/routes.ts'
import { type Role, makeWorld } from '../support/matrix/world.ts'

type Described = { responses: Record<string, { content?: Record<string, unknown> }> }
const { paths }: { paths: Record<string, Record<string, Described>> } = JSON.parse(
  readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')
)
const routes = Object.entries(paths).flatMap(([path, calls]) =>
  Object.entries(calls).map(([method, described]) => ({
    name: `${method.toUpperCase()} ${path.replace('/api/v1', '')}`,
    method,
    responses: described.responses
  }))
)

/** Doors are opened by a secret or a factor; nobody is signed in there who could show one again. */
const isDoor = (name: string) => ['everybody', 'half', 'visitor'].includes(RULES[name]?.for ?? '')

/** Files, tables, pictures: what can be carried away. */
const givesOtherThanJson = ({ responses }: (typeof routes)[number]): boolean =>
  !Object.entries(responses).some(([status, { content }]) => status < '300' && content?.['application/json'])

test('every act, and every way to carry something away, says whether it asks for a factor again', () => {
  const acts = routes.filter((route) => route.method !== 'get' || givesOtherThanJson(route))
  const asked = acts.map((route) => route.name).filter((name) => !isDoor(name))
  assert.deepEqual(Object.keys(PROOF).toSorted(), asked.toSorted())
})

const stage = await setDocumentsStage()
const world = await makeWorld(stage)
const handlers: Record<string, Handler> = { documents: stage.documents }
for (const name of ['auth', 'admin', 'audit', 'sharing', 'automations'])
  handlers[name] = await stage.handler(name)

async function codeOf(route: string, role: Role): Promise<string> {
  const rule = RULES[route]
  assert.ok(rule, route)
  const at = { stage, world, place: 'own' as const, role }
  const ask = rule.for === 'owner' ? await rule.ask({ ...at, owner: world.maker }) : await rule.ask(at)
  const [, name = '', path = ''] = /^\/(\w+)(\/.*)$/.exec(ask.path) ?? []
  const handler = handlers[name]
  assert.ok(handler, name)
  // Sessions end on the way, and a proof gives the session a new token: one for each call.
  const cookie = await stage.signIn({ id: world.maker })
  await stage.owner.query(
    `update session set proved_at = now() - make_interval(mins => $1) where person_id = $2`,
    [minutes, world.maker]
  )
  const answer = await call(handler, route.split(' ')[0] ?? '', path, { cookie, body: ask.body })
  const text = await answer.text().catch(() => '')
  return answer.headers.get('content-type')?.includes('problem') ? JSON.parse(text).code : 'none'
}
let minutes = 16

const staff = world.roles.find((role) => role.person_id === world.maker)
assert.ok(staff)

for (const [route, proof] of Object.entries(PROOF)) {
  const says = 'asks' in proof ? 'asks again after a quarter of an hour' : `stays open: ${proof.open}`
  test(`${route} ${says}`, async () => {
    minutes = 16
    assert.equal((await codeOf(route, staff)) === 'proof_needed', 'asks' in proof)
    minutes = 14
    assert.notEqual(await codeOf(route, staff), 'proof_needed')
  })
}
