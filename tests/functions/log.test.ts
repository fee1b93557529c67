/** The firm's whole log: narrowed, and taken along as a table. */
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
  arno: await stage.seedPerson({ name: 'Arno', staff_role: 'auditor' }),
  jonas: await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: '=Petra', organisation_id: organisation })
}
const cookies = new Map(
  await Promise.all(
    Object.entries(people).map(async ([name, one]) => [name, await stage.signIn(one)] as const)
  )
)
type Name = keyof typeof people
const documents = (who: Name) => asCaller(stage.documents, cookies.get(who) ?? '')
const log = (who: Name) => asCaller(audit, cookies.get(who) ?? '')

const project = await documents('jonas').ok<{ id: string }>('POST', '/projects', {
  name: 'Accounts',
  client_id: organisation
})
const other = await documents('jonas').ok<{ id: string }>('POST', '/projects', {
  name: 'Dispute',
  client_id: organisation
})
const [paper] = await documents('petra').upload(project.id, [file('Paper.pdf', 'paper')])
assert.ok(paper)
await seedPages(stage, paper.id, 1)
await documents('jonas').ok('GET', `/documents/${paper.id}/pages`)

const acts = async (query: string) => (await log('ingrid').ok<Page>('GET', `/activity?${query}`)).items

suite('the whole log', () => {
  test('is narrowed by who, where, what and when, and by all of them at once', async () => {
    const all = await acts('')
    const mine = await acts(`person_id=${people.petra.id}`)
    assert.ok(mine.length > 0 && mine.length < all.length)
    assert.ok(mine.every((act) => act.actor?.id === people.petra.id))
    const there = await acts(`project_id=${other.id}&group=documents`)
    assert.deepEqual(new Set(there.map((act) => act.action)), new Set(['project.created']))
    const given = await acts('group=access')
    assert.ok(given.length > 0 && given.every((act) => act.action.startsWith('grant.')))
    const [newest] = all
    assert.ok(newest)
    assert.deepEqual(await acts(`from=${new Date(Date.parse(newest.at) + 1).toISOString()}`), [])
    const earlier = await acts(`until=${newest.at}`)
    assert.ok(earlier.length > 0 && earlier.every((act) => act.at < newest.at))
    const all_at_once = `person_id=${people.jonas.id}&project_id=${project.id}&group=documents&from=2020-01-01T00:00:00Z`
    const looked = await acts(all_at_once)
    assert.ok(looked.some((act) => act.action === 'document.viewed'))
    assert.ok(looked.every((act) => act.actor?.id === people.jonas.id && act.project_id === project.id))
  })

  test('goes on page by page within its filter', async () => {
    const filter = `person_id=${people.jonas.id}`
    const found: number[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: Page = await log('arno').ok(
        'GET',
        `/activity?${filter}&limit=2${next && `&cursor=${next}`}`
      )
      found.push(...page.items.map((act) => act.seq))
      next = page.next
    }
    assert.deepEqual(
      found,
      (await acts(filter)).map((act) => act.seq)
    )
  })

  test('is narrowed by nobody else, who would learn of acts that they may not see', async () => {
    const asked = `/activity?project_id=${project.id}&person_id=${people.petra.id}`
    for (const who of ['jonas', 'petra'] as const)
      assert.equal((await log(who).send('GET', asked)).status, 403, who)
    assert.equal((await log('ingrid').send('GET', '/activity?group=gossip')).status, 422)
  })

  test('is taken along as a table without formulas and without names that the reader may not see', async () => {
    const answer = await log('arno').send('GET', `/activity.csv?person_id=${people.petra.id}`)
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/csv/)
    assert.match(answer.headers.get('content-disposition') ?? '', /^attachment/)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    assert.deepEqual([...bytes.slice(0, 3)], [0xef, 0xbb, 0xbf])
    const text = new TextDecoder().decode(bytes)
    const lines = text.split('\r\n')
    assert.match(lines[0] ?? '', /^number,time,action,person,/)
    assert.equal(lines.length - 2, (await acts(`person_id=${people.petra.id}`)).length)
    assert.ok(text.includes(",'=Petra,") && !text.includes(',=Petra'))
    assert.ok(text.includes('document.received') && !text.includes('Paper.pdf'))
  })

  test('is longer than a slice and comes whole, each act once', async () => {
    for (let i = 0; i < 501; i += 1) await log('arno').send('GET', `/activity.csv?until=2020-01-01T00:00:00Z`)
    const text = await (await log('ingrid').send('GET', '/activity.csv')).text()
    const numbers = text
      .split('\r\n')
      .slice(1, -1)
      .map((line) => Number(line.split(',')[0]))
    assert.ok(numbers.length > 501)
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => b - a)
    )
    assert.equal(new Set(numbers).size, numbers.length)
  })

  test('names the project where the reader may see it, and parts cells as German and Swedish Excel want', async () => {
    const ulla = await stage.seedPerson({ name: 'Ulla', staff_role: 'administrator', locale: 'de' })
    await stage.seedGrant({ person_id: ulla.id, node_id: project.id, level: 1 })
    const hers = asCaller(audit, await stage.signIn(ulla))
    const seen = (await hers.ok<Page>('GET', '/activity?group=documents')).items
    assert.deepEqual(
      new Set(seen.map((act) => [act.project_id, act.project?.name ?? null].join(' '))),
      new Set([`${project.id} Accounts`, `${other.id} `])
    )
    const text = await (await hers.send('GET', `/activity.csv?project_id=${project.id}`)).text()
    assert.match(text, /number;time;action;person;person_id;project_id;project;/)
    assert.ok(text.includes(`;${project.id};Accounts;`))
  })

  test('says who exported it, and what', async () => {
    await log('ingrid').send('GET', `/activity.csv?project_id=${project.id}&group=access`)
    const [act] = await acts('group=office')
    assert.equal(act?.action, 'log.exported')
    assert.equal(act?.actor?.id, people.ingrid.id)
    assert.deepEqual(act?.facts, { project_id: project.id, group: 'access' })
  })

  test('is exported by nobody else', async () => {
    assert.equal((await log('jonas').send('GET', '/activity.csv')).status, 403)
    assert.equal((await log('petra').send('GET', '/activity.csv')).status, 404)
  })
})
