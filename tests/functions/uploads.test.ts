import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import type { Upload, UploadProgress } from '../../functions/_shared/contract/upload.ts'
import { call, problemCode } from '../support/functions.ts'
import { asCaller, file, put, setDocumentsStage, someBytes } from '../support/documents.ts'

const MiB = 1024 * 1024
const stage = await setDocumentsStage()
const firm = await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' })
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const client = await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation })
const stranger = await stage.seedPerson({ name: 'Karl Åberg' })
const project = await stage.seedProject({ client_id: organisation })
await stage.seedGrant({ organisation_id: organisation, node_id: project, level: 3 })
await stage.seedGrant({ person_id: firm.id, node_id: project, level: 4 })
const petra = asCaller(stage.documents, await stage.signIn(client))
const karl = asCaller(stage.documents, await stage.signIn(stranger))

const count = async (text: string, values: unknown[] = []): Promise<number> =>
  Number((await stage.owner.query<{ n: string }>(text, values)).rows[0]?.n)

suite('a file that goes in one PUT', () => {
  test('becomes a document, with a receipt that says who can see it', async () => {
    const [upload] = await petra.begin(project, [file('Beleg.txt', 'hello')])
    assert.ok(upload?.url)
    assert.equal(upload.part_count, 1)
    assert.equal((await put(upload.url, Buffer.from('hello'))).status, 200)
    const receipt = await petra.complete([upload.id])
    const [outcome] = receipt.outcomes
    assert.equal(outcome?.outcome, 'received')
    assert.equal(outcome.document?.name, 'Beleg.txt')
    assert.equal(outcome.document.id, upload.document_id)
    assert.equal(outcome.document.level, 'contribute')
    assert.equal(outcome.document.version.state, 'received')
    assert.equal(outcome.document.version.size, 5)
    assert.equal(outcome.document.created_by?.name, 'Petra Bergmann')
    assert.deepEqual(receipt.seen_by, [{ name: 'Jonas Weber', staff: true }])
    assert.equal(receipt.seen_by_more, 0)
    assert.equal(receipt.received_at, new Date(outcome.document.version.received_at).toISOString())
  })

  test('is pinned, told to the inbox, audited and given to the scanner, in one go', async () => {
    const [document] = await petra.upload(project, [file('Pinned.txt', 'pinned')])
    const { rows } = await stage.owner.query(
      `select v.object_key, v.object_version_id, i.source, i.kind,
              (select count(*)::int from job where kind = 'scan' and data->>'version_id' = v.id::text) as scans,
              (select count(*)::int from job where kind = 'arrive') as arrivals,
              (select count(*)::int from audit a where a.document_id = v.document_id and action = 'document.received') as acts
         from version v left join inbox i on i.key = v.object_key and i.object_version_id = v.object_version_id
        where v.document_id = $1`,
      [document?.id]
    )
    assert.equal(rows.length, 1)
    const { object_key, object_version_id, ...rest } = rows[0]
    assert.deepEqual(rest, { source: 'api', kind: 'created', scans: 1, arrivals: 0, acts: 1 })
    assert.match(object_version_id, /^[0-9a-f-]{36}$/)
    const there = await stage.store.s3.send(
      new ListObjectVersionsCommand({ Bucket: 'portico-documents', Prefix: object_key })
    )
    assert.deepEqual(
      there.Versions?.map((version) => version.VersionId),
      [object_version_id]
    )
  })

  test('completed a second time answers the same', async () => {
    const [upload] = await petra.begin(project, [file('Twice.txt', 'twice')])
    await put(upload?.url ?? '', Buffer.from('twice'))
    const first = await petra.complete([upload?.id ?? ''])
    const second = await petra.complete([upload?.id ?? ''])
    assert.deepEqual(second, first)
    assert.equal(
      await count('select count(*) n from version where document_id = $1', [upload?.document_id]),
      1
    )
  })

  test('is made once when it is completed ten times at once', async () => {
    const [upload] = await petra.begin(project, [file('Race.txt', 'race')])
    await put(upload?.url ?? '', Buffer.from('race'))
    const receipts = await Promise.all(Array.from({ length: 10 }, () => petra.complete([upload?.id ?? ''])))
    for (const receipt of receipts) assert.equal(receipt.outcomes[0]?.outcome, 'received')
    const acts = `select count(*) n from audit where action = 'document.received' and document_id = $1`
    assert.equal(await count(acts, [upload?.document_id]), 1)
  })

  test('of no bytes at all is a file too', async () => {
    const [document] = await petra.upload(project, [file('empty.txt', '')])
    assert.equal(document?.version.size, 0)
  })

  test('cannot be written a second time through the same URL', async () => {
    const [upload] = await petra.begin(project, [file('Once.txt', 'first')])
    const url = upload?.url ?? ''
    assert.equal((await put(url, Buffer.from('first'))).status, 200)
    assert.equal((await put(url, Buffer.from('other'))).status, 412)
    assert.notEqual((await put(url, Buffer.from('other'), {})).status, 200)
  })

  test('cannot have another length than was announced', async () => {
    const [upload] = await petra.begin(project, [file('Length.txt', '12345')])
    assert.equal((await put(upload?.url ?? '', Buffer.from('123456'))).status, 403)
    assert.equal((await put(upload?.url ?? '', Buffer.from('1234'))).status, 403)
    const { outcomes } = await petra.complete([upload?.id ?? ''])
    assert.deepEqual(outcomes, [
      { id: upload?.id, outcome: 'incomplete', document: null, version_no: null, missing: [1] }
    ])
  })
})

