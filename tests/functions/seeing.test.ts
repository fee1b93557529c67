/** A person of the firm sees as a client: what both may see, nothing done, nothing marked, all of it in the log. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Activity } from '../../functions/_shared/contract/activity.ts'
import type { Document, Project } from '../../functions/_shared/contract/document.ts'
import type { SessionInfo } from '../../functions/_shared/contract/person.ts'
import { asCaller, file, seedPages, setDocumentsStage } from '../support/documents.ts'

const stage = await setDocumentsStage()
await stage.seedFirm()
const [auth, audit] = await Promise.all([stage.handler('auth'), stage.handler('audit')])
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  aylin: await stage.seedPerson({ name: 'Aylin Demir', staff_role: 'staff' }),
  ingrid: await stage.seedPerson({ name: 'Ingrid Lindqvist', staff_role: 'administrator' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation })
}

async function as(person: { id: string }) {
  const cookie = await stage.signIn(person)
  return {
    documents: asCaller(stage.documents, cookie),
    auth: asCaller(auth, cookie),
    log: asCaller(audit, cookie)
  }
}
const [jonas, aylin, ingrid, petra] = [
  await as(people.jonas),
  await as(people.aylin),
  await as(people.ingrid),
  await as(people.petra)
]
type Who = typeof jonas

const see = (who: Who, person: { id: string } = people.petra) =>
  who.auth.send('POST', '/seeing', { person_id: person.id })
const end = (who: Who) => who.auth.send('DELETE', '/seeing')
const code = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code]
const names = async (who: Who) =>
  (await who.documents.ok<{ items: Project[] }>('GET', '/projects')).items.map((one) => one.name).toSorted()

const shared = await jonas.documents.ok<Project>('POST', '/projects', {
  name: 'Accounts',
  client_id: organisation
})
await aylin.documents.ok<Project>('POST', '/projects', { name: 'Divorce', client_id: organisation })
await jonas.documents.ok<Project>('POST', '/projects', { name: 'Our own', client_id: null })
const [paper] = await jonas.documents.upload(shared.id, [file('Bescheid.pdf', 'Bescheid')])
assert.ok(paper)
await seedPages(stage, paper.id, 1)

suite('to see as a client', () => {
  test('shows what both may see, by the client’s level, and the firm’s pages are none', async () => {
    assert.equal((await see(jonas)).status, 201)
    const info = await jonas.auth.ok<SessionInfo>('GET', '/session')
    assert.equal(info.seeing?.as.name, 'Petra Bergmann')
    assert.deepEqual([info.person.name, info.person.staff_role], ['Jonas Weber', null])
    assert.deepEqual(
      info.person.organisations.map((one) => one.name),
      ['Bergmann GmbH']
    )
    assert.deepEqual(await names(petra), ['Accounts', 'Divorce'])
    assert.deepEqual(await names(jonas), ['Accounts'])
    const theirs = await petra.documents.ok<Document>('GET', `/documents/${paper.id}`)
    const seen = await jonas.documents.ok<Document>('GET', `/documents/${paper.id}`)
    assert.deepEqual([seen.level, seen.unread], [theirs.level, false])
    assert.equal((await jonas.documents.send('GET', '/dashboard')).status, 403)
  })

  test('changes nothing and takes nothing along', async () => {
    const refused = [403, 'seeing_only']
    assert.deepEqual(
      await code(await jonas.documents.send('POST', '/projects', { name: 'x', client_id: null })),
      refused
    )
    assert.deepEqual(
      await code(await jonas.documents.send('PATCH', `/documents/${paper.id}`, { name: 'x.pdf' })),
      refused
    )
    assert.deepEqual(await code(await jonas.documents.send('GET', `/documents/${paper.id}/content`)), refused)
    assert.deepEqual(await code(await jonas.documents.send('GET', `/archives?folder=${shared.id}`)), refused)
    assert.deepEqual(await code(await see(jonas)), refused)
    assert.deepEqual(await code(await jonas.auth.send('PATCH', '/session', { locale: 'sv' })), refused)
  })

  test('leaves the client’s marks alone, and the log names who looked and with whose eyes', async () => {
    await jonas.documents.ok('GET', `/documents/${paper.id}/pages`)
    await jonas.documents.send('GET', `/documents/${paper.id}/pages/1/image`)
    assert.equal((await petra.documents.ok<Document>('GET', `/documents/${paper.id}`)).unread, true)
    assert.equal((await end(jonas)).status, 204)
    const { items } = await ingrid.log.ok<{ items: Activity[] }>('GET', `/activity?document=${paper.id}`)
    const views = items.filter((one) => one.action === 'document.viewed' || one.action === 'page.viewed')
    assert.deepEqual(
      views.map((one) => [one.actor?.name, one.facts.seen_as]),
      [
        ['Jonas Weber', people.petra.id],
        ['Jonas Weber', people.petra.id]
      ]
    )
    const { items: all } = await ingrid.log.ok<{ items: Activity[] }>('GET', '/activity')
    const looks = all.filter((one) => one.action.startsWith('person.seen_as'))
    assert.deepEqual(
      looks.map((one) => [one.action, one.actor?.name, one.subject?.name]),
      [
        ['person.seen_as_ended', 'Jonas Weber', 'Petra Bergmann'],
        ['person.seen_as', 'Jonas Weber', 'Petra Bergmann']
      ]
    )
  })

  test('ends with one’s own eyes, by time, and with the session', async () => {
    assert.deepEqual(await names(jonas), ['Accounts', 'Our own'])
    assert.equal((await end(jonas)).status, 204, 'nothing to end is no error')
    assert.equal((await see(jonas)).status, 201)
    await stage.owner.query(
      "update seen_as set valid_from = now() - interval '31 minutes', valid_until = now() - interval '1 minute'"
    )
    assert.deepEqual(await names(jonas), ['Accounts', 'Our own'])
    const again = await as(people.jonas)
    assert.equal((await see(again)).status, 201)
    assert.deepEqual(await names(jonas), ['Accounts', 'Our own'], 'another session is not concerned')
    assert.equal((await again.auth.send('POST', '/sign-out')).status, 204)
    assert.equal((await again.auth.send('GET', '/session')).status, 401)
  })

  test('is for administrators, and for staff who manage one of the client’s projects', async () => {
    assert.deepEqual(await code(await see(petra, people.jonas)), [404, 'not_found'])
    assert.deepEqual(await code(await see(jonas, people.aylin)), [404, 'not_found'], 'no colleague')
    assert.deepEqual(await code(await see(jonas, { id: crypto.randomUUID() })), [404, 'not_found'])
    const stranger = await as(await stage.seedPerson({ name: 'Timo', staff_role: 'staff' }))
    assert.deepEqual(await code(await see(stranger)), [403, 'nothing_in_common'])
    const tobias = await stage.seedPerson({ name: 'Tobias', organisation_id: organisation })
    await stage.owner.query('update person set valid_until = now() where id = $1', [tobias.id])
    assert.deepEqual(await code(await see(jonas, tobias)), [404, 'not_found'], 'who is not active')
  })
})
