import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import sharp from 'sharp'
import type { PersonWithAccess } from '../../functions/_shared/contract/access.ts'
import type { Document, PageInfo, Project, ProjectTree } from '../../functions/_shared/contract/document.ts'
import { asCaller, file, seedPages, setDocumentsStage } from '../support/documents.ts'
import { call, problemCode } from '../support/functions.ts'

type Page<T> = { items: T[]; next: string | null }

const stage = await setDocumentsStage()
await stage.seedFirm()
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  ingrid: await stage.seedPerson({ name: 'Ingrid Lindqvist', staff_role: 'administrator' }),
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation }),
  viewer: await stage.seedPerson({ name: 'Vera Viewer' }),
  reader: await stage.seedPerson({ name: 'Rolf Reader' }),
  karl: await stage.seedPerson({ name: 'Karl Åberg' })
}
const as = async (person: { id: string }) => asCaller(stage.documents, await stage.signIn(person))
const [ingrid, jonas, petra, viewer, reader, karl] = await Promise.all(Object.values(people).map(as))
assert.ok(ingrid && jonas && petra && viewer && reader && karl)

const project = await jonas.ok<Project>('POST', '/projects', {
  name: 'Annual accounts',
  client_id: organisation
})
await stage.seedGrant({ person_id: people.viewer.id, node_id: project.id, level: 1 })
await stage.seedGrant({ person_id: people.reader.id, node_id: project.id, level: 2 })
const [paper] = await petra.upload(project.id, [file('Paper.pdf', 'not really a PDF')])
assert.ok(paper)
await seedPages(stage, paper.id, 2)
const at = `/documents/${paper.id}`

const acts = async (action: string, actor: { id: string }): Promise<number> => {
  const found = await stage.owner.query('select from audit where action = $1 and actor_id = $2', [
    action,
    actor.id
  ])
  return found.rowCount ?? 0
}

suite('projects', () => {
  test('are made by staff; the maker manages, the client contributes', async () => {
    assert.equal(project.level, 'manage')
    assert.equal(project.client?.name, 'Bergmann GmbH')
    const seen = await petra.ok<Page<Project>>('GET', '/projects')
    assert.deepEqual(
      seen.items.map(({ id, level }) => ({ id, level })),
      [{ id: project.id, level: 'contribute' }]
    )
    assert.equal(await acts('project.created', people.jonas), 1)
    assert.equal(await acts('grant.given', people.jonas), 2)
  })

  test('are not made by clients, nor for a client that does not exist', async () => {
    assert.equal((await petra.send('POST', '/projects', { name: 'Mine' })).status, 404)
    const wrong = await jonas.send('POST', '/projects', { name: 'For whom', client_id: crypto.randomUUID() })
    assert.equal(wrong.status, 422)
  })

  test('are listed with the newest arrival first, page by page', async () => {
    const made: string[] = []
    for (const name of ['One', 'Two', 'Three'])
      made.push((await jonas.ok<Project>('POST', '/projects', { name })).id)
    await jonas.upload(made[0] ?? '', [file('new.txt', 'new')])
    const names: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: Page<Project> = await jonas.ok('GET', `/projects?limit=1${next && `&cursor=${next}`}`)
      assert.equal(page.items.length, 1)
      names.push(page.items[0]?.name ?? '')
      next = page.next
    }
    assert.deepEqual(names, ['One', 'Three', 'Two', 'Annual accounts'])
  })

  test('tell nothing of an arrival in a place that one may not see', async () => {
    const secret = await jonas.ok<{ id: string }>('POST', '/folders', {
      parent_id: project.id,
      name: 'Secret'
    })
    const before = (await petra.ok<Page<Project>>('GET', '/projects')).items[0]?.last_received_at
    await stage.owner.query('update node set inherits = false where id = $1', [secret.id])
    await stage.seedGrant({ person_id: people.jonas.id, node_id: secret.id, level: 4 })
    await jonas.upload(secret.id, [file('hidden.txt', 'hidden')])
    const after = (await petra.ok<Page<Project>>('GET', '/projects')).items[0]?.last_received_at
    assert.ok(after === null || after === before, 'the overview told of a hidden arrival')
    const tree = await petra.ok<ProjectTree>('GET', `/projects/${project.id}`)
    assert.deepEqual(tree.folders, [])
    assert.equal((await petra.send('GET', `/folders/${secret.id}/documents`)).status, 404)
    const own = await jonas.ok<ProjectTree>('GET', `/projects/${project.id}`)
    assert.deepEqual(
      own.folders.map((folder) => folder.name),
      ['Secret']
    )
  })

  test('show what lies inside to somebody who may see only that', async () => {
    const guest = await stage.seedPerson()
    await stage.seedGrant({ person_id: guest.id, document_id: paper.id, level: 1 })
    const caller = await as(guest)
    const [only] = (await caller.ok<Page<Project>>('GET', '/projects')).items
    assert.equal(only?.level, null)
    const tree = await caller.ok<ProjectTree>('GET', `/projects/${project.id}`)
    assert.deepEqual([tree.level, tree.folders], [null, []])
    const { items } = await caller.ok<Page<Document>>('GET', `/folders/${project.id}/documents`)
    assert.deepEqual(
      items.map((document) => document.id),
      [paper.id]
    )
  })
})

