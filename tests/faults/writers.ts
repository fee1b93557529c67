/** People and machines who write while parts break: new files, new versions, large files in parts, drops, the trash. */
import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { PDFDocument } from 'pdf-lib'
import { type ApiClient, ApiError } from '../../infra/demo/api-client.ts'
import type { Outcomes } from '../../functions/_shared/contract/order.ts'
import { PART_SIZE, type Receipt, type Upload } from '../../functions/_shared/contract/upload.ts'
import type { Installation } from './installation.ts'
import type { Ledger, Way } from './ledger.ts'
import { randomFrom } from './schedule.ts'

/** Somebody at work in a project. */
export type Errand = {
  client: ApiClient
  project_id: string
  /** Documents that arrived and that nobody is working on: new versions and the trash take theirs from here. */
  documents: string[]
  /** Keys in the drop bucket that were written to. */
  drops: string[]
}

export type Work = {
  phase: string
  count: number
  /** Over which the work is spread; what is not begun after `limit` is not done. */
  seconds: number
  limit: number
  writers: number
  ways: Way[]
  seed: number
}

/** Milliseconds that a writer goes on trying while something is away. */
const PATIENCE = 90_000

/** How many of a hundred: a new version of a document, a document into the trash, a file in parts. */
const [OVERWRITES, TRASHED, IN_PARTS] = [20, 8, 0.5]

/** Does the work by turns; resolves when all of it is done or given up. */
export async function write(
  inside: Installation,
  ledger: Ledger,
  errands: Errand[],
  work: Work
): Promise<void> {
  const end = Date.now() + work.limit * 1_000
  let done = 0
  const one = async (number: number) => {
    const random = randomFrom(work.seed * 1_000 + number)
    const errand = errands[number % errands.length]
    if (!errand) throw new Error('nobody to write for')
    while (done < work.count && Date.now() < end) {
      const n = (done += 1)
      const way = work.ways[Math.floor(random() * work.ways.length)] ?? 'completed'
      const chance = random() * 100
      const taken =
        chance < OVERWRITES + TRASHED && way !== 'drop' ? takeFrom(errand.documents, random) : null
      // The first of all is in parts, so that the smallest campaign has one too.
      const parts = way === 'completed' && (n === 1 || random() * 100 < IN_PARTS)
      const file = await contentFrom(random, `${work.seed} ${work.phase} ${n}`, parts)
      await wait((2 * random() * work.seconds * 1_000 * work.writers) / work.count)
      const write = { inside, ledger, errand, phase: work.phase }
      if (taken && chance < TRASHED) await trash(write, taken)
      else if (way === 'drop') await drop(write, file, random)
      else await send(write, way, file, taken)
    }
  }
  await Promise.all(Array.from({ length: work.writers }, (_, number) => one(number)))
}

type Writing = { inside: Installation; ledger: Ledger; errand: Errand; phase: string }
type File = { bytes: Buffer; name: string; type: string; sha256: string }

/** Out of the list, so that nobody else has it at the same time. */
function takeFrom(list: string[], random: () => number): string | null {
  return list.splice(Math.floor(random() * list.length), 1)[0] ?? null
}

/** Mostly text; every eighth a PDF of one to three pages; some of more than one part. Each one is unlike all others. */
async function contentFrom(random: () => number, name: string, parts: boolean): Promise<File> {
  const words = () => Math.floor(random() * 2 ** 52).toString(36)
  const made = (bytes: Buffer, ending: string, type: string): File => ({
    bytes,
    name: `${name}.${ending}`,
    type,
    sha256: createHash('sha256').update(bytes).digest('hex')
  })
  if (parts) {
    // No text: that many pages of it would be another test.
    const pattern = Buffer.from(Array.from({ length: 64 }, () => Math.floor(random() * 256)))
    const bytes = Buffer.alloc(PART_SIZE + 1_000 + Math.floor(random() * 100_000), pattern)
    bytes.write(`\0\0${name}`)
    return made(bytes, 'bin', 'application/octet-stream')
  }
  if (random() > 1 / 8) {
    const lines = Array.from({ length: 1 + Math.floor(random() * 60) }, words)
    return made(Buffer.from(`${name}\n${lines.join('\n')}\n`), 'txt', 'text/plain')
  }
  const pdf = await PDFDocument.create()
  for (let no = 0; no <= random() * 3; no += 1)
    pdf.addPage([300, 400]).drawText(`${name} ${words()}`, { x: 20, y: 200, size: 9 })
  return made(Buffer.from(await pdf.save()), 'pdf', 'application/pdf')
}

