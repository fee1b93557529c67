import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { suite, test } from 'node:test'
import type { FileMatches } from '../../functions/_shared/contract/upload.ts'
import { problemCode } from '../support/functions.ts'
import { file, put } from '../support/documents.ts'
import { setVersionsStage } from '../support/versions.ts'

const {
  stage,
  project,
  client,
  jonas,
  petra,
  rita,
  karl,
  query,
  read,
  versions,
  acts,
  scanned,
  newVersion,
  first
} = await setVersionsStage()

suite('a new version', () => {
  test('arrives under a key of its own as the next number, and says so in receipt and log', async () => {
    const document = await first('Vertrag.txt')
    const [upload] = await petra.begin(project, [newVersion(document, 'zwei', 'Vertrag neu.txt')])
    assert.equal(upload?.of_document_id, document.id)
    await put(upload.url ?? '', Buffer.from('zwei'))
    const { outcomes } = await petra.complete([upload.id])
    assert.equal(outcomes[0]?.document?.id, document.id)
    assert.equal(outcomes[0]?.version_no, 2)
    assert.deepEqual(await petra.complete([upload.id]).then((again) => again.outcomes), outcomes)
    const listed = await versions(document.id)
    assert.deepEqual(
      listed.map((one) => [one.no, one.size, one.created_by?.name]),
      [
        [2, 4, 'Petra Bergmann'],
        [1, 4, 'Petra Bergmann']
      ]
    )
    const [, act] = await acts(document.id)
    assert.equal(act.action, 'version.received')
    assert.equal(act.facts.no, 2)
    assert.equal((await read(document.id)).name, 'Vertrag.txt')
  })

  test('does not hide the good one until it is checked, and never when it is infected', async () => {
    const document = await first('Bescheid.txt')
    await petra.upload(project, [newVersion(document, 'zwei!')])
    let now = await read(document.id)
    assert.deepEqual([now.version.no, now.current_no, now.newest.no, now.newest.state], [1, 1, 2, 'received'])
    await scanned(document.id, 2, 'infected')
    now = await read(document.id)
    assert.deepEqual([now.version.no, now.newest.state, now.newest.scan_result], [1, 'held', 'infected'])
    assert.equal(
      await problemCode(await petra.send('GET', `/documents/${document.id}/content?version=2`)),
      'held'
    )
    assert.equal((await petra.send('GET', `/documents/${document.id}/content`)).status, 302)

    await petra.upload(project, [newVersion(document, 'drei!!')])
    await scanned(document.id, 3)
    now = await read(document.id)
    assert.deepEqual([now.version.no, now.newest.no, now.version.size], [3, 3, 6])
    // Released late, an older one does not come before a newer one.
    assert.equal((await jonas.send('POST', `/documents/${document.id}/release?version=2`)).status, 204)
    assert.equal((await read(document.id)).version.no, 3)
  })

  test('is the current one by one rule, whatever happens to versions in whatever order', async () => {
    const document = await first('Regel.txt')
    await petra.upload(
      project,
      Array.from({ length: 5 }, () => newVersion(document, 'x'))
    )
    const states = ['received', 'held', 'checked', 'previewing', 'ready']
    const now = new Map([1, 2, 3, 4, 5, 6].map((no) => [no, no === 1 ? 'checked' : 'received']))
    for (let step = 0; step < 60; step += 1) {
      const [no, state] = [1 + ((step * 7) % 6), states[(step * 11 + (step >> 2)) % 5] ?? '']
      await query('update version set state = $3 where document_id = $1 and no = $2', [
        document.id,
        no,
        state
      ])
      now.set(no, state)
      const good = [...now].filter(([, one]) => one !== 'received' && one !== 'held').map(([one]) => one)
      const wanted = good.length > 0 ? Math.max(...good) : 6
      const [row] = await query(
        'select v.no from document d join version v on v.id = d.current_version_id where d.id = $1',
        [document.id]
      )
      assert.equal(row.no, wanted, JSON.stringify([...now]))
    }
  })

  test('sent by two at once is two versions, whoever is checked first', async () => {
    const document = await first('Zwei.txt')
    const uploads = await Promise.all([
      petra.begin(project, [newVersion(document, 'a')]),
      jonas.begin(project, [newVersion(document, 'b')])
    ])
    const [mine, theirs] = uploads.map(([one]) => one)
    await Promise.all([put(mine?.url ?? '', Buffer.from('a')), put(theirs?.url ?? '', Buffer.from('b'))])
    const receipts = await Promise.all([petra.complete([mine?.id ?? '']), jonas.complete([theirs?.id ?? ''])])
    assert.deepEqual(receipts.map((one) => one.outcomes[0]?.version_no).sort(), [2, 3])
    await Promise.all([scanned(document.id, 3), scanned(document.id, 2)])
    assert.equal((await read(document.id)).version.no, 3)
  })

  test('of ten files in one call is ten versions in their order', async () => {
    const document = await first('Zehn.txt')
    const files = Array.from({ length: 10 }, (_, index) => newVersion(document, 'x'.repeat(index + 1)))
    await petra.upload(project, files)
    const listed = await versions(document.id)
    assert.deepEqual(
      listed.map((one) => [one.no, one.size]),
      Array.from({ length: 10 }, (_, index) => [11 - index, 10 - index]).concat([[1, 4]])
    )
  })

  test('whose document may not be added to any more becomes a document of its own', async () => {
    const document = await first('Weg.txt')
    const [upload] = await petra.begin(project, [newVersion(document, 'zwei')])
    await put(upload?.url ?? '', Buffer.from('zwei'))
    const deny = [client.id, document.id]
    await query(
      `insert into access_grant (person_id, document_id, level, allows) values ($1, $2, 1, false)`,
      deny
    )
    const { outcomes } = await petra.complete([upload?.id ?? ''])
    assert.equal(outcomes[0]?.outcome, 'received')
    assert.equal(outcomes[0].document?.id, upload?.document_id)
    assert.equal(outcomes[0].document?.name, 'Weg (2).txt')
    await query('delete from access_grant where person_id = $1 and document_id = $2', deny)
    assert.equal((await versions(document.id)).length, 1)
  })

  test('whose document was deleted for good meanwhile becomes a document of its own', async () => {
    const document = await first('Gelöscht.txt')
    const [upload] = await petra.begin(project, [newVersion(document, 'zwei')])
    await put(upload?.url ?? '', Buffer.from('zwei'))
    await query('update document set current_version_id = null where id = $1', [document.id])
    await query('delete from version where document_id = $1', [document.id])
    await query('delete from document where id = $1', [document.id])
    const { outcomes } = await petra.complete([upload?.id ?? ''])
    assert.equal(outcomes[0]?.document?.id, upload?.document_id)
    assert.equal(outcomes[0]?.version_no, 1)
  })

  test('can be added by who may contribute; for others the document is view only, or not there', async () => {
    const document = await first('Rechte.txt')
    const body = (id: string) => ({
      folder_id: project,
      files: [{ name: 'Rechte.txt', size: 1, document_id: id }]
    })
    assert.equal((await rita.send('POST', '/uploads', body(document.id))).status, 403)
    const foreign = await karl.send('POST', '/uploads', body(document.id))
    assert.equal(foreign.status, 404)
    assert.equal((await karl.send('POST', '/uploads', body(randomUUID()))).status, 404)
    assert.equal((await petra.send('POST', '/uploads', body(randomUUID()))).status, 404)
    assert.equal((await karl.send('GET', `/documents/${document.id}/versions`)).status, 404)
    const elsewhere = await stage.seedProject()
    await stage.seedGrant({ person_id: client.id, node_id: elsewhere, level: 3 })
    const mixed = { folder_id: elsewhere, files: [...body(document.id).files, { name: 'b', size: 1 }] }
    assert.equal(await problemCode(await petra.send('POST', '/uploads', mixed)), 'invalid_request')
  })
})

suite('before files are sent', () => {
  test('it can be asked which have a document of their name, also in folders that they bring along', async () => {
    await first('Beleg.txt')
    await petra.upload(project, [file('Innen.txt', 'x', '2025/Belege')])
    const files = [
      { name: 'Beleg.txt' },
      { name: 'Innen.txt', path: '2025/Belege' },
      { name: 'Innen.txt' },
      { name: 'Neu.txt', path: '2025/Nichts' }
    ]
    const { matches } = await petra.ok<FileMatches>('POST', '/uploads/matches', { folder_id: project, files })
    assert.deepEqual(
      matches.map((one) => [one.index, one.newest_no]),
      [
        [0, 1],
        [1, 1]
      ]
    )
    const wish = { folder_id: project, files }
    assert.equal((await rita.send('POST', '/uploads/matches', wish)).status, 403)
    assert.equal((await karl.send('POST', '/uploads/matches', wish)).status, 404)
  })
})
