/** The three lists of the staff's start page. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { DashboardItem } from '../../functions/_shared/contract/dashboard.ts'
import type { Project } from '../../functions/_shared/contract/document.ts'
import { asCaller, file, seedPages, setDocumentsStage } from '../support/documents.ts'

const stage = await setDocumentsStage()
await stage.seedFirm()
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  aylin: await stage.seedPerson({ name: 'Aylin Demir', staff_role: 'staff' }),
  ingrid: await stage.seedPerson({ name: 'Ingrid Lindqvist', staff_role: 'administrator' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation })
}
const as = async (person: { id: string }) => asCaller(stage.documents, await stage.signIn(person))
const [jonas, aylin, ingrid, petra] = await Promise.all(
  [people.jonas, people.aylin, people.ingrid, people.petra].map(as)
)
assert.ok(jonas && aylin && ingrid && petra)
type Caller = typeof jonas
const project = await jonas.ok<Project>('POST', '/projects', { name: 'Accounts', client_id: organisation })

async function paper(who: Caller, name: string): Promise<string> {
  const [made] = await who.upload(project.id, [file(name, name)])
  assert.ok(made)
  await seedPages(stage, made.id, 1)
  return made.id
}
const list = async (who: Caller, which: DashboardItem['list']) =>
  (await who.ok<DashboardItem[]>('GET', '/dashboard'))
    .filter((one) => one.list === which)
    .map((one) => `${one.kind} ${one.title}`)

suite('arrived', () => {
  test('is what clients sent and the asker has not opened, where they may see it', async () => {
    const id = await paper(petra, 'Beleg.pdf')
    const [first] = await jonas.ok<DashboardItem[]>('GET', '/dashboard')
    assert.deepEqual(
      [first?.kind, first?.title, first?.project?.client?.name, first?.by],
      ['document', 'Beleg.pdf', 'Bergmann GmbH', 'Petra Bergmann']
    )
    assert.deepEqual(await list(aylin, 'arrived'), [], 'Aylin is not on this project')
    await jonas.ok('GET', `/documents/${id}/pages`)
    assert.deepEqual(await list(jonas, 'arrived'), [])
  })

  test('is not for clients', async () => assert.equal((await petra.send('GET', '/dashboard')).status, 403))
})

suite('waiting for clients', () => {
  test('are documents that nobody of the client has opened', async () => {
    const id = await paper(jonas, 'Bescheid.pdf')
    assert.deepEqual(await list(jonas, 'clients'), ['unopened Bescheid.pdf'])
    await petra.ok('GET', `/documents/${id}/pages`)
    assert.deepEqual(await list(jonas, 'clients'), [])
  })

  test('are links and invitations of one’s own that were not used', async () => {
    await stage.owner.query(
      `insert into link (made_by, project_id, recipient, secret_hash, valid_until)
       values ($1, $2, 'Sparkasse', sha256('x'), now() + interval '1 day')`,
      [people.jonas.id, project.id]
    )
    await stage.owner.query(
      `insert into one_time_link (secret_hash, purpose, person_id, made_by, expires_at)
       values (sha256('y'), 'invitation', $1, $2, now() + interval '1 day')`,
      [people.petra.id, people.jonas.id]
    )
    assert.deepEqual(await list(jonas, 'clients'), ['invitation Petra Bergmann', 'link Sparkasse'])
    assert.deepEqual(await list(aylin, 'clients'), [])
  })
})

suite('waiting for us', () => {
  test('are held versions, asked renewals, questions without an answer, and jobs for administrators', async () => {
    const id = await paper(petra, 'Frage.pdf')
    await jonas.ok('GET', `/documents/${id}/pages`)
    await petra.ok('POST', '/comments', { documents: [id], text: 'Stimmt das?' })
    assert.deepEqual(await list(jonas, 'us'), ['comment Frage.pdf'])
    await jonas.ok('POST', '/comments', { documents: [id], text: 'Ja.' })
    assert.deepEqual(await list(jonas, 'us'), [])
    await stage.owner.query(`update link set renewal_asked_at = now() where made_by = $1`, [people.jonas.id])
    const bad = await paper(petra, 'Virus.pdf')
    await stage.owner.query(`update version set state = 'held' where document_id = $1`, [bad])
    assert.deepEqual((await list(jonas, 'us')).toSorted(), ['held Virus.pdf', 'renewal Sparkasse'])
    await stage.owner.query(
      `insert into job (kind, data, state, done_at) values ('scan', '{}', 'dead', now())`
    )
    assert.deepEqual(await list(ingrid, 'us'), ['job 1'])
  })
})
