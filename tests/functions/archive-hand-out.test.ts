/** ZIPs that were ordered and are ready: who gets them, how many, how long, and what is written down of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ArchiveAddress, OrderedArchive } from '../../functions/_shared/contract/archive.ts'
import { brought, setArchivePeople } from '../support/archive-people.ts'
import { setArchiveSteps } from '../support/archives.ts'
import { setDocumentsStage } from '../support/documents.ts'
import { call, problemCode } from '../support/functions.ts'

const stage = await setDocumentsStage()
const { step, finish } = await setArchiveSteps(stage)
const { people, jonas, petra, filled, shown, remove, acts } = await setArchivePeople(stage)

const FILES = [brought('Vertrag.txt', Buffer.from('eins')), brought('vertrag.TXT', Buffer.from('zwei'))]

test('whoever has lost a document since gets no ZIP with it in it', async () => {
  const { documents, order } = await filled(FILES)
  const { id } = await order()
  await finish()
  await stage.seedGrant({
    person_id: people.petra.id,
    document_id: documents[0]?.id ?? '',
    level: 2,
    allows: false
  })
  const answer = await petra.send('POST', `/archives/orders/${id}/address`)
  const { code, errors } = (await answer.json()) as { code: string; errors: { code: string }[] }
  assert.deepEqual([answer.status, code, errors[0]?.code], [409, 'archive_outdated', '1'])
  assert.ok(!(await acts(id)).includes('archive.handed_out'))
  await remove(id)
})

test('a ZIP is its maker’s alone: for everybody else there is nothing, whatever they manage', async () => {
  const { order } = await filled(FILES)
  const { id } = await order()
  await finish()
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/address'],
    ['DELETE', '']
  ] as const)
    assert.equal(await problemCode(await jonas.send(method, `/archives/orders/${id}${path}`)), 'not_found')
  const { items } = await jonas.ok<{ items: OrderedArchive[] }>('GET', '/archives/orders')
  assert.deepEqual(items, [])
  assert.equal((await shown(id)).state, 'ready')
  await remove(id)
  assert.equal(await problemCode(await petra.send('GET', `/archives/orders/${id}`)), 'not_found')
})

test('a full store is said, and the job goes on where it was', async () => {
  const { order } = await filled(FILES)
  const { id } = await order()
  stage.gateway.instead('archive', (request, response) => {
    request.resume()
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ outcome: 'retry', after_seconds: 15, reason: 'store_full' }))
  })
  await step()
  assert.equal((await shown(id)).trouble, 'store_full')
  stage.gateway.instead('archive', null)
  await finish()
  const ready = await shown(id)
  assert.deepEqual([ready.state, ready.trouble], ['ready', null])
  await remove(id)
})

test('three at a time, the same order once, and nothing beyond the largest', async () => {
  const { project, documents, order } = await filled(FILES)
  const headers = { 'idempotency-key': 'the-same-order' }
  const wish = { folder: project.id }
  const first = await petra.ok<OrderedArchive>('POST', '/archives/orders', wish, { headers })
  const again = await petra.ok<OrderedArchive>('POST', '/archives/orders', wish, { headers })
  assert.equal(again.id, first.id)
  const others = [await order(), await order()]
  assert.equal(await problemCode(await petra.send('POST', '/archives/orders', wish)), 'too_many_archives')
  for (const { id } of [first, ...others]) assert.equal((await remove(id)).status, 204)
  await stage.owner.query('update version set size = 60000000000 where document_id = $1', [documents[0]?.id])
  assert.equal(await problemCode(await petra.send('POST', '/archives/orders', wish)), 'too_large')
  assert.equal((await petra.send('POST', '/archives/orders', {})).status, 422)
  await finish()
})

test('its day over, the bytes go and the list says so; given up, they go as well', async () => {
  const { order } = await filled(FILES)
  const [late, given_up] = [await order(), await order()]
  await finish()
  await stage.owner.query(`update archive set expires_at = now() - interval '1 s' where id = $1`, [late.id])
  assert.equal((await shown(late.id)).state, 'expired')
  assert.equal(
    await problemCode(await petra.send('POST', `/archives/orders/${late.id}/address`)),
    'not_found'
  )
  await remove(given_up.id)
  await stage.owner.query(`select job_add('clock', '{"act": "sweep_archives"}', '', 'sweep_archives')`)
  await finish('clock')
  const { listKeys } = await import('../../functions/_shared/storage/objects.ts')
  for (const { id } of [late, given_up])
    assert.deepEqual(await listKeys(stage.store.s3, 'portico-derived', `archives/${id}/`), new Set())
  assert.equal((await shown(late.id)).state, 'expired')
  assert.equal((await acts(late.id)).at(-1), 'archive.expired')
})

test('when the store has sent every byte, that is written down once', async () => {
  const intake = await stage.handler('intake')
  const { order } = await filled(FILES)
  const { id } = await order()
  await finish()
  const { zip_size } = await shown(id)
  const { url } = await petra.ok<ArchiveAddress>('POST', `/archives/orders/${id}/address`)
  const ticket = new URL(url).searchParams.get('x-portico-ticket') ?? ''
  const sent = (range: string, length: number) =>
    call(intake, 'POST', '/access', {
      headers: { authorization: 'Bearer intake-token-of-the-tests' },
      body: {
        Records: [
          {
            eventName: 's3:ObjectAccessed:Get',
            requestParameters: { range },
            responseElements: { 'content-length': String(length) },
            s3: { object: { key: `archives%2F${id}%2Farchive.zip`, size: zip_size } },
            source: { userAgent: `portico-ticket/${ticket}` }
          }
        ]
      }
    })
  assert.equal((await sent('bytes=0-99', 100)).status, 204)
  assert.ok(!(await acts(id)).includes('archive.delivered'))
  for (let turn = 0; turn < 2; turn += 1) await sent('bytes=100-', (zip_size ?? 0) - 100)
  assert.equal((await acts(id)).filter((action) => action === 'archive.delivered').length, 1)
  await remove(id)
})

test('its maker is told in the inbox when it is ready or could not be made, and nobody else', async () => {
  const { project } = await filled(FILES)
  const wish = { folder: project.id }
  const one = await petra.ok<OrderedArchive>('POST', '/archives/orders', wish)
  await finish()
  const other = await petra.ok<OrderedArchive>('POST', '/archives/orders', wish)
  await stage.owner.query('update archive_file set sha256 = sha256($2) where archive_id = $1', [
    other.id,
    'else'
  ])
  await finish()
  for (let turn = 0; turn < 3; turn += 1) {
    await stage.owner.query(`select job_add('notices', '{}', '', 'notices')`)
    await finish('notices')
  }
  const told = await stage.owner.query(
    `select kind, person_id from notice where project_id = $1 and kind like 'archive%' order by kind`,
    [project.id]
  )
  assert.deepEqual(told.rows, [
    { kind: 'archive', person_id: people.petra.id },
    { kind: 'archive_failed', person_id: people.petra.id }
  ])
  await remove(one.id)
})