suite('a file in parts', () => {
  const bytes = Buffer.from(someBytes(33 * MiB))
  const big = { name: 'Big.bin', bytes }
  const partOf = (upload: Upload, no: number) =>
    bytes.subarray((no - 1) * upload.part_size, no * upload.part_size)
  const urls = async (id: string, numbers: number[]) =>
    (
      await petra.ok<{ parts: { number: number; url: string }[] }>('POST', `/uploads/${id}/parts`, {
        numbers
      })
    ).parts

  test('arrives out of order, with a part sent twice', async () => {
    const [upload] = await petra.begin(project, [big])
    assert.ok(upload)
    assert.equal(upload.url, null)
    assert.equal(upload.part_count, 3)
    for (const { number, url } of (await urls(upload.id, [3, 1, 2])).toReversed())
      assert.equal((await put(url, partOf(upload, number), {})).status, 200)
    const [again] = await urls(upload.id, [1])
    assert.equal((await put(again?.url ?? '', partOf(upload, 1), {})).status, 200)
    const { outcomes } = await petra.complete([upload.id])
    assert.equal(outcomes[0]?.outcome, 'received')
    assert.equal(outcomes[0].document?.version.size, bytes.length)
    assert.deepEqual((await petra.complete([upload.id])).outcomes, outcomes)
  })

  test('is not complete without all parts, and tells which are missing; the rest can follow', async () => {
    const [upload] = await petra.begin(project, [big])
    assert.ok(upload)
    assert.deepEqual((await petra.complete([upload.id])).outcomes[0]?.missing, [1, 2, 3])
    const [two] = await urls(upload.id, [2])
    await put(two?.url ?? '', partOf(upload, 2), {})
    const { outcomes } = await petra.complete([upload.id])
    assert.equal(outcomes[0]?.outcome, 'incomplete')
    assert.deepEqual(outcomes[0].missing, [1, 3])

    const { uploads } = await petra.ok<{ uploads: UploadProgress[] }>('GET', `/uploads?project_id=${project}`)
    const listed = uploads.find((one) => one.id === upload.id)
    assert.deepEqual(listed?.parts, [{ number: 2, size: 16 * MiB }])
    assert.deepEqual((await petra.ok<UploadProgress>('GET', `/uploads/${upload.id}`)).parts, listed?.parts)

    for (const { number, url } of await urls(upload.id, [1, 3])) await put(url, partOf(upload, number), {})
    assert.equal((await petra.complete([upload.id])).outcomes[0]?.outcome, 'received')
  })

  test('takes only parts of their exact length', async () => {
    const [upload] = await petra.begin(project, [big])
    const [one, three] = await urls(upload?.id ?? '', [1, 3])
    assert.equal((await put(one?.url ?? '', Buffer.from('short'), {})).status, 403)
    assert.equal((await put(three?.url ?? '', someBytes(16 * MiB), {})).status, 403)
  })

  test('has no parts beyond its last', async () => {
    const [upload] = await petra.begin(project, [big])
    const answer = await petra.send('POST', `/uploads/${upload?.id}/parts`, { numbers: [4] })
    assert.equal(answer.status, 422)
  })

  test('begins once in the store when two calls ask for parts at the same time', async () => {
    const [upload] = await petra.begin(project, [big])
    assert.ok(upload)
    const asked = await Promise.all([1, 2, 3].map((no) => urls(upload.id, [no])))
    const ids = new Set(asked.flat().map((part) => new URL(part.url).searchParams.get('uploadId')))
    assert.equal(ids.size, 1)
    const key = new URL(asked[0]?.[0]?.url ?? '').pathname.split('/').slice(2).join('/')
    const { Uploads } = await stage.store.s3.send(
      new ListMultipartUploadsCommand({ Bucket: 'portico-documents', Prefix: key })
    )
    assert.deepEqual(
      Uploads?.map((one) => one.UploadId),
      [...ids]
    )
  })

  test('that is given up leaves nothing in the store and cannot be completed', async () => {
    const [upload] = await petra.begin(project, [big])
    assert.ok(upload)
    const [one] = await urls(upload.id, [1])
    await put(one?.url ?? '', partOf(upload, 1), {})
    assert.equal((await petra.send('DELETE', `/uploads/${upload.id}`)).status, 204)
    assert.equal((await petra.send('DELETE', `/uploads/${upload.id}`)).status, 204)
    assert.equal((await put(one?.url ?? '', partOf(upload, 1), {})).status, 404)
    assert.equal((await petra.complete([upload.id])).outcomes[0]?.outcome, 'not_found')
    assert.equal((await petra.send('GET', `/uploads/${upload.id}`)).status, 404)
    assert.equal(await count(`select count(*) n from audit where action = 'upload.aborted'`), 1)
  })

  test('of 10 GiB is only announced: 640 parts, and what is missing is said', async () => {
    const { uploads } = await petra.ok<{ uploads: Upload[] }>('POST', '/uploads', {
      folder_id: project,
      files: [{ name: 'huge.bin', size: 10 * 1024 * MiB }]
    })
    assert.equal(uploads[0]?.part_count, 640)
    const { outcomes } = await petra.complete([uploads[0].id])
    assert.equal(outcomes[0]?.missing.length, 640)
  })

  test('larger than the portal takes is refused before anything is made', async () => {
    const answer = await petra.send('POST', '/uploads', {
      folder_id: project,
      files: [{ name: 'huge.bin', size: 51 * 1024 ** 3 }]
    })
    assert.equal(answer.status, 422)
  })
})

