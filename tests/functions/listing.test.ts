/** A folder in every order, narrowed, page by page; copies; the same content twice. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Document, Folder, Project, ProjectTree } from '../../functions/_shared/contract/document.ts'
import type { Outcomes } from '../../functions/_shared/contract/order.ts'
import { asCaller, file, seedMany, seedPages, setDocumentsStage } from '../support/documents.ts'
import { problemCode } from '../support/functions.ts'

type Page = { items: Document[]; next: string | null }

const stage = await setDocumentsStage()
await stage.seedFirm()
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation }),
  viewer: await stage.seedPerson({ name: 'Vera Viewer' })
}
const as = async (person: { id: string }) => asCaller(stage.documents, await stage.signIn(person))
const [jonas, petra, viewer] = await Promise.all([as(people.jonas), as(people.petra), as(people.viewer)])
type Caller = typeof jonas

const newProject = (name: string, client_id: string | null = organisation) =>
  jonas.ok<Project>('POST', '/projects', { name, client_id })
const project = await newProject('Accounts')
await stage.seedGrant({ person_id: people.viewer.id, node_id: project.id, level: 1 })

async function paper(who: Caller, name: string, text = name, folder_id = project.id): Promise<string> {
  const [made] = await who.upload(folder_id, [file(name, text)])
  assert.ok(made)
  await seedPages(stage, made.id, 1)
  await stage.owner.query(
    `update version set sha256 = sha256($2::bytea), detected_type = declared_type where document_id = $1`,
    [made.id, Buffer.from(text)]
  )
  return made.id
}
const list = async (who: Caller, query: string, folder = project.id): Promise<string[]> =>
  (await who.ok<Page>('GET', `/folders/${folder}/documents?${query}`)).items.map((one) => one.name)

suite('a folder in another order', async () => {
  await paper(petra, 'b 10.txt', 'four')
  await paper(jonas, 'a.txt', 'fourteen chars')
  await paper(petra, 'b 9.txt', 'nine long')
  await stage.owner.query(`update version v set detected_type = 'application/pdf' from document d
                            where d.id = v.document_id and d.name = 'a.txt'`)

  test('goes by name, arrival, size, kind and who brought it, both ways', async () => {
    const orders: [string, string[]][] = [
      ['', ['a.txt', 'b 9.txt', 'b 10.txt']],
      ['sort=name&order=desc', ['b 10.txt', 'b 9.txt', 'a.txt']],
      ['sort=received', ['b 10.txt', 'a.txt', 'b 9.txt']],
      ['sort=received&order=desc', ['b 9.txt', 'a.txt', 'b 10.txt']],
      ['sort=size', ['b 10.txt', 'b 9.txt', 'a.txt']],
      ['sort=type', ['a.txt', 'b 9.txt', 'b 10.txt']],
      ['sort=by', ['a.txt', 'b 9.txt', 'b 10.txt']],
      ['sort=by&order=desc', ['b 10.txt', 'b 9.txt', 'a.txt']]
    ]
    for (const [query, names] of orders) assert.deepEqual(await list(jonas, query), names, query)
  })

  test('is narrowed by kind, origin, state and time', async () => {
    assert.deepEqual(await list(jonas, 'kind=pdf'), ['a.txt'])
    assert.deepEqual(await list(jonas, 'kind=text'), ['b 9.txt', 'b 10.txt'])
    assert.deepEqual(await list(jonas, 'kind=other'), [])
    assert.deepEqual(await list(jonas, 'from=client&sort=size'), ['b 10.txt', 'b 9.txt'])
    assert.deepEqual(await list(jonas, 'from=firm'), ['a.txt'])
    assert.deepEqual(await list(jonas, 'state=held'), [])
    assert.deepEqual(await list(jonas, 'until=2020-01-01T00:00:00Z'), [])
    assert.equal((await list(jonas, 'since=2020-01-01T00:00:00Z')).length, 3)
  })

  test('what makes no sense is said, a cursor of another order too', async () => {
    for (const query of ['sort=colour', 'order=up', 'kind=', 'since=yesterday', 'from=x'])
      assert.equal((await jonas.send('GET', `/folders/${project.id}/documents?${query}`)).status, 422, query)
    const { next } = await jonas.ok<Page>('GET', `/folders/${project.id}/documents?limit=1`)
    const odd = await jonas.send('GET', `/folders/${project.id}/documents?limit=1&sort=size&cursor=${next}`)
    assert.equal(await problemCode(odd), 'invalid_request')
  })
})

test('10,000 files in one folder: each order gives each of them once, page by page', async () => {
  const folder = await jonas.ok<Folder>('POST', '/folders', { parent_id: project.id, name: 'Many' })
  await stage.owner.query(
    `with d as (insert into document (folder_id, project_id, name, created_by)
                select $1, $2, 'Beleg ' || n || '.pdf', case when n % 3 = 0 then $3::uuid end from generate_series(1, 10000) n
                returning id, name),
     v as (insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type, state)
           select id, $2, 1, id::text, 'v', length(name), 'application/pdf', 'ready' from d returning id, document_id)
     select count(*) from v`,
    [folder.id, project.id, people.petra.id]
  )
  await stage.owner.query(
    `update document d set current_version_id = v.id from version v where v.document_id = d.id and d.current_version_id is null`
  )
  for (const query of ['sort=name', 'sort=size&order=desc', 'sort=by', 'from=machine&sort=received']) {
    const ids: string[] = []
    let cursor = ''
    do {
      const page: Page = await jonas.ok('GET', `/folders/${folder.id}/documents?limit=200&${query}${cursor}`)
      ids.push(...page.items.map((one) => one.id))
      cursor = page.next ? `&cursor=${page.next}` : ''
    } while (cursor)
    assert.equal(new Set(ids).size, ids.length, query)
    assert.equal(ids.length, query.startsWith('from') ? 6_667 : 10_000, query)
  }
})

suite('a copy', () => {
  const copy = async (who: Caller, folder_id: string, ...things: string[]) =>
    (await who.ok<Outcomes>('POST', '/things/copy', { things, folder_id })).things.map((one) => one.outcome)

  test('is a document of its own with the same bytes, in the log, under a free name', async () => {
    const id = await paper(petra, 'Vertrag.txt', 'the words of it')
    const other = await newProject('Taxes')
    assert.deepEqual(await copy(petra, project.id, id, id), ['done'])
    assert.deepEqual(await copy(jonas, other.id, id), ['done'])
    assert.ok((await list(petra, '')).includes('Vertrag (2).txt'))
    assert.deepEqual(await list(petra, '', other.id), ['Vertrag.txt'])
    const { rows } = await stage.owner.query<{ document_id: string; project_id: string }>(
      `select document_id, project_id from audit where action = 'document.copied' order by seq`
    )
    assert.deepEqual(
      rows.map((row) => row.project_id),
      [project.id, other.id]
    )
    const bytes = await stage.owner.query(
      `select count(distinct object_key)::int as n from version where document_id = $1 or document_id = any($2::uuid[])`,
      [id, rows.map((row) => row.document_id)]
    )
    assert.equal(bytes.rows[0].n, 3, 'each has bytes of its own')
  })

  test('is not made by who may only view, of what is not ready, for another client, nor of what one cannot see', async () => {
    const id = await paper(petra, 'Geheim.txt')
    const foreign = await newProject('Other client', await stage.seedOrganisation('Nordström AB'))
    assert.deepEqual(await copy(jonas, foreign.id, id), ['forbidden'])
    assert.equal(
      (await viewer.send('POST', '/things/copy', { things: [id], folder_id: project.id })).status,
      403
    )
    assert.equal(
      (await petra.send('POST', '/things/copy', { things: [id], folder_id: foreign.id })).status,
      404
    )
    const mine = await newProject('Internal', null)
    const hidden = await paper(jonas, 'Intern.txt', 'x', mine.id)
    assert.deepEqual(await copy(petra, project.id, hidden), ['not_found'])
    await stage.owner.query(`update version set state = 'received' where document_id = $1`, [id])
    assert.deepEqual(await copy(petra, project.id, id), ['not_ready'])
  })
})

suite('a copy of a folder', () => {
  const newFolder = (parent_id: string, name: string) =>
    jonas.ok<Folder>('POST', '/folders', { parent_id, name })
  const copy = async (who: Caller, folder_id: string, id: string) =>
    (await who.ok<Outcomes>('POST', '/things/copy', { things: [id], folder_id })).things[0]?.outcome
  const folders = async (who: Caller, id: string) => {
    const { folders } = await who.ok<ProjectTree>('GET', `/projects/${id}`)
    return new Map(folders.map((one) => [one.name, one]))
  }

  test('holds its folders and documents, beside the one that is there under a number, and is in the log', async () => {
    const year = await newFolder(project.id, '2025')
    const receipts = await newFolder(year.id, 'Receipts')
    await newFolder(year.id, 'Empty')
    await paper(jonas, 'Year.txt', 'the year', year.id)
    await paper(petra, 'Receipt.txt', 'the receipt', receipts.id)
    const other = await newProject('Next year')
    assert.equal(await copy(petra, other.id, year.id), 'done')
    assert.equal(await copy(petra, other.id, year.id), 'done')
    const made = await folders(petra, other.id)
    assert.deepEqual([...made.keys()].toSorted(), ['2025', '2025 (2)', 'Empty', 'Receipts'])
    const tree = await petra.ok<ProjectTree>('GET', `/projects/${other.id}`)
    for (const top of ['2025', '2025 (2)']) {
      const id = made.get(top)?.id ?? ''
      const inside = tree.folders.find((one) => one.parent_id === id && one.name === 'Receipts')
      assert.deepEqual(await list(petra, '', id), ['Year.txt'])
      assert.deepEqual(await list(petra, '', inside?.id), ['Receipt.txt'])
    }
    const { rows } = await stage.owner.query<{ action: string; n: number }>(
      `select action, count(*)::int as n from audit where project_id = $1 and actor_id = $2 group by action`,
      [other.id, people.petra.id]
    )
    assert.deepEqual(Object.fromEntries(rows.map((row) => [row.action, row.n])), {
      'document.copied': 4,
      'folder.created': 6
    })
  })

  test('leaves behind what one may only view or not see, and says so only of the first', async () => {
    const mixed = await newFolder(project.id, 'Mixed')
    const closed = await newFolder(mixed.id, 'Closed')
    await paper(jonas, 'Open.txt', 'open', mixed.id)
    await paper(jonas, 'Secret.txt', 'secret', closed.id)
    const seen = await paper(jonas, 'Only view.txt', 'view', mixed.id)
    const deny = { person_id: people.petra.id, allows: false }
    await stage.seedGrant({ ...deny, node_id: closed.id, level: 1 })
    const target = await newProject('For Petra')
    assert.equal(await copy(petra, target.id, mixed.id), 'done')
    assert.deepEqual([...(await folders(jonas, target.id)).keys()], ['Mixed'])
    await stage.seedGrant({ ...deny, document_id: seen, level: 2 })
    assert.equal(await copy(petra, target.id, mixed.id), 'partly')
    const second = (await folders(jonas, target.id)).get('Mixed (2)')?.id
    assert.deepEqual(await list(jonas, '', second), ['Open.txt'])
    await seedMany(stage, { folder_id: closed.id, project_id: project.id }, 'Hidden', 1_001)
    assert.equal(await copy(petra, target.id, mixed.id), 'partly', 'what one does not see takes no place')
    const third = (await folders(jonas, target.id)).get('Mixed (3)')?.id
    assert.deepEqual(await list(jonas, '', third), ['Open.txt'])
  })

  test('does not go into itself, to another client, nor from what one cannot see', async () => {
    const outer = await newFolder(project.id, 'Outer')
    const inner = await newFolder(outer.id, 'Inner')
    assert.equal(await copy(jonas, inner.id, outer.id), 'into_itself')
    assert.equal(await copy(jonas, outer.id, outer.id), 'into_itself')
    const foreign = await newProject('Abroad', await stage.seedOrganisation('Lindqvist AB'))
    assert.equal(await copy(jonas, foreign.id, outer.id), 'forbidden')
    const internal = await newProject('Firm only', null)
    const hidden = await newFolder(internal.id, 'Hidden')
    assert.equal(await copy(petra, project.id, hidden.id), 'not_found')
    assert.equal(await copy(jonas, outer.id, project.id), 'not_found', 'a whole project')
  })
})

suite('the same content twice', () => {
  const twins = async (who: Caller) =>
    (await who.ok<Document[]>('GET', `/projects/${project.id}/duplicates`)).map((one) => one.name)

  test('is found among what one may see', async () => {
    const one = await paper(petra, 'Kopie.txt', 'twice')
    const two = await paper(petra, 'Noch eine.txt', 'twice')
    assert.deepEqual(
      (await twins(petra)).filter((name) => /Kopie|Noch/.test(name)),
      ['Kopie.txt', 'Noch eine.txt']
    )
    const of = (who: Caller) => who.ok<Document[]>('GET', `/documents/${one}/duplicates`)
    assert.deepEqual(
      (await of(petra)).map((twin) => twin.id),
      [two]
    )
    await jonas.ok('POST', '/things/trash', { things: [two] })
    assert.deepEqual(await of(petra), [], 'what lies in the trash is not told')
    assert.deepEqual(
      (await twins(petra)).filter((name) => /Kopie|Noch/.test(name)),
      []
    )
  })
})
