/** The simulator answers as the rule does, at any moment, for people and links, and says why. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Simulation } from '../../functions/_shared/contract/access.ts'
import type { Folder, Project } from '../../functions/_shared/contract/document.ts'
import type { MadeLink } from '../../functions/_shared/contract/link.ts'
import { asCaller, file, setDocumentsStage } from '../support/documents.ts'

const stage = await setDocumentsStage()
await stage.seedFirm()
const [admin, sharing] = [await stage.handler('admin'), await stage.handler('sharing')]
const client = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: client }),
  tobias: await stage.seedPerson({ name: 'Tobias Sub' }),
  karl: await stage.seedPerson({ name: 'Karl Outside', staff_role: 'staff' })
}
const cookies = new Map<string, string>()
for (const [name, person] of Object.entries(people)) cookies.set(name, await stage.signIn(person))
const as = (name: keyof typeof people, handler = stage.documents) =>
  asCaller(handler, cookies.get(name) ?? '')
const jonas = as('jonas')
const project = await jonas.ok<Project>('POST', '/projects', { name: 'Accounts', client_id: client })
const folder = await jonas.ok<Folder>('POST', '/folders', { parent_id: project.id, name: 'Receipts' })
const [paper] = await jonas.upload(folder.id, [file('Paper.txt', 'paper')])
assert.ok(paper)

const ask = (who: string, thing: string, at?: string) =>
  as('jonas', admin).ok<Simulation>(
    'GET',
    `/things/${thing}/simulation?who=${who}${at ? `&at=${encodeURIComponent(at)}` : ''}`
  )
const FRIDAY = '2027-03-05T17:00:00.000Z'
const MONDAY = '2027-03-08T08:00:00.000Z'

suite('the simulator', () => {
  test('says the level, the chain that led to it, and what changes it', async () => {
    await stage.owner.query(
      `insert into access_grant (person_id, node_id, level, valid_from, valid_until) values ($1, $2, 2, $3, $4)`,
      [people.karl.id, folder.id, FRIDAY, MONDAY]
    )
    const before = await ask(people.karl.id, paper.id, '2027-03-05T16:59:59.000Z')
    assert.equal(before.level, 'none')
    assert.deepEqual(before.changes, [
      { at: FRIDAY, level: 'download' },
      { at: MONDAY, level: 'none' }
    ])
    const during = await ask(people.karl.id, paper.id, FRIDAY)
    assert.equal(during.level, 'download')
    assert.deepEqual(
      during.steps.map(({ step, level, held, on, through, valid_until }) => ({
        ...{ step, level, held, valid_until },
        on: on?.name,
        through: through?.name
      })),
      [
        {
          ...{ step: 'allow', level: 'download', held: 'download', valid_until: MONDAY },
          ...{ on: 'Receipts', through: 'Karl Outside' }
        }
      ]
    )
    assert.equal((await ask(people.karl.id, paper.id, MONDAY)).level, 'none', 'the end itself is outside')
  })

  test('knows caps, locks, exclusions, and grants through an organisation', async () => {
    await stage.owner.query('update person set capped_by = $2 where id = $1', [
      people.tobias.id,
      people.petra.id
    ])
    await stage.seedGrant({ person_id: people.tobias.id, node_id: project.id, level: 4 })
    const capped = await ask(people.tobias.id, paper.id)
    assert.equal(capped.level, (await ask(people.petra.id, paper.id)).level, 'never above her')
    assert.ok(
      capped.steps.some((one) => one.step === 'no_more_than' && one.person?.name === 'Petra Bergmann')
    )

    await stage.owner.query(
      `insert into access_lock (document_id, hides, valid_from, valid_until) values ($1, false, $2, $3)`,
      [paper.id, FRIDAY, MONDAY]
    )
    const locked = await ask(people.petra.id, paper.id, FRIDAY)
    assert.deepEqual([locked.level, locked.unlocked], ['view', 'contribute'])
    assert.ok(locked.steps.some((one) => one.step === 'view_only' && one.valid_until === MONDAY))
    assert.ok(locked.steps.some((one) => one.through?.kind === 'organisation'))

    await stage.owner.query(`insert into exclusion (person_id, client_id, reason) values ($1, $2, 'x')`, [
      people.karl.id,
      client
    ])
    const out = await ask(people.karl.id, paper.id, FRIDAY)
    assert.equal(out.level, 'none')
    assert.ok(out.steps.some((one) => one.step === 'excluded'))
  })

  test('answers for a link as for its visitor', async () => {
    const link = await as('jonas', sharing).ok<MadeLink>('POST', '/links', {
      thing_ids: [paper.id],
      recipient: 'Sparkasse'
    })
    const found = await ask(link.id, paper.id)
    assert.deepEqual(found.who, { id: link.id, name: 'Sparkasse', kind: 'link' })
    assert.equal(found.level, 'view')
    assert.equal(found.changes[0]?.level, 'none')
    assert.equal((await ask(link.id, folder.id)).level, 'none')
  })

  test('agrees with what each person meets at the door, now', async () => {
    const STATUS = { none: 404, view: 403, download: 302, contribute: 302, manage: 302 }
    await stage.owner.query(
      `update version set state = 'ready', scan_result = 'clean' where document_id = $1`,
      [paper.id]
    )
    for (const name of ['jonas', 'petra', 'tobias', 'karl'] as const) {
      const { level } = await ask(people[name].id, paper.id)
      const answer = await as(name).send('GET', `/documents/${paper.id}/content`)
      assert.equal(answer.status === 200 || answer.status === 303 ? 302 : answer.status, STATUS[level], name)
    }
  })

  test('is for whoever manages the thing, and about people that they may know of', async () => {
    const path = `/things/${paper.id}/simulation?who=${people.jonas.id}`
    assert.equal((await as('petra', admin).send('GET', path)).status, 403)
    assert.equal((await as('karl', admin).send('GET', path)).status, 404)
    const nobody = `/things/${paper.id}/simulation?who=${project.id}`
    assert.equal((await as('jonas', admin).send('GET', nobody)).status, 404)
    const never = `/things/${paper.id}/simulation?who=${people.petra.id}&at=friday`
    assert.equal((await as('jonas', admin).send('GET', never)).status, 422)
  })
})