suite('names', () => {
  test('that lie or mean something in paths are cleaned', async () => {
    const evil = [
      '../../etc/passwd',
      'a/b\\c.txt',
      'invoice\u202Efdp.exe',
      'bell\u0007\u0000.txt',
      '😀'.repeat(255) + '.txt',
      '  spaced  .txt. '
    ]
    const uploads = await petra.begin(
      project,
      evil.map((name) => file(name, 'x'))
    )
    const names = uploads.map((upload) => upload.name)
    assert.deepEqual(
      [names[0], names[1], names[2], names[3], names[5]],
      ['.._.._etc_passwd', 'a_b_c.txt', 'invoicefdp.exe', 'bell.txt', 'spaced .txt']
    )
    assert.ok(Buffer.byteLength(names[4] ?? '') <= 255)
    assert.match(names[4] ?? '', /^(?:😀)+\.txt$/u)
  })

  test('of which nothing is left are refused, each by its number', async () => {
    const answer = await petra.send('POST', '/uploads', {
      folder_id: project,
      files: ['fine.txt', '..', '/'].map((name) => ({ name, size: 1 }))
    })
    assert.equal(answer.status, 422)
    const problem = await answer.json()
    assert.deepEqual(
      problem.errors.map((error: { field: string }) => error.field),
      ['files.1.name', 'files.2.name']
    )
  })

  test('that are taken get a number, also within one call', async () => {
    const folder = await petra.ok<{ id: string }>('POST', '/folders', { parent_id: project, name: 'Same' })
    const first = await petra.upload(folder.id, [file('A.pdf', '1'), file('A.pdf', '2')])
    assert.deepEqual(
      first.map((document) => document.name),
      ['A.pdf', 'A (2).pdf']
    )
    const rest = await petra.upload(
      folder.id,
      Array.from({ length: 10 }, (_, no) => file('A.pdf', `${no}`))
    )
    assert.deepEqual(
      rest.map((document) => document.name),
      Array.from({ length: 10 }, (_, no) => `A (${no + 3}).pdf`)
    )
  })
})

