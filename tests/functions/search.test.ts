import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { Project } from '../../functions/_shared/contract/document.ts'
import type { SearchHit } from '../../functions/_shared/contract/search.ts'
import { asCaller, file, seedPages, setDocumentsStage } from '../support/documents.ts'
import { problemCode } from '../support/functions.ts'
import { startConnector } from '../support/pipeline.ts'

type Page = { items: SearchHit[]; next: string | null }

const stage = await setDocumentsStage()
await stage.seedFirm()
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation }),
  viewer: await stage.seedPerson({ name: 'Vera Viewer' }),
  stranger: await stage.seedPerson({ name: 'Sven Stranger' })
}
const as = async (person: { id: string }) => asCaller(stage.documents, await stage.signIn(person))
const [jonas, petra, viewer, stranger] = await Promise.all(Object.values(people).map(as))
assert.ok(jonas && petra && viewer && stranger)
type Caller = typeof jonas

const project = await jonas.ok<Project>('POST', '/projects', {
  name: 'Jahresabschluss Müller',
  client_id: organisation
})
await stage.seedGrant({ person_id: people.viewer.id, node_id: project.id, level: 1 })

const connector = startConnector(stage.secrets, stage.gateway.url)
after(() => connector.stop())

/** A document that has pages of these texts, as preview leaves them, and was then indexed by the connector. */
async function paper(name: string, texts: string[], folder_id = project.id): Promise<string> {
  const [made] = await jonas!.upload(folder_id, [file(name, name)])
  assert.ok(made)
  await stage.owner.query(`delete from job where kind in ('scan', 'preview')`)
  await seedPages(stage, made.id, texts.length)
  for (const [index, text] of texts.entries()) {
    const words = text.split(' ').map((t) => ({ t, x: 1, y: 2, w: 3, h: 4 }))
    await stage.store.s3.send(
      new PutObjectCommand({
        Bucket: 'portico-derived',
        Key: `${made.id}/test/${index + 1}.json`,
        Body: JSON.stringify({ words })
      })
    )
  }
  await index(made.id)
  return made.id
}

async function index(document_id: string): Promise<void> {
  await stage.owner.query(
    `select job_add('index', jsonb_build_object('version_id', v.id, 'project_id', v.project_id), '', v.id::text)
       from document d join version v on v.id = d.current_version_id where d.id = $1`,
    [document_id]
  )
  for (let tries = 0; tries < 200; tries += 1) {
    const { rowCount } = await stage.owner.query(
      `select from job where kind = 'index' and state in ('ready', 'active')`
    )
    if (rowCount === 0) return
    await wait(50)
  }
  throw new Error('the text was not indexed')
}

const find = async (who: Caller, q: string, more = ''): Promise<SearchHit[]> =>
  (await who.ok<Page>('GET', `/search?q=${encodeURIComponent(q)}${more}`)).items
const inText = (hits: SearchHit[]) => hits.filter((hit) => hit.page !== null).map((hit) => hit.id)
const byName = (hits: SearchHit[]) => hits.filter((hit) => hit.page === null).map((hit) => hit.id)

const contract = await paper('Mietvertrag A-1312/B.pdf', [
  'Erste Seite ohne Belang',
  `${'Wort '.repeat(30)}Die Kündigung der Verträge durch Frau Müller ist zulässig ${'Ende '.repeat(40)}`,
  'Noch einmal: Kündigung'
])
const swedish = await paper('Årsredovisning.pdf', ['Förvaltningsberättelse för räkenskapsåret'])

suite('names', () => {
  test('are found without accents, by a part between separators, and while they are typed', async () => {
    for (const q of ['1312', 'a1312', 'A-1312/B', 'mietv', 'MIETVERTRAG a'])
      assert.deepEqual(byName(await find(jonas, q)), [contract], q)
    assert.deepEqual(byName(await find(jonas, 'arsredo')), [swedish])
    for (const q of ['muller', 'Müller', 'Mueller'])
      assert.deepEqual(byName(await find(jonas, q)), [project.id], q)
  })

  test('follow a new name and a deletion, and never show the old one', async () => {
    const folder = await jonas.ok<{ id: string }>('POST', '/folders', {
      parent_id: project.id,
      name: 'Zwischen'
    })
    assert.deepEqual(byName(await find(petra, 'zwischen')), [folder.id])
    await stage.owner.query(`update node set name = 'Endlich' where id = $1`, [folder.id])
    assert.deepEqual(byName(await find(petra, 'zwischen')), [])
    assert.deepEqual(byName(await find(petra, 'endlich')), [folder.id])
    await stage.owner.query('delete from node where id = $1', [folder.id])
    assert.deepEqual(byName(await find(petra, 'endlich')), [])
  })
})

