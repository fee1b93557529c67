/** A store that was filled again from a copy of its buckets: the same bytes, under version ids that nobody knows. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Document, Project } from '../../functions/_shared/contract/document.ts'
import { DOCUMENTS, DROPS } from '../../functions/_shared/storage/buckets.ts'
import { listVersions } from '../../functions/_shared/storage/versions.ts'
import { asCaller, file, setDocumentsStage } from '../support/documents.ts'

const stage = await setDocumentsStage()
await stage.seedFirm()
const { s3 } = stage.store
const jonas = asCaller(
  stage.documents,
  await stage.signIn(await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }))
)
const project = await jonas.ok<Project>('POST', '/projects', { name: 'Annual accounts' })

const put = (bucket: string, key: string, body: Uint8Array | string) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))

/** Each bucket as a copy of it would fill an empty one: the newest bytes of each key, and no version ids. */
async function refill(but: (key: string) => Uint8Array | null | undefined): Promise<void> {
  for (const bucket of [DOCUMENTS, DROPS]) {
    const { versions } = await listVersions(s3, bucket)
    const copies = new Map<string, Uint8Array>()
    for (const { key } of versions) {
      if (copies.has(key)) continue
      const found = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      copies.set(key, (await found.Body?.transformToByteArray()) ?? new Uint8Array())
    }
    for (const { key, object_version_id } of versions)
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: object_version_id }))
    for (const [key, bytes] of copies) {
      const other = but(key)
      if (other !== null) await put(bucket, key, other ?? bytes)
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'portico-repin-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const { endpoint, region, access_key_id, secret_access_key } = stage.store.secret
writeFileSync(
  join(folder, 'provision.json'),
  JSON.stringify({
    endpoint,
    region,
    root: { access_key_id, secret_access_key },
    keys: null,
    webhook_arn: null
  })
)
writeFileSync(join(folder, 'db-owner'), stage.database.url('portico_owner'))

/** As whoever restores calls it: a process of its own. */
const restored = () =>
  new Promise<{ code: number; said: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'infra/deploy/restored.ts'],
      { env: { ...process.env, secret_mount_path: folder } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr })
    )
  })

/** What the store has and the inbox does not know: reconciliation would take it for news. */
async function news(): Promise<string[]> {
  const found: string[] = []
  for (const bucket of [DOCUMENTS, DROPS])
    for (const { key, object_version_id } of (await listVersions(s3, bucket)).versions) {
      const { rowCount } = await stage.owner.query(
        `select from inbox where (bucket, key, object_version_id, kind) = ($1, $2, $3, 'created')`,
        [bucket, key, object_version_id]
      )
      if (rowCount === 0) found.push(key)
    }
  return found
}

const contentOf = async ({ id }: Document): Promise<string> => {
  const answer = await jonas.send('GET', `/documents/${id}/content`)
  const url = answer.headers.get('location') ?? ((await answer.json()) as { url: string }).url
  const found = await fetch(url)
  return `${found.status} ${await found.text()}`
}

const [letter, contract, ruined, lost] = await jonas.upload(project.id, [
  file('Letter.txt', 'a letter'),
  file('Contract.txt', 'a contract'),
  file('Ruined.txt', 'as it was sent'),
  file('Lost.txt', 'what nobody copied')
])
assert.ok(letter && contract && ruined && lost)
for (const [{ id }, text] of [
  [letter, 'a letter'],
  [contract, 'a contract'],
  [ruined, 'as it was sent'],
  [lost, 'what nobody copied']
] as const)
  await stage.owner.query(
    `update version set state = 'ready', scan_result = 'clean', preview_result = 'unsupported',
            detected_type = 'text/plain', sha256 = sha256(convert_to($2, 'UTF8')) where document_id = $1`,
    [id, text]
  )

/** A drop, told by the store, and, with a document, adopted. */
async function drop(name: string, text: string, becomes?: Document): Promise<string> {
  const key = `${project.id}/${name}`
  const { VersionId } = await put(DROPS, key, text)
  await stage.owner.query(
    `insert into inbox (bucket, key, object_version_id, kind, source, size) values ($1, $2, $3, 'created', 'event', $4)`,
    [DROPS, key, VersionId, text.length]
  )
  if (becomes)
    await stage.owner.query(
      'update version set drop_key = $2, drop_object_version_id = $3 where document_id = $1',
      [becomes.id, key, VersionId]
    )
  return key
}

test('what was copied back is found again, what is ruined or lost is named, what is new stays new', async () => {
  const adopted = await drop('letter.txt', 'a letter', letter)
  const overwritten = await drop('contract.txt', 'a contract', contract)
  const waiting = await drop('waiting.txt', 'nobody has looked')
  await stage.owner.query(
    `select job_add('adopt', jsonb_build_object('key', i.key, 'object_version_id', i.object_version_id), '',
                    i.key || ' ' || i.object_version_id) from inbox i where i.key = $1`,
    [waiting]
  )
  assert.deepEqual(await news(), [])
  const keyOf = async ({ id }: Document) =>
    (
      await stage.owner.query<{ object_key: string }>(
        'select object_key from version where document_id = $1',
        [id]
      )
    ).rows[0]?.object_key
  const [of_ruined, of_lost] = [await keyOf(ruined), await keyOf(lost)]
  await refill((key) => {
    if (key === of_lost) return null
    if (key === of_ruined) return Buffer.from('as it was senT')
    // A scanner that always writes to the same name: this came after the database was saved.
    return key === overwritten ? Buffer.from('A CONTRACT') : undefined
  })
  assert.match(await contentOf(letter), /^404/)

  const first = await restored()
  assert.equal(first.code, 1, first.said)
  assert.match(first.said, /Pointed at the copies: 2 documents' files, 2 files as machines sent them/)
  assert.match(first.said, /missing: version 1 of "Ruined\.txt"/)
  assert.match(first.said, /missing: version 1 of "Lost\.txt"/)
  assert.equal(await contentOf(letter), '200 a letter')
  assert.equal(await contentOf(contract), '200 a contract')
  assert.deepEqual((await news()).toSorted(), [of_ruined, overwritten].toSorted())
  const { rows } = await stage.owner.query(
    `select from job j join inbox i on i.key = j.data->>'key' and i.object_version_id = j.data->>'object_version_id'
      where j.kind = 'adopt' and j.unique_key = i.key || ' ' || i.object_version_id and i.key = $1`,
    [waiting]
  )
  assert.equal(rows.length, 1, 'the job that waits finds the file')
  const { rows: kept } = await stage.owner.query(
    `select from version v join inbox i on i.key = v.drop_key and i.object_version_id = v.drop_object_version_id
      where v.drop_key = $1`,
    [adopted]
  )
  assert.equal(kept.length, 1)

  const again = await restored()
  assert.match(again.said, /Pointed at the copies: 0 documents' files, 0 files/)
})