suite('folders of a path', () => {
  test('are made on the way, each once, also by two calls at the same time', async () => {
    const send = (name: string) =>
      petra.begin(project, [
        file(name, 'x', '2025/Belege'),
        file(`2 ${name}`, 'x', '2025/Belege/'),
        file(name, 'x', '2025/../Bank')
      ])
    const [one = [], two = []] = await Promise.all([send('one.txt'), send('two.txt')])
    assert.equal(one[0]?.folder_id, one[1]?.folder_id)
    assert.equal(one[0]?.folder_id, two[0]?.folder_id)
    assert.notEqual(one[0]?.folder_id, one[2]?.folder_id)
    const names = await stage.owner.query(
      `select name, count(*)::int n from node where project_id = $1 and name in ('2025', 'Belege', 'Bank') group by 1 order by 1`,
      [project]
    )
    assert.deepEqual(names.rows, [
      { name: '2025', n: 1 },
      { name: 'Bank', n: 1 },
      { name: 'Belege', n: 1 }
    ])
  })

  test('that one may not fill are left alone', async () => {
    const closed = await petra.ok<{ id: string }>('POST', '/folders', { parent_id: project, name: 'Closed' })
    await stage.owner.query('update node set inherits = false where id = $1', [closed.id])
    const [upload] = await petra.begin(project, [file('x.txt', 'x', 'Closed')])
    assert.notEqual(upload?.folder_id, closed.id)
  })
})

suite('many at once', () => {
  test('five hundred files in one call each way, in their order', async () => {
    const folder = await petra.ok<{ id: string }>('POST', '/folders', { parent_id: project, name: 'Many' })
    const files = Array.from({ length: 500 }, (_, no) =>
      file(`${String(no).padStart(3, '0')}.txt`, `file ${no}`)
    )
    const started = performance.now()
    const uploads = await petra.begin(folder.id, files)
    const begun = performance.now()
    assert.deepEqual(
      uploads.map((upload) => upload.name),
      files.map((one) => one.name)
    )
    assert.deepEqual(
      uploads.map((upload) => upload.size),
      files.map((one) => one.bytes.length)
    )
    const queue = uploads.entries()
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (const [index, upload] of queue) await put(upload.url ?? '', files[index]?.bytes ?? Buffer.of())
      })
    )
    const sent = performance.now()
    const receipt = await petra.complete(uploads.map((upload) => upload.id))
    const done = performance.now()
    assert.deepEqual(
      receipt.outcomes.map((outcome) => outcome.document?.name),
      files.map((one) => one.name)
    )
    console.log(
      `500 files: created in ${(begun - started).toFixed(0)} ms, sent in ${(sent - begun).toFixed(0)} ms, completed in ${(done - sent).toFixed(0)} ms`
    )
  })

  test('five hundred and one are refused', async () => {
    const files = Array.from({ length: 501 }, () => ({ name: 'x', size: 1 }))
    assert.equal((await petra.send('POST', '/uploads', { folder_id: project, files })).status, 422)
  })
})

