import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Document, Folder, Project, ProjectTree } from '../../functions/_shared/contract/document.ts'
import type { Lock } from '../../functions/_shared/contract/lock.ts'
import type { Outcomes, Trashed } from '../../functions/_shared/contract/order.ts'
import { asCaller, file, seedPages, setDocumentsStage } from '../support/documents.ts'
import { problemCode } from '../support/functions.ts'

type Page<T> = { items: T[]; next: string | null }

const stage = await setDocumentsStage()
await stage.seedFirm()
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation }),
  karl: await stage.seedPerson({ name: 'Karl Åberg' })
}
const as = async (person: { id: string }) => asCaller(stage.documents, await stage.signIn(person))
const [jonas, petra, karl] = await Promise.all(Object.values(people).map(as))
assert.ok(jonas && petra && karl)

const project = await jonas.ok<Project>('POST', '/projects', { name: 'Accounts', client_id: organisation })
const newFolder = (name: string, parent_id = project.id) =>
  jonas.ok<Folder>('POST', '/folders', { parent_id, name })
const upload = async (who: typeof petra, folder_id: string, name: string): Promise<Document> => {
  const [made] = await who.upload(folder_id, [file(name, name)])
  assert.ok(made)
  return who.ok('GET', `/documents/${made.id}`)
}
const namesIn = async (who: typeof petra, folder_id = project.id) =>
  (await who.ok<Page<Document>>('GET', `/folders/${folder_id}/documents`)).items.map((one) => one.name)
const outcomes = async (who: typeof petra, path: string, body: object) =>
  (await who.ok<Outcomes>('POST', path, body)).things.map((one) => one.outcome)
const trash = (who: typeof petra, ...things: string[]) => outcomes(who, '/things/trash', { things })
const restore = (who: typeof petra, ...things: string[]) =>
  outcomes(who, `/projects/${project.id}/trash/restore`, { things })
const empty = (who: typeof petra, ...things: string[]) =>
  outcomes(who, `/projects/${project.id}/trash/empty`, { things })
const inTrash = async (who: typeof petra) =>
  (await who.ok<Trashed[]>('GET', `/projects/${project.id}/trash`)).map((one) => one.id)
const acts = async (action: string): Promise<number> =>
  (await stage.owner.query('select from audit where action = $1', [action])).rowCount ?? 0

suite('a new name', () => {
  test('is given by whoever manages, and by a client to what they brought', async () => {
    const paper = await upload(petra, project.id, 'Scan.pdf')
    assert.equal((await petra.send('PATCH', `/things/${paper.id}`, { name: 'Bilanz.pdf' })).status, 204)
    assert.equal((await jonas.send('PATCH', `/things/${paper.id}`, { name: 'Bilanz 2025.pdf' })).status, 204)
    assert.deepEqual(await namesIn(petra), ['Bilanz 2025.pdf'])
    const firms = await upload(jonas, project.id, 'Vertrag.pdf')
    assert.equal((await petra.send('PATCH', `/things/${firms.id}`, { name: 'x.pdf' })).status, 403)
    assert.equal((await karl.send('PATCH', `/things/${firms.id}`, { name: 'x.pdf' })).status, 404)
    assert.equal(await acts('document.renamed'), 2)
  })

  test('must be a name, and free', async () => {
    const [first] = (await jonas.ok<Page<Document>>('GET', `/folders/${project.id}/documents`)).items
    assert.ok(first)
    assert.equal((await jonas.send('PATCH', `/things/${first.id}`, { name: ' / ' })).status, 422)
    const taken = await jonas.send('PATCH', `/things/${first.id}`, { name: 'Vertrag.pdf' })
    assert.equal(await problemCode(taken), 'name_taken')
    const [one, two] = [await newFolder('One'), await newFolder('Two')]
    assert.equal(
      await problemCode(await jonas.send('PATCH', `/things/${two.id}`, { name: 'One' })),
      'name_taken'
    )
    assert.equal((await jonas.send('PATCH', `/things/${one.id}`, { name: 'Eins' })).status, 204)
    assert.equal((await jonas.send('PATCH', `/things/${project.id}`, { name: 'x' })).status, 404)
  })
})

