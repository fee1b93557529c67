import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Activity } from '../../functions/_shared/contract/activity.ts'
import { asCaller, file, seedPages, setDocumentsStage } from '../support/documents.ts'

type Page = { items: Activity[]; next: string | null }

const stage = await setDocumentsStage()
const audit = await stage.handler('audit')
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  ingrid: await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' }),
  auditor: await stage.seedPerson({ name: 'Arno', staff_role: 'auditor' }),
  jonas: await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra', organisation_id: organisation }),
  tobias: await stage.seedPerson({ name: 'Tobias', organisation_id: organisation }),
  karl: await stage.seedPerson({ name: 'Karl' })
}
const cookies = new Map(
  await Promise.all(
    Object.entries(people).map(async ([name, one]) => [name, await stage.signIn(one)] as const)
  )
)
const documents = (who: keyof typeof people) => asCaller(stage.documents, cookies.get(who) ?? '')
const log = (who: keyof typeof people) => asCaller(audit, cookies.get(who) ?? '')

const project = await documents('jonas').ok<{ id: string }>('POST', '/projects', {
  name: 'Accounts',
  client_id: organisation
})
const [paper] = await documents('petra').upload(project.id, [file('Paper.pdf', 'paper')])
const closed = await documents('jonas').ok<{ id: string }>('POST', '/folders', {
  parent_id: project.id,
  name: 'Closed'
})
await stage.owner.query('update node set inherits = false where id = $1', [closed.id])
await stage.seedGrant({ person_id: people.jonas.id, node_id: closed.id, level: 4 })
const [secret] = await documents('jonas').upload(closed.id, [file('Secret.pdf', 'secret')])
assert.ok(paper && secret)
for (const one of [paper, secret]) await seedPages(stage, one.id, 1)
await documents('tobias').ok('GET', `/documents/${paper.id}/pages`)
await documents('jonas').ok('GET', `/documents/${paper.id}/pages`)
await documents('jonas').ok('GET', `/documents/${secret.id}/pages`)
await documents('karl').send('GET', `/documents/${paper.id}/pages`)

const inProject = `/activity?project_id=${project.id}`
const told = ({ items }: Page) => items.map((act) => `${act.actor?.name ?? 'portico'} ${act.action}`)

suite('activity', () => {
  test('of a project: whoever manages it sees all, newest first, with names', async () => {
    const page = await log('jonas').ok<Page>('GET', inProject)
    assert.deepEqual(
      page.items.map((act) => act.seq),
      page.items.map((act) => act.seq).toSorted((a, b) => b - a)
    )
    const acts = told(page)
    for (const one of ['Petra document.received', 'Tobias document.viewed', 'Jonas folder.created'])
      assert.ok(acts.includes(one), one)
    assert.equal(acts.filter((one) => one === 'Jonas document.viewed').length, 2)
    const received = page.items.find(
      (act) => act.document?.id === paper.id && act.action === 'document.received'
    )
    assert.deepEqual(received?.document, { id: paper.id, name: 'Paper.pdf' })
    const given = page.items.filter((act) => act.action === 'grant.given').map((act) => act.subject?.name)
    assert.deepEqual(new Set(given), new Set(['Jonas', 'Bergmann GmbH']))
    assert.equal(page.next, null)
  })

  test("a client sees the own acts and the firm's, not a colleague's, and nothing of what is closed", async () => {
    const page = await log('petra').ok<Page>('GET', inProject)
    const acts = told(page)
    assert.ok(acts.includes('Petra document.received'))
    assert.equal(acts.filter((one) => one === 'Jonas document.viewed').length, 1)
    assert.ok(!acts.some((one) => one.startsWith('Tobias')))
    assert.ok(!acts.includes('Jonas folder.created'))
    assert.ok(!JSON.stringify(page).includes(secret.id))
    assert.ok(!JSON.stringify(page).includes('Secret.pdf'))
  })

  test('of a document', async () => {
    const page = await log('tobias').ok<Page>('GET', `/activity?document_id=${paper.id}`)
    assert.deepEqual(told(page), ['Jonas document.viewed', 'Tobias document.viewed'])
  })

  test('of what is not theirs is not found, as what does not exist', async () => {
    for (const path of [
      inProject,
      `/activity?document_id=${paper.id}`,
      `/activity?document_id=${crypto.randomUUID()}`
    ])
      assert.equal((await log('karl').send('GET', path)).status, 404, path)
    assert.equal((await log('petra').send('GET', `/activity?document_id=${secret.id}`)).status, 404)
  })

  test('of the firm: administrators and auditors read all of it, without names of documents they may not see', async () => {
    for (const who of ['ingrid', 'auditor'] as const) {
      const page = await log(who).ok<Page>('GET', '/activity')
      assert.ok(told(page).includes('Tobias document.viewed'))
      assert.ok(!JSON.stringify(page).includes('Paper.pdf'), who)
      const received = page.items.filter((act) => act.action === 'document.received')
      assert.deepEqual(new Set(received.map((act) => act.facts.document_id)), new Set([paper.id, secret.id]))
    }
    assert.equal((await log('jonas').send('GET', '/activity')).status, 403)
    assert.equal((await log('petra').send('GET', '/activity')).status, 404)
  })

  test('goes on page by page without losing or repeating an act', async () => {
    const whole = (await log('petra').ok<Page>('GET', inProject)).items.map((act) => act.seq)
    const found: number[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: Page = await log('petra').ok('GET', `${inProject}&limit=2${next && `&cursor=${next}`}`)
      found.push(...page.items.map((act) => act.seq))
      next = page.next
    }
    assert.deepEqual(found, whole)
  })

  test('holds no name of a person or a file in what is stored', async () => {
    const { rows } = await stage.owner.query<{ body: string }>(
      `select convert_from(body, 'UTF8') as body from audit`
    )
    for (const { body } of rows)
      for (const word of ['Petra', 'Jonas', 'Paper.pdf', 'Secret', 'Accounts', 'Closed'])
        assert.ok(!body.includes(word), `${word} in ${body}`)
  })
})
