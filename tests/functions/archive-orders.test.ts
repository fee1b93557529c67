/** ZIPs that a job makes in slices, judged by unzip and sha256sum; what may happen between two slices happens here. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { ArchiveAddress } from '../../functions/_shared/contract/archive.ts'
import { brought, setArchivePeople } from '../support/archive-people.ts'
import { judges, setArchiveSteps } from '../support/archives.ts'
import { setDocumentsStage } from '../support/documents.ts'
import { problemCode } from '../support/functions.ts'

const stage = await setDocumentsStage()
const { step, finish, stepInVain, inSmallSlices } = await setArchiveSteps(stage)
const { people, jonas, petra, filled, shown, remove, acts } = await setArchivePeople(stage)
const { run, missing: skip, fetchTo } = judges()

const MIB = 1024 * 1024
const incidents = async (): Promise<string[]> =>
  (await stage.owner.query('select kind from incident order by id')).rows.map(
    (row: { kind: string }) => row.kind
  )

/** What unzip and sha256sum say of it; the names in it, in order. */
async function judged(id: string): Promise<string[]> {
  const { url } = await petra.ok<ArchiveAddress>('POST', `/archives/orders/${id}/address`)
  await fetchTo(url, `${id}.zip`)
  const tested = run('unzip', '-tq', `${id}.zip`)
  assert.equal(tested.status, 0, tested.stdout + tested.stderr)
  assert.equal(run('unzip', '-q', `${id}.zip`, '-d', id).status, 0)
  const sums = run('sh', '-c', `cd ${id} && sha256sum --check --strict SHA256SUMS`)
  assert.equal(sums.status, 0, sums.stderr)
  return sums.stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/: OK$/, ''))
}

const FILES = [
  brought('Vertrag.txt', Buffer.from('eins')),
  brought('vertrag.TXT', Buffer.from('zwei')),
  brought('groß.bin', randomBytes(13 * MIB + 5)),
  brought('leer.txt', Buffer.alloc(0), 'Anlagen'),
  brought('Anlage Ärger 😀.txt', randomBytes(6 * MIB), 'Anlagen/2025')
]
const LEFT = ['groß.bin gone', 'vertrag.TXT replaced']
const NAMES = [
  'Anlagen/2025/Anlage Ärger 😀.txt',
  'Anlagen/leer.txt',
  'Vertrag (2).txt',
  'groß.bin',
  'vertrag.TXT'
]

test(
  'an order is made in slices: whole files, names of one spelling, sums, each file in the log',
  { skip },
  async () => {
    const { documents, order } = await filled(FILES)
    const ordered = await order()
    assert.deepEqual(
      [ordered.state, ordered.name, ordered.count, ordered.size],
      ['waiting', 'Übernahme.zip', 5, 19 * MIB + 13]
    )
    assert.equal(
      await problemCode(await petra.send('POST', `/archives/orders/${ordered.id}/address`)),
      'not_ready'
    )
    await inSmallSlices(ordered.id)
    await step()
    const begun = await shown(ordered.id)
    assert.equal(begun.state, 'making')
    assert.ok(begun.done_size > 0 && begun.done_size < begun.size, `${begun.done_size}`)
    assert.ok((await finish()) >= 4, 'it takes several calls')
    const ready = await shown(ordered.id)
    assert.deepEqual([ready.state, ready.left_out_count, ready.done_size], ['ready', 0, ready.size])
    assert.deepEqual((await judged(ordered.id)).toSorted(), NAMES.toSorted())
    const said = await stage.owner.query(
      `select document_id as id from audit where action = 'document.downloaded' and actor_id = $1`,
      [people.petra.id]
    )
    assert.deepEqual(
      said.rows.map((row: { id: string }) => row.id).toSorted(),
      documents.map((one) => one.id).toSorted()
    )
    assert.deepEqual(await acts(ordered.id), ['archive.ordered', 'archive.ready', 'archive.handed_out'])
    await remove(ordered.id)
  }
)