suite('a new place', () => {
  test('keeps both where the name is taken, and is for whoever manages', async () => {
    const [here, there] = [await newFolder('Here'), await newFolder('There')]
    const paper = await upload(petra, here.id, 'Brief.pdf')
    await upload(jonas, there.id, 'Brief.pdf')
    const wish = { things: [paper.id], folder_id: there.id }
    assert.deepEqual(await outcomes(petra, '/things/move', wish), ['forbidden'])
    assert.deepEqual(await outcomes(jonas, '/things/move', wish), ['done'])
    assert.deepEqual(await namesIn(jonas, there.id), ['Brief (2).pdf', 'Brief.pdf'])
    assert.deepEqual(await namesIn(jonas, here.id), [])
    assert.deepEqual(await outcomes(jonas, '/things/move', wish), ['done'])
    assert.equal(await acts('document.moved'), 1)
  })

  test('is not inside itself, not in another project, and not of what one cannot see', async () => {
    const outer = await newFolder('Outer')
    const inner = await newFolder('Inner', outer.id)
    const into = (folder_id: string, ...things: string[]) =>
      outcomes(jonas, '/things/move', { things, folder_id })
    assert.deepEqual(await into(inner.id, outer.id), ['into_itself'])
    assert.deepEqual(await into(outer.id, outer.id), ['into_itself'])
    const other = await jonas.ok<Project>('POST', '/projects', { name: 'Other' })
    assert.deepEqual(await into(other.id, inner.id, crypto.randomUUID()), ['not_found', 'not_found'])
    const none = await karl.send('POST', '/things/move', { things: [inner.id], folder_id: outer.id })
    assert.equal(none.status, 404)
    assert.deepEqual(await into(project.id, inner.id), ['done'])
  })

  test('of two that move two folders into each other one is refused', async () => {
    const [a, b] = [await newFolder('A'), await newFolder('B')]
    const both = await Promise.all([
      outcomes(jonas, '/things/move', { things: [a.id], folder_id: b.id }),
      outcomes(jonas, '/things/move', { things: [b.id], folder_id: a.id })
    ])
    assert.deepEqual(both.flat().toSorted(), ['done', 'into_itself'])
  })
})