suite('texts', () => {
  test('are found in other forms of a word, with the page and the piece of text that was meant', async () => {
    const [hit] = (await find(petra, 'Vertrag Kündigungen')).filter((one) => one.page)
    assert.equal(hit?.id, contract)
    assert.equal(hit?.page?.no, 2)
    const shown = hit?.page?.snippet.map((part) => (part.hit ? `[${part.text}]` : part.text)).join('')
    assert.match(shown ?? '', /^… .*\[Kündigung\] der \[Verträge\] durch Frau Müller .* …$/)
    assert.equal((await find(petra, 'kundigung')).find((one) => one.page)?.page?.pages, 2)
    assert.deepEqual(inText(await find(petra, 'forvaltningsberattelsen')), [swedish])
  })

  test('between quotation marks are found word for word only', async () => {
    assert.deepEqual(inText(await find(petra, '„Kündigung der Verträge“')), [contract])
    assert.deepEqual(inText(await find(petra, '"Kündigung der Vertrag"')), [])
    assert.deepEqual(inText(await find(petra, '"Verträge der Kündigung"')), [])
  })

  test('are not found by somebody who may only view, though the name is', async () => {
    assert.deepEqual(inText(await find(viewer, 'Kündigung')), [])
    assert.deepEqual(byName(await find(viewer, 'mietvertrag')), [contract])
    assert.deepEqual(await find(stranger, 'Kündigung'), [])
    assert.deepEqual(await find(stranger, 'mietvertrag'), [])
  })

  test('of a version that is held are not found', async () => {
    await stage.owner.query(`update version set state = 'held' where document_id = $1`, [swedish])
    assert.deepEqual(inText(await find(jonas, 'räkenskapsåret')), [])
    await stage.owner.query(`update version set state = 'ready' where document_id = $1`, [swedish])
    assert.deepEqual(inText(await find(jonas, 'räkenskapsåret')), [swedish])
  })

  test('of a version that is no longer the current one go, and come back with it', async () => {
    const { rows } = await stage.owner.query<{ id: string }>(
      `insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type, state)
       select document_id, project_id, 2, object_key || 'x', object_version_id, size, declared_type, 'received'
         from version where document_id = $1 returning id`,
      [swedish]
    )
    const old = await stage.owner.query<{ id: string }>(
      'select current_version_id as id from document where id = $1',
      [swedish]
    )
    await stage.owner.query('update document set current_version_id = $2 where id = $1', [
      swedish,
      rows[0]?.id
    ])
    assert.deepEqual(inText(await find(jonas, 'räkenskapsåret')), [])
    const left = await stage.owner.query('select from page_text where document_id = $1', [swedish])
    assert.equal(left.rowCount, 0)
    await stage.owner.query('update document set current_version_id = $2 where id = $1', [
      swedish,
      old.rows[0]?.id
    ])
    await index(swedish)
    assert.deepEqual(inText(await find(jonas, 'räkenskapsåret')), [swedish])
  })

  test('that are poison do no harm', async () => {
    const poison = await paper('Gift.pdf', [
      `Schierling \u0000 \ud800 ${'x'.repeat(60_000)}`,
      `Tollkirsche ${"' \\ & | ! <-> :* ".repeat(400)}`
    ])
    assert.deepEqual(inText(await find(jonas, 'Schierling')), [poison])
    assert.deepEqual(inText(await find(jonas, 'tollkirsche')), [poison])
  })
})

suite('a search', () => {
  test('of one project finds nothing of another', async () => {
    const other = await jonas.ok<Project>('POST', '/projects', { name: 'Anderes' })
    const there = await paper('Dort.pdf', ['Kündigung'], other.id)
    assert.deepEqual(inText(await find(jonas, 'Kündigung', `&project=${other.id}`)), [there])
    assert.deepEqual(await find(petra, 'Kündigung', `&project=${other.id}`), [])
    assert.deepEqual(inText(await find(petra, 'Kündigung')), [contract])
  })

  test('goes on page by page through names and texts, each once', async () => {
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: Page = await jonas.ok('GET', `/search?q=m&limit=1${next && `&cursor=${next}`}`)
      seen.push(...page.items.map((hit) => `${hit.id} ${hit.page?.no ?? ''}`))
      next = page.next
    }
    assert.equal(new Set(seen).size, seen.length)
    assert.ok(seen.length >= 2)
  })

  test('that makes no sense is answered clearly', async () => {
    for (const q of ['', '   ', '&|!:*', '\u0000', 'x'.repeat(10_000)]) {
      const answer = await jonas.send('GET', `/search?q=${encodeURIComponent(q)}`)
      assert.equal(answer.status, 422, JSON.stringify(q.slice(0, 20)))
      assert.equal(await problemCode(answer), 'invalid_request')
    }
    for (const q of [`'; drop table page --`, 'a & b | (c', '\\', 'und\u0000oder', `""" '`, '😀 x', '🙂'])
      assert.ok(
        [200, 422].includes((await jonas.send('GET', `/search?q=${encodeURIComponent(q)}`)).status),
        q
      )
  })

  test('is written down without its words, when it showed text', async () => {
    const acts = async () =>
      (
        await stage.owner.query<{ body: string }>(
          `select convert_from(body, 'UTF8') as body from audit where action = 'search.run' and actor_id = $1`,
          [people.petra.id]
        )
      ).rows
    const before = (await acts()).length
    await find(petra, 'Kündigung')
    await find(petra, 'nirgendwo')
    const after = await acts()
    assert.equal(after.length, before + 1)
    assert.ok(!JSON.stringify(after).toLowerCase().includes('ndigung'))
  })
})
