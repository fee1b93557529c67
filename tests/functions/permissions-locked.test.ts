/** Grants of what is locked: seen and mended by whoever would manage it without the lock, and by nobody else. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type {
  AccessTrial,
  Grant,
  GrantPage,
  Holders,
  ManagedThing,
  Simulation,
  ThingAccess
} from '../../functions/_shared/contract/access.ts'
import type { z } from 'zod'
import { type Name, setPermissionStage } from '../support/permission-stage.ts'

const { stage, documents, people, send, ok, folderIn, documentIn, project, wish, give, levelOf } =
  await setPermissionStage()

const LOCKS = [
  ['may only be looked at', false],
  ['is out of sight', true]
] as const

/** A document in a folder that a lock lies on. */
async function locked(hides: boolean) {
  const top = await project()
  const folder = await folderIn(top, 'Lohn')
  const document = await documentIn(folder, 'Liste.pdf')
  const given = await give('jonas', document, 'karl', 'download')
  const lock = await stage.owner.query<{ id: string }>(
    'insert into access_lock (node_id, hides, valid_from, made_by) values ($1, $2, now(), $3) returning id',
    [folder, hides, people.jonas.id]
  )
  return { top, folder, document, given, lock: lock.rows[0]?.id ?? '' }
}
const refusals = async (who: Name, calls: [string, string, unknown?][]) =>
  Promise.all(calls.map(async (one) => (await send(who, ...one)).status))

test('what lies in the trash is not found there, nor told of below: it is taken out first', async () => {
  const top = await project()
  const folder = await folderIn(top, 'Alt')
  await give('jonas', folder, 'karl', 'view')
  const taken = await send('jonas', 'POST', '/things/trash', { things: [folder] }, documents)
  assert.ok(taken.ok, await taken.text())
  for (const path of ['managed', 'access', 'grants'])
    assert.equal((await send('jonas', 'GET', `/things/${folder}/${path}`)).status, 404)
  assert.deepEqual((await ok<ThingAccess>('jonas', 'GET', `/things/${top}/access`)).below, [])
})

for (const [words, hides] of LOCKS)
  describe(`of a document that ${words}`, () => {
    test('its manager reads the whole screen, by name', async () => {
      const { document, folder } = await locked(hides)
      const managed = await ok<z.infer<typeof ManagedThing>>('jonas', 'GET', `/things/${document}/managed`)
      assert.deepEqual([managed.kind, managed.name], ['document', 'Liste.pdf'])
      const screen = await ok<ThingAccess>('jonas', 'GET', `/things/${document}/access`)
      assert.equal(screen.thing.name, 'Liste.pdf')
      assert.deepEqual(
        screen.locks.map((one) => [one.on.id, one.on.name, one.hides]),
        [[folder, 'Lohn', hides]]
      )
      const { items: grants } = await ok<GrantPage>('jonas', 'GET', `/things/${document}/grants`)
      assert.deepEqual(
        grants.map((one) => one.principal.name),
        ['Karl', 'Bergmann', 'Jonas']
      )
      const { items: holders } = await ok<Holders>('jonas', 'GET', `/things/${document}/holders`)
      // The lock holds for everybody: out of sight is out of sight.
      assert.deepEqual([...new Set(holders.map((one) => one.level))], hides ? [] : ['view'])
      const path = `/things/${document}/simulation?who=${people.karl.id}`
      const simulation = await ok<Simulation>('jonas', 'GET', path)
      assert.equal(simulation.level, hides ? 'none' : 'view')
    })

    test('its manager gives, changes, takes, closes; each is tried first, and the lock stays', async () => {
      const { document, given, lock } = await locked(hides)
      const trial = await ok<AccessTrial>('jonas', 'POST', '/grants/preview', wish(document, 'aylin', 'view'))
      assert.deepEqual(
        trial.moments[0]?.changes.map((one) => [one.who.name, one.thing.name, one.unlocked?.after]),
        [['Aylin', 'Liste.pdf', hides ? 'view' : undefined]]
      )
      await give('jonas', document, 'aylin', 'view')
      assert.equal(await levelOf('aylin', document), 1)
      const change = { level: 'contribute', allows: true, revision: 1 }
      await ok<AccessTrial>('jonas', 'POST', `/grants/${given.id}/preview`, change)
      const changed = await ok<Grant>('jonas', 'PATCH', `/grants/${given.id}`, change)
      assert.equal(changed.level, 'contribute')
      await ok<AccessTrial>('jonas', 'GET', `/grants/${given.id}/removal`)
      assert.equal((await send('jonas', 'DELETE', `/grants/${given.id}`)).status, 204)
      assert.equal(await levelOf('karl', document), 0)
      await ok('jonas', 'PATCH', `/things/${document}/access`, { inherits: false })
      assert.equal(await levelOf('petra', document), 0)
      const { rows } = await stage.owner.query(
        'select from access_lock where id = $1 and valid_until > now()',
        [lock]
      )
      assert.equal(rows.length, 1)
    })

    test('nobody learns or changes more of it than before: who may see it is refused, others find nothing', async () => {
      const { document, given } = await locked(hides)
      const calls: [string, string, unknown?][] = [
        ['GET', `/things/${document}/access`],
        ['GET', `/things/${document}/holders`],
        ['GET', `/things/${document}/grants`],
        ['GET', `/grants/${given.id}`],
        ['GET', `/grants/${given.id}/removal`],
        ['DELETE', `/grants/${given.id}`],
        ['POST', '/grants', wish(document, 'karl', 'manage')],
        ['PATCH', `/things/${document}/access`, { inherits: false }]
      ]
      const all = (status: number) => calls.map(() => status)
      assert.deepEqual(await refusals('petra', calls), all(hides ? 404 : 403))
      assert.deepEqual(await refusals('tobias', calls), all(hides ? 404 : 403))
      assert.deepEqual(await refusals('aylin', calls), all(404))
    })

    test('who manages it is a question that is not written down as an attempt', async () => {
      const { document } = await locked(hides)
      const count = async () =>
        (await stage.owner.query(`select from audit where action = 'access.refused'`)).rowCount
      const before = await count()
      for (const who of ['petra', 'karl', 'aylin'] as const)
        assert.equal((await send(who, 'GET', `/things/${document}/managed`)).status, 404)
      assert.equal(await count(), before)
    })
  })
