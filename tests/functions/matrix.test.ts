/**
 * Each route of the API × each role × one's own and foreign things. What is expected comes from the access rule in the
 * database; no answer may hold a thing that the rule hides from whoever asked. A route without a line in RULES fails.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setDocumentsStage } from '../support/documents.ts'
import { type Handler, call } from '../support/functions.ts'
import { type Ask, CONTRIBUTE, MANAGE } from '../support/matrix/asks.ts'
import { expected, fits, leaked, placesOf } from '../support/matrix/expect.ts'
import { RULES } from '../support/matrix/routes.ts'
import { PLACES, type Role, levelOf, makeWorld } from '../support/matrix/world.ts'

const stage = await setDocumentsStage()
const world = await makeWorld(stage)
const handlers: Record<string, Handler> = {
  documents: stage.documents,
  auth: await stage.handler('auth'),
  admin: await stage.handler('admin'),
  audit: await stage.handler('audit'),
  sharing: await stage.handler('sharing'),
  automations: await stage.handler('automations')
}

const described: { paths: Record<string, Record<string, unknown>> } = JSON.parse(
  readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')
)
const routes = Object.entries(described.paths).flatMap(([path, calls]) =>
  Object.keys(calls).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`)
)

test('every route says here what it asks of whom, and no line is about a route that is gone', () => {
  assert.deepEqual(Object.keys(RULES).toSorted(), routes.toSorted())
})

test('a share is capped, a deputy holds what the absent one holds, and of a guest whose stay ended nothing is left', async () => {
  const levels = async (name: string, role = world.roles.find((one) => one.name === name)) =>
    role && Promise.all(PLACES.map((place) => levelOf(stage, role, world.places[place].folder)))
  assert.deepEqual(await levels('sub-account'), [CONTRIBUTE, 0, 0])
  assert.deepEqual(await levels('deputy'), [MANAGE, MANAGE, 0])
  assert.deepEqual(await levels('guest whose stay ended'), [0, 0, 0])
})

type Answer = { status: number; text: string }

/** The answer; where it speaks of several things, the outcome of the one that was asked for. */
async function send(method: string, ask: Ask, role: Role): Promise<Answer> {
  const [, name = '', path = ''] = /^\/(\w+)(\/.*)$/.exec(ask.path) ?? []
  const handler = handlers[name]
  assert.ok(handler, name)
  // An address of its own: limits are counted for each, and are no question of rights.
  const address = `2001:db8:${Math.floor(Math.random() * 65_535).toString(16)}:${(count += 1).toString(16)}::1`
  const answer = await call(handler, method, path, { cookie: role.cookie, body: ask.body, address })
  // A ZIP whose files are not in the store breaks off: that it was begun is the answer.
  const text = await answer.text().catch(() => '')
  return { status: outcomeOf(answer, text), text }
}
let count = 0

const REFUSED: Record<string, number> = { not_found: 404, forbidden: 403 }

function outcomeOf(answer: Response, text: string): number {
  if (answer.status !== 200 || !answer.headers.get('content-type')?.includes('json')) return answer.status
  const body: { things?: { outcome?: string }[]; outcomes?: { outcome?: string }[] } | null = JSON.parse(text)
  const outcome = (Array.isArray(body?.things) ? body.things : body?.outcomes)?.[0]?.outcome
  return REFUSED[outcome ?? ''] ?? 200
}

/** A deputy does another's work, and has nothing that is theirs alone. */
const ownersFor = (role: Role): string[] => [
  ...new Set([
    role.person_id ?? world.maker,
    world.stranger,
    ...(role.name === 'deputy' ? [world.maker] : [])
  ])
]

// What ends the sessions of the roles comes last.
const inOrder = Object.entries(RULES).toSorted(
  ([, a], [, b]) =>
    Number(a.for === 'everybody' && a.ends === true) - Number(b.for === 'everybody' && b.ends === true)
)
for (const [route, rule] of inOrder) {
  const [method = ''] = route.split(' ')
  test(route, async () => {
    const wrong: string[] = []
    for (const role of world.roles)
      for (const place of placesOf(rule))
        for (const owner of rule.for === 'owner' ? ownersFor(role) : [null]) {
          const at = { stage, world, place, role }
          const ask =
            rule.for === 'owner' ? await rule.ask({ ...at, owner: owner ?? '' }) : await rule.ask(at)
          const want = await expected({ ...at, rule, ask, owner })
          const answer = await send(method, ask, role)
          const leak = await leaked(stage, answer.text, role)
          if (!fits(answer.status, want, ask.business))
            wrong.push(
              `${role.name}, ${place}${owner ? (owner === role.person_id ? ', own' : ', another’s') : ''}: ${answer.status} for ${want.join(' or ')}: ${answer.text.slice(0, 160)}`
            )
          if (leak.length > 0) wrong.push(`${role.name}, ${place}: shows ${leak.join(', ')}`)
        }
    assert.deepEqual(wrong, [])
  })
}
