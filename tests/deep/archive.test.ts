/**
 * A ZIP of more than 5 GB for real: one file of 5 GiB, which passes in several calls, and a small one that begins beyond it.
 * Made by the real function, fetched, judged by unzip and sha256sum; the function stays within the memory that stack.yml
 * gives it. Takes 11 GB of disk twice over: the store's copies, and what is fetched.
 *
 *   node --test tests/deep/archive.test.ts        PORTICO_ARCHIVE_SIZE: other bytes than these
 */
import assert from 'node:assert/strict'
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setInterval as every } from 'node:timers'
import { Upload } from '@aws-sdk/lib-storage'
import type { ArchiveAddress, OrderedArchive } from '../../functions/_shared/contract/archive.ts'
import { readStack } from '../../infra/runner/stack.ts'
import { judges, setArchiveSteps } from '../support/archives.ts'
import { asCaller, file, setDocumentsStage } from '../support/documents.ts'

const GIB = 1024 ** 3
const SIZE = Number(process.env.PORTICO_ARCHIVE_SIZE ?? 5 * GIB + 12_345)

const stage = await setDocumentsStage()
await stage.seedFirm()
const { step } = await setArchiveSteps(stage)
const { folder, run, missing: skip, fetchTo } = judges()
const petra = await stage.seedPerson({ name: 'Petra Köhler', staff_role: 'staff' })
const as = asCaller(stage.documents, await stage.signIn(petra))

/** Bytes that no packing makes smaller, as fast as the processor enciphers nothing. */
async function* noise(size: number): AsyncGenerator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16))
  const zeros = Buffer.alloc(4 * 1024 * 1024)
  for (let left = size; left > 0; left -= zeros.length)
    yield cipher.update(zeros.subarray(0, Math.min(left, zeros.length)))
}

/** Puts the bytes where the document's original lies, as an upload would have; their SHA-256. */
async function putLarge(document_id: string): Promise<string> {
  const { rows } = await stage.owner.query<{ object_key: string; id: string }>(
    'select id, object_key from version where document_id = $1',
    [document_id]
  )
  const [version] = rows
  assert.ok(version)
  const hash = createHash('sha256')
  const body = Readable.from(
    (async function* () {
      for await (const chunk of noise(SIZE)) {
        hash.update(chunk)
        yield chunk
      }
    })()
  )
  const upload = new Upload({
    client: stage.store.s3,
    params: { Bucket: 'portico-documents', Key: version.object_key, Body: body },
    partSize: 64 * 1024 * 1024,
    queueSize: 2
  })
  const made = await upload.done()
  const sha256 = hash.digest('hex')
  await stage.owner.query(
    `update version set object_version_id = $2, size = $3, sha256 = decode($4, 'hex'), state = 'checked' where id = $1`,
    [version.id, made.VersionId ?? '', SIZE, sha256]
  )
  return sha256
}

/** Bytes that the process of the function archive holds for itself, as the runner counts them. */
function memoryOf(): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
      if (!environment.includes('FUNCTION=archive')) continue
      if (!environment.includes(`secret_mount_path=${stage.secrets}`)) continue
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
    } catch {
      continue // ended meanwhile, or somebody else's
    }
  return 0
}

test('a ZIP of more than 5 GB is made in slices, fetched, and whole', { skip }, async (t) => {
  const project = await as.ok<{ id: string }>('POST', '/projects', { name: 'Groß' })
  const [large, small] = await as.upload(project.id, [file('a groß.bin', 'x'), file('z klein.txt', 'klein')])
  assert.ok(large && small)
  await stage.owner.query(
    `update version set state = 'checked', sha256 = sha256('klein'::bytea) where document_id = $1`,
    [small.id]
  )
  const sha256 = await putLarge(large.id)
  const { id } = await as.ok<OrderedArchive>('POST', '/archives/orders', { folder: project.id })

  let peak = 0
  const watch = every(() => (peak = Math.max(peak, memoryOf())), 100)
  const began = performance.now()
  let calls = 0
  while (await step()) calls += 1
  const seconds = (performance.now() - began) / 1000
  clearInterval(watch)
  const ready = await as.ok<OrderedArchive>('GET', `/archives/orders/${id}`)
  assert.equal(ready.state, 'ready')
  const limit = readStack(new URL('../../stack.yml', import.meta.url), {}).find(
    (spec) => spec.name === 'archive'
  )?.memory
  t.diagnostic(
    `${calls} calls, ${seconds.toFixed(0)} s, ${(SIZE / 1e6 / seconds).toFixed(0)} MB/s, ${Math.round(peak / 1e6)} MB of memory`
  )
  assert.ok(calls > 2 && peak > 0 && peak < (limit ?? 0), `${calls} calls, ${peak} bytes`)

  const { url } = await as.ok<ArchiveAddress>('POST', `/archives/orders/${id}/address`)
  await fetchTo(url, 'large.zip')
  assert.equal(statSync(join(folder, 'large.zip')).size, ready.zip_size)
  const tested = run('unzip', '-tq', 'large.zip')
  assert.equal(tested.status, 0, tested.stdout + tested.stderr)
  const sum = run('sh', '-c', `unzip -p large.zip 'a groß.bin' | sha256sum`)
  assert.equal(sum.stdout.slice(0, 64), sha256)
  assert.equal(run('unzip', '-p', 'large.zip', 'z klein.txt').stdout, 'klein')
})