async function send(writing: Writing, way: Way, file: File, of_document_id: string | null): Promise<void> {
  const { errand, ledger, phase } = writing
  const { name, bytes, type, sha256 } = file
  const in_parts = bytes.length > PART_SIZE
  const wish = { name, size: bytes.length, declared_type: type, document_id: of_document_id }
  const body = { folder_id: errand.project_id, files: [wish] }
  const idempotency = { 'idempotency-key': randomUUID() }
  const made = await persist(() =>
    errand.client.call<{ uploads: Upload[] }>('POST', '/documents/uploads', body, idempotency)
  )
  const upload = made?.uploads[0]
  const key = upload && (await persist(() => keyOf(errand.client, upload)))
  if (!upload || !key) return
  await ledger.note({ event: 'sent', phase, way, key, of_document_id, sha256, in_parts })
  const sent = await persist(async () => {
    await errand.client.put(upload, bytes).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 412) throw error // it had arrived: only its answer was lost
    })
    return true
  })
  if (!sent) return
  if (way === 'put') return ledger.note({ event: 'acknowledged', sha256 })
  const receipt = await persist(() =>
    errand.client.call<Receipt>('POST', '/documents/uploads/complete', { ids: [upload.id] })
  )
  const outcome = receipt?.outcomes[0]
  if (outcome?.outcome !== 'received') return
  await ledger.note({ event: 'acknowledged', sha256 })
  if (outcome.document) errand.documents.push(outcome.document.id)
}

/** The key as the store has it: it stands in the presigned URL, of the whole or of a part. */
async function keyOf(client: ApiClient, upload: Upload): Promise<string> {
  let { url } = upload
  if (!url) {
    const path = `/documents/uploads/${upload.id}/parts`
    const { parts } = await client.call<{ parts: { url: string }[] }>('POST', path, { numbers: [1] })
    url = parts[0]?.url ?? ''
  }
  return new URL(url).pathname.split('/').slice(2).join('/')
}

async function trash({ errand, ledger }: Writing, document_id: string): Promise<void> {
  await ledger.note({ event: 'trash_asked', document_id })
  const body = { things: [document_id] }
  const gone = await persist(async () => {
    try {
      const { things } = await errand.client.call<Outcomes>('POST', '/documents/things/trash', body)
      return things[0]?.outcome === 'done'
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return true // it lay there: only its answer was lost
      throw error
    }
  })
  if (gone) await ledger.note({ event: 'trashed', document_id })
}

/** Every fifth goes over a key that is there: each version of a key is a document of its own. */
async function drop(writing: Writing, file: File, random: () => number): Promise<void> {
  const { errand, ledger, inside, phase } = writing
  const again = random() < 0.2 ? takeFrom(errand.drops, random) : null
  const key = again ?? `${errand.project_id}/drops/${randomUUID()}-${file.name.replaceAll(' ', '-')}`
  const { sha256 } = file
  await ledger.note({ event: 'sent', phase, way: 'drop', key, of_document_id: null, sha256, in_parts: false })
  // Not tried again: a second PUT would be a second version of the key, and so a second document.
  const sent = await inside.drops
    .send(new PutObjectCommand({ Bucket: 'portico-drops', Key: key, Body: file.bytes }))
    .catch(() => null)
  if (!sent) return wait(500)
  await ledger.note({ event: 'acknowledged', sha256 })
  errand.drops.push(key)
}

/** Why writers gave up, and how often: for whoever reads the campaign's end. */
export const givenUp = new Map<string, number>()

/** Tries again while the portal or the store is away, as the browser does. Null: given up. */
async function persist<T>(work: () => Promise<T>): Promise<T | null> {
  let why = ''
  for (const end = Date.now() + PATIENCE; Date.now() < end; await wait(150 + Math.random() * 350))
    try {
      return await work()
    } catch (error) {
      const again = !(error instanceof ApiError) || error.status >= 500 || [409, 429].includes(error.status)
      if (!again) throw error
      why = error instanceof Error ? error.message.slice(0, 120) : String(error)
    }
  givenUp.set(why, (givenUp.get(why) ?? 0) + 1)
  return null
}
