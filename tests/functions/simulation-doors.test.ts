/** What the simulator says of somebody is what that person meets at each door, in a small firm of chance. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Simulation } from '../../functions/_shared/contract/access.ts'
import { asCaller, setDocumentsStage } from '../support/documents.ts'
import { makeDocument, makeFolder } from '../support/matrix/world.ts'

const SEED = Number(process.env.PORTICO_SEED ?? Date.now() % 2 ** 31)
const PEOPLE = 24
const DAY = 86_400_000

const stage = await setDocumentsStage()
const firm = await stage.seedFirm()
const admin = await stage.handler('admin')
const client = await stage.seedOrganisation('Bergmann GmbH')
const project = await stage.seedProject({ client_id: client })
const folder = await makeFolder(stage, project)
const closed = await makeFolder(stage, folder, false)
const places = [project, folder, closed]
const documents = await Promise.all(
  [project, folder, closed, closed].map((place) => makeDocument(stage, place))
)
const manager = await stage.seedPerson({ name: 'Manager', staff_role: 'staff' })
for (const thing of places) await stage.seedGrant({ person_id: manager.id, node_id: thing, level: 4 })
const asManager = asCaller(admin, await stage.signIn(manager))

const window = fc.constantFrom<[number, number]>(
  [-Infinity, Infinity],
  [-Infinity, Infinity],
  [-2, -1],
  [-1, 1],
  [1, 2]
)
const grant = fc.record({ window, thing: fc.nat(6), level: fc.integer({ min: 1, max: 4 }), kind: fc.nat(3) })
const person = fc.record({
  role: fc.constantFrom(null, null, 'staff', 'assistant', 'auditor') as fc.Arbitrary<
    null | 'staff' | 'assistant' | 'auditor'
  >,
  member: fc.boolean(),
  grants: fc.array(grant, { minLength: 1, maxLength: 4 })
})
const time = (days: number) =>
  Number.isFinite(days) ? new Date(Date.now() + days * DAY) : days < 0 ? '-infinity' : 'infinity'

/** A person as drawn, with what they were given. */
async function make({ role, member, grants }: typeof person extends fc.Arbitrary<infer T> ? T : never) {
  const made = await stage.seedPerson({ staff_role: role, organisation_id: member || !role ? client : null })
  for (const one of grants) {
    const thing = [...places, ...documents][one.thing] ?? firm
    const column = places.includes(thing) || thing === firm ? 'node_id' : 'document_id'
    await stage.owner.query(
      `insert into access_grant (person_id, ${column}, level, allows, valid_from, valid_until) values ($1, $2, $3, $4, $5, $6)`,
      [made.id, thing, one.level, one.kind > 0, time(one.window[0]), time(one.window[1])]
    )
  }
  return { ...made, documents: asCaller(stage.documents, await stage.signIn(made)) }
}
type Somebody = Awaited<ReturnType<typeof make>>

const LEVELS = ['none', 'view', 'download', 'contribute', 'manage']
/** The least level that opens each door of a document; nobody learns more than that it is not there. */
const DOORS: [least: string, method: string, path: (id: string) => string, body?: object][] = [
  ['view', 'GET', (id) => `/documents/${id}`],
  ['view', 'GET', (id) => `/documents/${id}/comments`],
  ['download', 'GET', (id) => `/documents/${id}/content`],
  ['manage', 'PUT', (id) => `/documents/${id}/labels`, { tags: [], description: '', described_at: null }]
]

async function doorsOf(who: Somebody, id: string, level: string): Promise<string[]> {
  const wrong: string[] = []
  for (const [least, method, path, body] of DOORS) {
    const { status } = await who.documents.send(method, path(id), body)
    const has = LEVELS.indexOf(level)
    const want = has >= LEVELS.indexOf(least) ? 'open' : has === 0 ? 404 : 403
    // 409: whoever manages came in, and found that another one of them had written a description before.
    const came = status < 400 || (least === 'manage' && status === 409)
    if (want === 'open' ? !came : status !== want) wrong.push(`${method} ${path(id)}: ${status} for ${level}`)
  }
  return wrong
}

test(`the simulator agrees with the doors for ${PEOPLE} people of chance and every document (seed ${SEED})`, async (t) => {
  const people = fc.sample(person, { numRuns: PEOPLE, seed: SEED })
  const met = new Map<string, number>()
  for (const drawn of people) {
    const who = await make(drawn)
    for (const id of documents) {
      const said = await asManager.ok<Simulation>('GET', `/things/${id}/simulation?who=${who.id}`)
      met.set(said.level, (met.get(said.level) ?? 0) + 1)
      assert.deepEqual(await doorsOf(who, id, said.level), [], JSON.stringify(drawn))
    }
  }
  t.diagnostic(JSON.stringify(Object.fromEntries(met)))
  assert.ok(met.size > 2)
})