suite('lists', () => {
  test('hold every document once, by name, however small the pages are', async () => {
    const folder = await jonas.ok<{ id: string }>('POST', '/folders', { parent_id: project.id, name: 'List' })
    const files = Array.from({ length: 25 }, (_, no) => file(`${'abc'[no % 3]} ${no % 7}.txt`, `${no}`))
    const made = await petra.upload(folder.id, files)
    await stage.seedGrant({
      person_id: people.petra.id,
      document_id: made[3]?.id ?? '',
      level: 1,
      allows: false
    })
    const names: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: Page<Document> = await petra.ok(
        'GET',
        `/folders/${folder.id}/documents?limit=4${next && `&cursor=${next}`}`
      )
      names.push(...page.items.map((document) => document.name))
      next = page.next
    }
    const hidden = made[3]?.name
    assert.deepEqual(
      new Set(names),
      new Set(made.map((document) => document.name).filter((name) => name !== hidden))
    )
    assert.equal(names.length, 24)
  })

  test('refuse a cursor that is none of ours', async () => {
    for (const cursor of ['x', 'bnVsbA', Buffer.from('{"name":"\\u0000","id":1}').toString('base64url')])
      assert.equal((await petra.send('GET', `/folders/${project.id}/documents?cursor=${cursor}`)).status, 422)
  })

  test('a folder of a taken name is refused', async () => {
    const body = { parent_id: project.id, name: 'Taken' }
    assert.equal((await petra.send('POST', '/folders', body)).status, 201)
    assert.equal(await problemCode(await petra.send('POST', '/folders', body)), 'name_taken')
  })
})

