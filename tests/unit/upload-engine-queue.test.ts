/** The engine against a portal and a store in memory that lose answers, go away and come back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallError } from '../../web/src/lib/upload/call-error.ts'
import { headHash } from '../../web/src/lib/upload/head.ts'
import { UploadQueue } from '../../web/src/lib/upload/queue.ts'
import { leftOver } from '../../web/src/lib/upload/task.ts'
import type { NewUploadFile, Upload, UploadOutcome, UploadProgress } from '../../web/src/lib/contract.ts'
import type { Calls, Put } from '../../web/src/lib/upload/types.ts'

const PART = 10
const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
const FOLDER = id(1)
const WHO = { id: id(2), name: 'Ada' }

/** Portal and store. `trouble` is asked before every request; a number is the answer instead. */
class World {
  uploads = new Map<string, Upload>()
  bytes = new Map<string, Map<number, number>>()
  calls = { create: 0, parts: 0, complete: 0, put: 0 }
  most = 0
  removed: string[] = []
  keys: string[] = []
  #flying = 0
  trouble: (what: string, url?: string) => number | null = () => null

  #gate(what: string): void {
    const status = this.trouble(what)
    if (status !== null)
      throw new CallError(status, 'trouble', `${what}: ${status}`, status === 422 ? ['files.1.name'] : [])
  }

  progress(upload: Upload): UploadProgress {
    const parts = Array.from(this.bytes.get(upload.id) ?? [], ([number, size]) => ({ number, size }))
    return { ...upload, parts, url: upload.part_count === 1 ? `put/${upload.id}/1/fresh` : null }
  }

  calls_: Calls = {
    create: async (folder_id, files, key) => {
      this.calls.create += 1
      this.keys.push(key)
      this.#gate('create')
      return files.map((file) => this.#make(folder_id, file))
    },
    partUrls: async (upload, numbers) => {
      this.calls.parts += 1
      this.#gate('parts')
      return new Map(numbers.map((no) => [no, `put/${upload}/${no}/${this.calls.parts}`]))
    },
    progress: async (upload) => {
      this.#gate('progress')
      return this.progress(this.uploads.get(upload) as Upload)
    },
    complete: async (ids) => {
      this.calls.complete += 1
      this.#gate('complete')
      return {
        outcomes: ids.map((one) => this.#outcome(one)),
        received_at: '2026-11-22T12:00:00Z',
        seen_by: [{ name: 'Ada', staff: true }],
        seen_by_more: 0
      }
    },
    remove: async (upload) => void this.removed.push(upload)
  }

  put: Put = async (url, body, onProgress, signal) => {
    this.calls.put += 1
    this.#flying += 1
    this.most = Math.max(this.most, this.#flying)
    await new Promise((resolve) => setTimeout(resolve, 1))
    this.#flying -= 1
    signal.throwIfAborted()
    const status = this.trouble('put', url)
    const [, upload = '', no] = url.split('/')
    const parts = this.bytes.get(upload) ?? new Map<number, number>()
    if (status === null && this.uploads.get(upload)?.part_count === 1 && parts.size > 0) return 412
    if (status !== null && status !== -1) return status
    onProgress(body.size)
    this.bytes.set(upload, parts.set(Number(no), body.size))
    return status === -1 ? 0 : 200 // -1: stored, and the answer lost
  }

  #make(folder_id: string, file: NewUploadFile): Upload {
    const n = 100 + this.uploads.size
    const part_count = Math.max(1, Math.ceil(file.size / PART))
    const upload = {
      id: id(n),
      document_id: id(n + 100_000),
      of_document_id: file.document_id,
      folder_id,
      project_id: FOLDER,
      name: file.name,
      size: file.size,
      part_size: PART,
      part_count,
      head_sha256: file.head_sha256,
      created_at: '2026-11-22T12:00:00Z',
      url: part_count === 1 ? `put/${id(n)}/1/first` : null
    }
    this.uploads.set(upload.id, upload)
    return upload
  }

  #outcome(one: string): UploadOutcome {
    const upload = this.uploads.get(one) as Upload
    const parts = this.bytes.get(one) ?? new Map()
    const missing = Array.from({ length: upload.part_count }, (_, i) => i + 1).filter((no) => !parts.has(no))
    if (missing.length > 0)
      return { id: one, outcome: 'incomplete', document: null, version_no: null, missing }
    const version = {
      id: one,
      no: 1,
      size: upload.size,
      declared_type: '',
      detected_type: null,
      name_matches_type: null,
      sha256: null,
      state: 'received' as const,
      scan_result: null,
      preview_result: null,
      page_count: null,
      pages_ready: 0,
      created_by: WHO,
      received_at: '2026-11-22T12:00:00Z'
    }
    const document = {
      id: upload.document_id,
      project_id: FOLDER,
      folder_id: upload.folder_id,
      name: upload.name,
      created_by: WHO,
      created_at: '2026-11-22T12:00:00Z',
      level: 'contribute' as const,
      version,
      current_no: 1,
      newest: { no: 1, state: 'received' as const, scan_result: null, waits: false, created_by_id: WHO.id },
      waits: false,
      lock: null,
      tags: [],
      description: '',
      described_at: null,
      favourite: false,
      unread: false
    }
    return { id: one, outcome: 'received', document, version_no: 1, missing: [] }
  }
}