test(
  'a slice that was done and not written down is done again, a function that is killed begins its own anew',
  { skip },
  async () => {
    const { order } = await filled(FILES)
    const { id } = await order()
    await inSmallSlices(id, 2, 4)
    for (let turn = 0; turn < 2; turn += 1) {
      await stepInVain()
      const killed = step()
      stage.gateway.kill('archive')
      await killed
      await step()
    }
    await finish()
    assert.equal((await shown(id)).state, 'ready')
    assert.deepEqual((await judged(id)).toSorted(), NAMES.toSorted())
    await remove(id)
  }
)

test(
  'what goes into the trash or gets a new version meanwhile stays out, also half in, and it is said',
  { skip },
  async () => {
    const { project, documents, order } = await filled(FILES)
    const { id } = await order()
    await inSmallSlices(id)
    const of = (name: string) => documents.find((one) => one.name === name)?.id ?? ''
    const half = async (): Promise<string | undefined> =>
      (
        await stage.owner.query(
          `select f.path from job j join archive_file f on f.archive_id = $1 and f.place = (j.cursor->'file'->>'place')::int
          where j.data->>'archive_id' = $1::text`,
          [id]
        )
      ).rows[0]?.path
    while ((await half()) !== 'groß.bin') assert.ok(await step(), 'it gets to the large file')
    await jonas.ok('POST', '/things/trash', { things: [of('groß.bin')] })
    const newer = { ...brought('vertrag.TXT', Buffer.from('drei')), document_id: of('vertrag.TXT') }
    await jonas.upload(project.id, [newer])
    await stage.owner.query(
      `update document d set current_version_id = v.id from version v where v.document_id = d.id and v.no = 2 and d.id = $1`,
      [of('vertrag.TXT')]
    )
    await finish()
    const ready = await shown(id)
    assert.equal(ready.state, 'ready')
    assert.deepEqual(new Set(ready.left_out.map((one) => `${one.name} ${one.why}`)), new Set(LEFT))
    assert.equal((await judged(id)).length, 3)
    const said = run('grep', '-c', '^# not included', `${id}/SHA256SUMS`)
    assert.equal(said.stdout.trim(), '2')
    await remove(id)
  }
)

test('an original that has gone from the store is left out, and an incident', { skip }, async () => {
  const { documents, order } = await filled(FILES)
  const { id } = await order()
  const lost = documents[0]?.id
  await stage.owner.query('update version set object_version_id = $2 where document_id = $1', [
    lost,
    crypto.randomUUID()
  ])
  await finish()
  const ready = await shown(id)
  assert.deepEqual([ready.state, ready.left_out], ['ready', [{ name: 'Vertrag (2).txt', why: 'gone' }]])
  assert.ok((await incidents()).includes('object_missing'))
  assert.equal((await judged(id)).length, 4)
  await remove(id)
})

test('bytes that are not what was checked end it, and are an incident', async () => {
  const { order } = await filled(FILES.slice(0, 2))
  const { id } = await order()
  await stage.owner.query('update archive_file set sha256 = sha256($2) where archive_id = $1', [id, 'else'])
  await finish()
  const failed = await shown(id)
  assert.deepEqual([failed.state, failed.trouble], ['failed', 'damaged'])
  assert.ok((await incidents()).includes('sha256_mismatch'))
  assert.deepEqual(await acts(id), ['archive.ordered', 'archive.failed'])
})

test('when everything has gone before it is made, it fails and says so', async () => {
  const { grant, order } = await filled(FILES.slice(0, 2))
  const { id } = await order()
  await stage.owner.query('delete from access_grant where id = $1', [grant])
  await finish()
  const found = await stage.owner.query('select state, trouble from archive where id = $1', [id])
  assert.deepEqual(found.rows, [{ state: 'failed', trouble: 'nothing_left' }])
})