suite('levels', () => {
  test('view: pages with the own name burned in; no clean image, no text, no original', async () => {
    const document = await viewer.ok<Document>('GET', at)
    assert.equal(document.level, 'view')
    assert.equal((await viewer.ok<PageInfo[]>('GET', `${at}/pages`)).length, 2)
    for (const size of ['page', 'thumbnail']) {
      const image = await viewer.send('GET', `${at}/pages/1/image?size=${size}`)
      assert.equal(image.status, 200, await image.clone().text())
      assert.equal(image.headers.get('content-type'), 'image/jpeg')
      assert.equal(image.headers.get('cache-control'), 'no-store')
      const bytes = Buffer.from(await image.arrayBuffer())
      const { width } = await sharp(bytes).metadata()
      assert.equal(width, size === 'page' ? 1240 : 160)
      // The clean page is white; a mark is not.
      const { channels } = await sharp(bytes).stats()
      assert.ok((channels[0]?.min ?? 255) < 250, 'nothing is burned in')
    }
    for (const path of ['/pages/1/text', '/content'])
      assert.equal(await problemCode(await viewer.send('GET', at + path)), 'forbidden', path)
    assert.equal(await acts('page.viewed', people.viewer), 1)
    assert.equal(await acts('access.refused', people.viewer), 2)
  })

  test('download: clean pages, text and the original, at URLs that live a minute', async () => {
    const image = await reader.send('GET', `${at}/pages/1/image?size=page`)
    assert.equal(image.status, 302)
    const url = new URL(image.headers.get('location') ?? '')
    assert.ok(Number(url.searchParams.get('X-Amz-Expires')) <= 60)
    assert.equal((await fetch(url)).headers.get('content-type'), 'image/jpeg')
    const text = await reader.ok<{ words: { t: string }[] }>('GET', `${at}/pages/2/text`)
    assert.equal(text.words[0]?.t, 'secret')

    const content = await reader.send('GET', `${at}/content`)
    assert.equal(content.status, 302)
    const original = new URL(content.headers.get('location') ?? '')
    assert.ok(Number(original.searchParams.get('X-Amz-Expires')) <= 60)
    assert.ok(original.searchParams.get('versionId'))
    const answer = await fetch(original)
    assert.equal(await answer.text(), 'not really a PDF')
    assert.equal(
      answer.headers.get('content-disposition'),
      `attachment; filename="Paper.pdf"; filename*=UTF-8''Paper.pdf`
    )
    assert.equal(answer.headers.get('content-type'), 'application/octet-stream')
    assert.equal((await reader.send('GET', `${at}/content?use=play`)).status, 422, 'a PDF is not played')
    for (const action of ['page.viewed', 'text.viewed', 'document.downloaded'])
      assert.equal(await acts(action, people.reader), 1, action)
    assert.equal((await reader.send('POST', '/folders', { parent_id: project.id, name: 'No' })).status, 403)
  })

  test('contribute is not manage, and only an administrator releases', async () => {
    assert.equal((await petra.send('POST', `${at}/release`)).status, 404)
    assert.equal((await jonas.send('POST', `${at}/release`)).status, 403)
  })

  test('a name in any script survives the download', async () => {
    const [document] = await petra.upload(project.id, [file(`Überweisung "Mai" 100% 契約書.pdf`, 'x')])
    const early = await petra.send('GET', `/documents/${document?.id}/content`)
    assert.equal(await problemCode(early), 'not_ready', 'nobody takes home what was not checked')
    await seedPages(stage, document?.id ?? '', 1)
    const content = await petra.send('GET', `/documents/${document?.id}/content`)
    const answer = await fetch(content.headers.get('location') ?? '')
    const said = answer.headers.get('content-disposition') ?? ''
    const name = decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(said)?.[1] ?? '')
    assert.equal(name, 'Überweisung _Mai_ 100% 契約書.pdf')
  })

  test('end with their window', async () => {
    const guest = await stage.seedPerson()
    const grant = await stage.seedGrant({ person_id: guest.id, node_id: project.id, level: 2 })
    const caller = await as(guest)
    assert.equal((await caller.send('GET', at)).status, 200)
    await stage.owner.query(`update access_grant set valid_until = now() where id = $1`, [grant])
    for (const path of ['', '/pages', '/content', '/pages/1/image', '/people'])
      assert.equal((await caller.send('GET', at + path)).status, 404, path)
    await stage.owner.query(
      `update access_grant set valid_from = now() + interval '1 hour', valid_until = 'infinity' where id = $1`,
      [grant]
    )
    assert.equal((await caller.send('GET', at)).status, 404)
  })
})

suite('who can see this', () => {
  test('names everybody with the grant that let them in', async () => {
    const found = await petra.ok<PersonWithAccess[]>('GET', `${at}/people`)
    const by = new Map(found.map((one) => [one.who.name, one]))
    assert.deepEqual([...by.keys()].slice(0, 2), ['Jonas Weber', 'Petra Bergmann'])
    assert.equal(by.get('Vera Viewer')?.level, 'view')
    assert.equal(by.has('Karl Åberg'), false)
    const reason = by.get('Petra Bergmann')?.reason
    assert.deepEqual(
      [
        reason?.step,
        reason?.level,
        reason?.through.name,
        reason?.through.kind,
        reason?.on.name,
        reason?.until
      ],
      ['allow', 'contribute', 'Bergmann GmbH', 'organisation', 'Annual accounts', null]
    )
    const ofProject = await petra.ok<PersonWithAccess[]>('GET', `/things/${project.id}/people`)
    assert.deepEqual(
      ofProject.map((one) => one.who.name),
      found.map((one) => one.who.name).filter((name) => name !== 'Some Body') // on the document alone
    )
  })

  test('does not reveal what lies above a thing that alone is visible', async () => {
    const guest = await stage.seedPerson({ name: 'Guest' })
    await stage.seedGrant({ person_id: guest.id, document_id: paper.id, level: 1 })
    const caller = await as(guest)
    const found = await caller.ok<PersonWithAccess[]>('GET', `${at}/people`)
    assert.equal(found.find((one) => one.who.name === 'Guest')?.reason?.on.name, 'Paper.pdf')
    assert.equal(found.find((one) => one.who.name === 'Petra Bergmann')?.reason, null)
    assert.equal((await caller.send('GET', `/things/${project.id}/people`)).status, 404)
  })
})