const file = (name: string, size: number) => new File([new Uint8Array(size).fill(name.length)], name)
const pick = (...files: File[]) => files.map((one) => ({ file: one, path: '' }))

async function until(what: () => boolean, ms = 5_000): Promise<void> {
  const end = performance.now() + ms
  while (!what()) {
    if (performance.now() > end) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

function engine(world: World, atOnce = 6) {
  return new UploadQueue({ calls: world.calls_, put: world.put, atOnce })
}

test('a thousand small files take few calls, and never more requests than allowed', async () => {
  const world = new World()
  const queue = engine(world)
  queue.add(pick(...Array.from({ length: 1_000 }, (_, i) => file(`${i}.txt`, i % 10))), FOLDER, FOLDER)
  await until(() => queue.totals.received === 1_000, 20_000)
  assert.equal(world.calls.put, 1_000)
  assert.ok(world.calls.create <= 4, `${world.calls.create} calls to create`)
  assert.ok(world.calls.complete <= 20, `${world.calls.complete} calls to complete`)
  assert.ok(world.most <= 6)
  assert.equal(queue.arrivals.get(FOLDER)?.documents.length, 1_000)
})

test('the parts of one large file go side by side and each once', async () => {
  const world = new World()
  const queue = engine(world)
  queue.add(pick(file('large.bin', 995)), FOLDER, FOLDER)
  await until(() => queue.totals.received === 1)
  assert.equal(world.calls.put, 100)
  assert.equal(world.most, 6)
  assert.ok(world.calls.parts <= 5, `${world.calls.parts} calls for URLs`)
})

test('a PUT whose answer got lost is found to be there and not sent twice into a document', async () => {
  const world = new World()
  let lost = 0
  world.trouble = (what) => (what === 'put' && lost++ === 0 ? -1 : null)
  const queue = engine(world)
  queue.add(pick(file('a.txt', 5)), FOLDER, FOLDER)
  await until(() => queue.totals.received === 1)
  assert.equal(queue.totals.failed, 0)
})

test('an expired address is asked for again', async () => {
  const world = new World()
  world.trouble = (what, url) =>
    what === 'put' && (url?.endsWith('/1/first') || url?.endsWith('/3/1')) ? 403 : null
  const queue = engine(world)
  queue.add(pick(file('a.txt', 5), file('b.bin', 45)), FOLDER, FOLDER)
  await until(() => queue.totals.received === 2)
})

test('a store that refuses for good fails the file after a few tries, and retry begins anew', async () => {
  const world = new World()
  let refuses = true
  world.trouble = (what) => (what === 'put' && refuses ? 403 : null)
  const queue = engine(world)
  const [task] = queue.add(pick(file('a.txt', 5)), FOLDER, FOLDER)
  await until(() => queue.totals.failed === 1)
  assert.equal(task?.failure?.code, 'refused')
  assert.ok(world.calls.put <= 6)
  refuses = false
  queue.retryAll()
  await until(() => queue.totals.received === 1)
  assert.equal(world.removed.length, 1)
})

test('while the store is away it says so, asks rarely, and goes on by itself', async () => {
  const world = new World()
  let away = true
  world.trouble = () => (away ? 503 : null)
  const queue = engine(world)
  queue.add(pick(file('a.bin', 95), file('b.txt', 3)), FOLDER, FOLDER)
  await until(() => queue.sky === 'away')
  const asked = world.calls.create
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(world.calls.create, asked)
  away = false
  await until(() => queue.totals.received === 2)
  assert.equal(queue.sky, 'fine')
  assert.equal(world.keys[0], world.keys[1], 'the call that got no answer is repeated under its key')
})

test('completion that finds nobody is repeated until it is told', async () => {
  const world = new World()
  let tries = 0
  world.trouble = (what) => (what === 'complete' && tries++ < 1 ? 0 : null)
  const queue = engine(world)
  queue.add(pick(file('a.txt', 1)), FOLDER, FOLDER)
  await until(() => queue.totals.received === 1)
  assert.equal(world.calls.put, 1)
})

test('parts that the portal misses after all are sent again', async () => {
  const world = new World()
  let first = true
  world.trouble = (what) => {
    if (what !== 'complete' || !first) return null
    first = false
    for (const parts of world.bytes.values()) parts.delete(2)
    return null
  }
  const queue = engine(world)
  queue.add(pick(file('a.bin', 35)), FOLDER, FOLDER)
  await until(() => queue.totals.received === 1)
  assert.equal(world.calls.put, 5)
})

test('a name that the portal refuses fails its file alone', async () => {
  const world = new World()
  let once = true
  world.trouble = (what) => {
    if (what !== 'create' || !once) return null
    once = false
    return 422
  }
  const queue = engine(world)
  queue.add(pick(file('a.txt', 1), file('bad.txt', 1), file('c.txt', 1)), FOLDER, FOLDER)
  await until(() => queue.totals.received === 2 && queue.totals.failed === 1)
  const failed = [...queue.tasks.values()].find((task) => task.phase === 'failed')
  assert.equal(failed?.name, 'bad.txt')
  assert.equal(failed?.failure?.code, 'bad_name')
})

test('a paused file sends nothing, keeps its parts and goes on', async () => {
  const world = new World()
  const queue = engine(world, 2)
  const [task] = queue.add(pick(file('a.bin', 500)), FOLDER, FOLDER)
  assert.ok(task)
  await until(() => task.done.size >= 5)
  queue.pause(task)
  const sent = task.done.size
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(task.done.size, sent)
  assert.equal(queue.totals.paused, 1)
  queue.resume(task)
  await until(() => queue.totals.received === 1)
  assert.ok(world.calls.put <= 52, `${world.calls.put} requests for 50 parts`)
})

test('a cancelled file is thrown away in the store too', async () => {
  const world = new World()
  const queue = engine(world, 1)
  const [task] = queue.add(pick(file('a.bin', 500)), FOLDER, FOLDER)
  assert.ok(task)
  await until(() => task.done.size >= 1)
  queue.cancel(task)
  await until(() => world.removed.length === 1)
  assert.equal(queue.totals.files, 0)
})

test('after a reload the same file is taken, a wrong one refused, and only missing parts go', async () => {
  const world = new World()
  const original = file('a.bin', 95)
  const head_sha256 = await headHash(original)
  const [upload] = await world.calls_.create(
    FOLDER,
    [
      {
        name: 'a.bin',
        path: '',
        size: 95,
        declared_type: '',
        head_sha256,
        last_modified: null,
        document_id: null
      }
    ],
    'k'
  )
  assert.ok(upload)
  world.bytes.set(
    upload.id,
    new Map([
      [1, 10],
      [2, 10],
      [3, 4]
    ])
  )
  const queue = engine(world)
  const task = leftOver(world.progress(upload))
  queue.adopt([task])
  assert.equal(queue.totals.needs_file, 1)
  assert.equal(queue.totals.sent, 20)
  assert.equal(await queue.resumeWith(task, file('b.bin', 95)), 'name')
  assert.equal(await queue.resumeWith(task, file('a.bin', 96)), 'size')
  assert.equal(await queue.resumeWith(task, new File([new Uint8Array(95)], 'a.bin')), 'content')
  assert.equal(await queue.resumeWith(task, original), null)
  await until(() => queue.totals.received === 1)
  assert.equal(world.calls.put, 8)
})

test('what another tab drives is left to it', async () => {
  const world = new World()
  const original = file('a.bin', 15)
  const [upload] = await world.calls_.create(
    FOLDER,
    [
      {
        name: 'a.bin',
        path: '',
        size: 15,
        declared_type: '',
        head_sha256: null,
        last_modified: null,
        document_id: null
      }
    ],
    'k'
  )
  assert.ok(upload)
  const queue = new UploadQueue({ calls: world.calls_, put: world.put, atOnce: 2, claim: async () => null })
  const task = leftOver(world.progress(upload))
  queue.adopt([task])
  assert.equal(await queue.resumeWith(task, original), 'elsewhere')
  assert.equal(world.calls.put, 0)
})

test('a file that cannot be read any more fails by itself', async () => {
  const world = new World()
  const gone = file('gone.txt', 5)
  gone.slice = () => {
    throw new DOMException('gone', 'NotReadableError')
  }
  const queue = engine(world)
  const [task] = queue.add(pick(gone, file('b.txt', 5)), FOLDER, FOLDER)
  await until(() => queue.totals.received === 1 && queue.totals.failed === 1)
  assert.equal(task?.failure?.code, 'unreadable')
})

test('parts go on while the portal does not answer', async () => {
  const world = new World()
  let away = true
  world.trouble = (what) => (what === 'complete' && away ? 503 : null)
  const queue = engine(world, 1)
  queue.add(pick(file('a.txt', 5), file('b.bin', 9_000)), FOLDER, FOLDER)
  await until(() => queue.sky === 'away')
  const sent = world.calls.put
  await until(() => world.calls.put > sent + 20)
  assert.ok(world.calls.complete <= 3, `${world.calls.complete} calls to complete`)
  away = false
  await until(() => queue.totals.received === 2)
})

test('a line that comes back is noticed although nothing has to be asked of the portal', async () => {
  const world = new World()
  let gone = false
  world.trouble = (what) => (what === 'put' && gone ? 0 : null)
  const queue = engine(world, 2)
  queue.add(pick(file('a.bin', 300)), FOLDER, FOLDER)
  await until(() => world.calls.put > 3)
  gone = true
  queue.offline()
  assert.equal(queue.sky, 'offline')
  gone = false
  queue.online()
  assert.equal(queue.sky, 'fine')
  queue.offline()
  await until(() => queue.sky === 'fine')
  await until(() => queue.totals.received === 1)
})

test('a portal that gave no addresses is there again once it gives them', async () => {
  const world = new World()
  let tries = 0
  world.trouble = (what) => (what === 'parts' && tries++ < 1 ? 503 : null)
  const queue = engine(world, 1)
  queue.add(pick(file('a.bin', 5_000)), FOLDER, FOLDER)
  await until(() => queue.sky === 'away')
  await until(() => queue.sky === 'fine')
  assert.equal(queue.totals.received, 0, 'long before the end')
  await until(() => queue.totals.received === 1)
})

test('a session that ended is said to have ended, and signing in again is enough', async () => {
  const world = new World()
  let out = true
  world.trouble = (what) => (what !== 'put' && out ? 401 : null)
  const queue = engine(world)
  queue.add(pick(file('a.txt', 5)), FOLDER, FOLDER)
  await until(() => queue.sky === 'signed_out')
  assert.equal(queue.totals.failed, 0)
  out = false
  queue.hope()
  await until(() => queue.totals.received === 1)
  assert.equal(queue.sky, 'fine')
})