suite('the trash', () => {
  test('takes a document out of everybody’s sight at once, and gives it back', async () => {
    const folder = await newFolder('Desk')
    const paper = await upload(petra, folder.id, 'Paper.pdf')
    await seedPages(stage, paper.id, 1)
    const at = `/documents/${paper.id}`
    assert.deepEqual(await trash(petra, paper.id), ['done'])
    for (const who of [jonas, petra])
      for (const path of [at, `${at}/pages`, `${at}/pages/1/image`, `${at}/pages/1/text`, `${at}/content`])
        assert.equal((await who.send('GET', path)).status, 404, path)
    assert.deepEqual(await namesIn(jonas, folder.id), [])
    const found = await jonas.ok<{ items: { id: string }[] }>('GET', '/search?q=Paper')
    assert.equal(
      found.items.some((one) => one.id === paper.id),
      false
    )

    const [lies] = await petra.ok<Trashed[]>('GET', `/projects/${project.id}/trash`)
    assert.deepEqual(lies && [lies.id, lies.name, lies.by.name], [paper.id, 'Paper.pdf', 'Petra Bergmann'])
    assert.deepEqual(await restore(jonas, paper.id, crypto.randomUUID()), ['done', 'not_found'])
    assert.equal((await petra.send('GET', at)).status, 200)
    assert.deepEqual(await petra.ok<Trashed[]>('GET', `/projects/${project.id}/trash`), [])
    assert.equal(await acts('document.trashed'), 1)
    assert.equal(await acts('document.restored'), 1)
  })

  test('takes a folder with all that is in it, what has access of its own too', async () => {
    const folder = await newFolder('Cabinet')
    const inner = await newFolder('Drawer', folder.id)
    const paper = await upload(jonas, inner.id, 'Deep.pdf')
    await stage.seedGrant({ person_id: people.karl.id, document_id: paper.id, level: 2 })
    assert.equal((await karl.send('GET', `/documents/${paper.id}`)).status, 200)
    assert.deepEqual(await trash(jonas, folder.id), ['done'])
    for (const who of [jonas, karl])
      assert.equal((await who.send('GET', `/documents/${paper.id}`)).status, 404)
    const tree = await jonas.ok<ProjectTree>('GET', `/projects/${project.id}`)
    assert.equal(
      tree.folders.some((one) => [folder.id, inner.id].includes(one.id)),
      false
    )
    // Nobody sees the old one: a new folder may have its name, and nothing arrives in the old.
    await newFolder('Cabinet')
    const late = await jonas.send('POST', '/folders', { parent_id: inner.id, name: 'Late' })
    assert.equal(late.status, 404)
    assert.deepEqual(await restore(jonas, folder.id), ['done'])
    assert.equal((await karl.send('GET', `/documents/${paper.id}`)).status, 200)
  })

  test('is shut for what one may not throw away or take out', async () => {
    const firms = await upload(jonas, project.id, 'Firm.pdf')
    assert.deepEqual(await trash(petra, firms.id), ['forbidden'])
    assert.equal((await karl.send('POST', '/things/trash', { things: [firms.id] })).status, 404)
    assert.deepEqual(await trash(jonas, firms.id), ['done'])
    assert.deepEqual(await restore(petra, firms.id), ['not_found'])
    assert.deepEqual(await petra.ok<Trashed[]>('GET', `/projects/${project.id}/trash`), [])
    assert.equal((await karl.send('GET', `/projects/${project.id}/trash`)).status, 404)
  })

  test('holds a thing once, however often it is thrown away and taken out at once', async () => {
    const paper = await upload(jonas, project.id, 'Twice.pdf')
    // Who comes second finds it there already, or not at all.
    const twice = [1, 2].map(() => jonas.send('POST', '/things/trash', { things: [paper.id] }))
    for (const { status } of await Promise.all(twice)) assert.ok(status === 200 || status === 404)
    const { rows } = await stage.owner.query('select from trash where thing_id = $1', [paper.id])
    assert.equal(rows.length, 1)
    const both = await Promise.all([restore(jonas, paper.id), restore(jonas, paper.id)])
    assert.deepEqual(both.flat().toSorted(), ['done', 'not_found'])
    assert.equal((await jonas.send('GET', `/documents/${paper.id}`)).status, 200)
    assert.deepEqual(await trash(jonas, paper.id), ['done'])
    assert.equal((await jonas.send('GET', `/documents/${paper.id}`)).status, 404)
  })

  test('gives nothing back, and loses nothing for good, under a lock that somebody set', async () => {
    const folder = await newFolder('Frozen')
    const inner = await newFolder('Frozen inside', folder.id)
    const paper = await upload(petra, inner.id, 'Frozen.pdf')
    assert.deepEqual(await trash(petra, paper.id), ['done'])
    const at = new Date(Date.now() - 3_600_000).toISOString()
    const lies = async (who: typeof petra) => (await inTrash(who)).includes(paper.id)
    for (const thing_id of [folder.id, paper.id])
      for (const hides of [false, true]) {
        const lock: Lock = await jonas.ok('POST', '/locks', { thing_id: folder.id, hides, at })
        // On the document itself it was set before that was thrown away.
        await stage.owner.query(
          'update access_lock set node_id = $2, document_id = $3 where id = $1',
          thing_id === paper.id ? [lock.id, null, paper.id] : [lock.id, folder.id, null]
        )
        const refusal = [hides ? 'not_found' : 'forbidden']
        assert.deepEqual(await restore(petra, paper.id), refusal)
        assert.deepEqual(await restore(jonas, paper.id), refusal)
        assert.deepEqual(await empty(jonas, paper.id), refusal)
        assert.deepEqual([await lies(petra), await lies(jonas)], [false, false])
        assert.equal((await jonas.send('DELETE', `/locks/${lock.id}`)).status, 204)
        assert.deepEqual([await lies(petra), await lies(jonas)], [true, true])
      }
    // One that has not come yet, and one that passes over the document, hold nothing.
    await jonas.ok('POST', '/locks', { thing_id: folder.id, hides: true, counts_from: 'upload', days: 3 })
    assert.deepEqual(await restore(petra, paper.id), ['done'])
    assert.deepEqual(await trash(petra, paper.id), ['done'])
    await stage.owner.query(
      `update access_lock set valid_from = now() where node_id = $1 and valid_from > now()`,
      [folder.id]
    )
    await stage.owner.query(`update document set created_at = now() - interval '4 days' where id = $1`, [
      paper.id
    ])
    assert.deepEqual(await restore(petra, paper.id), ['not_found'])
    await stage.owner.query(
      `insert into lock_exception (lock_id, document_id, made_by) select l.id, $2, l.made_by from access_lock l where l.node_id = $1`,
      [folder.id, paper.id]
    )
    assert.deepEqual(await restore(petra, paper.id), ['done'])
  })
})