suite('a held version', () => {
  test('gives nobody anything until an administrator, who needs no grant, releases it', async () => {
    const [bad] = await petra.upload(project.id, [file('bad.pdf', 'virus')])
    assert.ok(bad)
    await seedPages(stage, bad.id, 1)
    await stage.owner.query(
      `update version set state = 'held', scan_result = 'infected' where document_id = $1`,
      [bad.id]
    )
    for (const path of ['/pages', '/pages/1/image', '/pages/1/text', '/content'])
      assert.equal(await problemCode(await jonas.send('GET', `/documents/${bad.id}${path}`)), 'held', path)
    assert.equal((await ingrid.send('GET', `/documents/${bad.id}`)).status, 404)
    assert.equal((await ingrid.send('POST', `/documents/${bad.id}/release`)).status, 204)
    assert.equal(await problemCode(await ingrid.send('POST', `/documents/${bad.id}/release`)), 'conflict')
    const { version } = await jonas.ok<Document>('GET', `/documents/${bad.id}`)
    assert.deepEqual([version.state, version.scan_result], ['checked', 'infected'])
    const jobs = await stage.owner.query(`select from job where kind = 'preview' and unique_key = $1`, [
      version.id
    ])
    assert.equal(jobs.rowCount, 1)
    assert.equal(await acts('version.released', people.ingrid), 1)
  })
})

suite('what is not theirs', () => {
  const paths = ['', '/pages', '/pages/1/image', '/pages/1/text', '/content', '/people']

  test('is not found, in the same words as what does not exist, on every path', async () => {
    for (const [method, path] of [
      ...paths.map((one) => ['GET', `/documents/ID${one}`] as const),
      ['GET', '/things/ID/people'],
      ['GET', '/projects/ID'],
      ['GET', '/folders/ID/documents'],
      ['GET', '/uploads?folder_id=ID'],
      ['POST', '/documents/ID/release']
    ] as const) {
      const id = path.startsWith('/documents') ? paper.id : project.id
      const foreign: Response = await karl.send(method, path.replace('ID', id))
      const missing: Response = await karl.send(method, path.replace('ID', crypto.randomUUID()))
      const words = async (answer: Response) => ({ ...(await answer.json()), instance: '' })
      assert.equal(foreign.status, 404, path)
      assert.deepEqual(await words(foreign), await words(missing), path)
    }
  })

  test('takes the same time (printed, not asserted: the machine is shared)', async () => {
    const times = { foreign: [] as number[], missing: [] as number[] }
    const ask = async (path: string): Promise<number> => {
      const started = performance.now()
      await (await karl.send('GET', path)).arrayBuffer()
      return performance.now() - started
    }
    for (let no = 0; no < 220; no += 1) {
      times.foreign.push(await ask(at))
      times.missing.push(await ask(`/documents/${crypto.randomUUID()}`))
    }
    const median = (all: number[]) => all.slice(20).sort((a, b) => a - b)[100] ?? Number.NaN
    const [foreign, missing] = [median(times.foreign), median(times.missing)]
    console.log(
      `not found: foreign ${foreign.toFixed(2)} ms, missing ${missing.toFixed(2)} ms (medians of 200)`
    )
  })

  test('is not reached without a session', async () => {
    assert.equal((await call(stage.documents, 'GET', at)).status, 401)
    assert.equal((await call(stage.documents, 'GET', at, { cookie: 'portico=wrong' })).status, 401)
    assert.equal((await karl.send('GET', '/documents/not-an-id')).status, 422)
  })
})