suite('who may not', () => {
  let upload: Upload | undefined
  before(async () => {
    ;[upload] = await petra.begin(project, [file('Hers.txt', 'hers')])
    await put(upload?.url ?? '', Buffer.from('hers'))
  })

  test("somebody else's upload is not there", async () => {
    for (const [method, path, body] of [
      ['GET', `/uploads/${upload?.id}`, undefined],
      ['DELETE', `/uploads/${upload?.id}`, undefined],
      ['POST', `/uploads/${upload?.id}/parts`, { numbers: [1] }]
    ] as const) {
      const foreign = await karl.send(method, path, body)
      const missing = await karl.send(method, path.replace(upload?.id ?? '', crypto.randomUUID()), body)
      assert.equal(foreign.status, 404, `${method} ${path}`)
      assert.equal(missing.status, 404)
      assert.equal(await problemCode(foreign), await problemCode(missing))
    }
    const { outcomes } = await karl.complete([upload?.id ?? ''])
    assert.deepEqual(outcomes[0], {
      id: upload?.id,
      outcome: 'not_found',
      document: null,
      version_no: null,
      missing: []
    })
  })

  test('a folder that is not theirs is not found; one that they may only look into is refused and written down', async () => {
    const body = { folder_id: project, files: [{ name: 'x', size: 1 }] }
    assert.equal((await karl.send('POST', '/uploads', body)).status, 404)
    const viewer = await stage.seedPerson()
    await stage.seedGrant({ person_id: viewer.id, node_id: project, level: 2 })
    const reader = asCaller(stage.documents, await stage.signIn(viewer))
    assert.equal((await reader.send('POST', '/uploads', body)).status, 403)
    const refusals = `select count(*) n from audit where action = 'access.refused' and actor_id = $1`
    assert.equal(await count(refusals, [viewer.id]), 1)
  })

  test('who lost the right on the way finds nothing, and nothing arrives', async () => {
    const guest = await stage.seedPerson()
    const grant = await stage.seedGrant({ person_id: guest.id, node_id: project, level: 3 })
    const caller = asCaller(stage.documents, await stage.signIn(guest))
    const [mine] = await caller.begin(project, [file('Late.txt', 'late')])
    await put(mine?.url ?? '', Buffer.from('late'))
    await stage.owner.query('delete from access_grant where id = $1', [grant])
    assert.equal((await caller.complete([mine?.id ?? ''])).outcomes[0]?.outcome, 'not_found')
    assert.equal((await caller.send('POST', `/uploads/${mine?.id}/parts`, { numbers: [1] })).status, 404)
    assert.equal(await count('select count(*) n from document where id = $1', [mine?.document_id]), 0)
    assert.equal(await count('select count(*) n from inbox where key like $1', [`${mine?.document_id}%`]), 0)
  })

  test('a session that has ended gets nothing', async () => {
    const cookie = await stage.signIn(client)
    await stage.owner.query(
      `update session set expires_at = now() - interval '1 s' where created_at = (select max(created_at) from session)`
    )
    const body = { ids: [upload?.id] }
    assert.equal((await call(stage.documents, 'POST', '/uploads/complete', { cookie, body })).status, 401)
    const half = await stage.signIn(client, 1)
    assert.equal(
      (await call(stage.documents, 'POST', '/uploads/complete', { cookie: half, body })).status,
      401
    )
  })

  test('a session that another origin makes use of gets nothing', async () => {
    const body = { ids: [upload?.id] }
    const answer = await petra.send('POST', '/uploads/complete', body, { origin: 'https://evil.example' })
    assert.equal(answer.status, 403)
  })
})

suite('an answer that got lost', () => {
  const body = { folder_id: project, files: [{ name: 'lost.txt', size: 4 }] }

  test('is given again for the same key, and nothing is made twice', async () => {
    const wish = { headers: { 'idempotency-key': 'one' } }
    const first = await petra.send('POST', '/uploads', body, wish)
    const second = await petra.send('POST', '/uploads', body, wish)
    assert.equal(second.status, 201)
    assert.deepEqual(await second.json(), await first.json())
  })

  test('the same key with another request is refused', async () => {
    const wish = { headers: { 'idempotency-key': 'two' } }
    await petra.send('POST', '/uploads', body, wish)
    const other = await petra.send('POST', '/uploads', { ...body, files: [{ name: 'other', size: 1 }] }, wish)
    assert.equal(await problemCode(other), 'idempotency_mismatch')
  })

  test('twenty at once make one', async () => {
    const wish = { headers: { 'idempotency-key': 'three' } }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        petra.send('POST', '/folders', { parent_id: project, name: 'Key' }, wish)
      )
    )
    const statuses = new Set(answers.map((answer) => answer.status))
    assert.ok(
      [...statuses].every((status) => status === 201 || status === 409),
      [...statuses].join()
    )
    assert.equal(await count(`select count(*) n from node where name = 'Key'`), 1)
  })

  test('a failure frees the key', async () => {
    const wish = { headers: { 'idempotency-key': 'four' } }
    assert.equal((await petra.send('POST', '/folders', { parent_id: project, name: '..' }, wish)).status, 422)
    assert.equal((await petra.send('POST', '/folders', { parent_id: project, name: 'ok' }, wish)).status, 201)
  })
})

after(() => stage.store.s3.destroy())
