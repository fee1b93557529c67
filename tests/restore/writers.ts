/** Writers and their own ledger: what they sent, and what was acknowledged to them and when. */
import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { PDFDocument } from 'pdf-lib'
import { type ApiClient, ApiError } from '../../infra/demo/api-client.ts'
import type { Receipt, Upload } from '../../functions/_shared/contract/upload.ts'
import { randomFrom } from '../faults/schedule.ts'
import type { Installation } from '../faults/installation.ts'

/** completed: through the API to the receipt; put: only the store has said yes; drop: brought by an S3 tool. */
export type Way = 'completed' | 'put' | 'drop'

export type Entry = {
  way: Way
  /** Of documents: `<document>/<version>`; of drops: the key in the drop bucket. */
  key: string
  sha256: string
  /** Somebody said that it has arrived: from here on it may not be lost. */
  acknowledged: boolean
  /** When it was said, in milliseconds since 1970. */
  acknowledged_at?: number
}

export type Errand = { client: ApiClient; folder_id: string; project_id: string }

/** Milliseconds that a writer goes on trying while something is away. */
const PATIENCE = 90_000

/** Sends `count` files by turns, spread over about `seconds`; resolves when all are sent or given up. */
export async function write(
  inside: Installation,
  errands: Errand[],
  options: {
    count: number
    seconds: number
    writers: number
    ways: Way[]
    seed: number
    ledger: Entry[]
    /** Nobody will answer any more: whoever writes gives up. */
    stopped?: AbortSignal
  }
): Promise<void> {
  let left = options.count
  const one = async (number: number) => {
    const random = randomFrom(options.seed * 1_000 + number)
    const errand = errands[number % errands.length]
    if (!errand) throw new Error('nobody to write for')
    while (left > 0 && !options.stopped?.aborted) {
      left -= 1
      const way = options.ways[Math.floor(random() * options.ways.length)] ?? 'completed'
      const bytes = await contentFrom(random)
      await wait((2 * random() * options.seconds * 1_000 * options.writers) / options.count)
      await (way === 'drop'
        ? drop(inside, errand, bytes, options.ledger)
        : send(errand, way, bytes, options.ledger, options.stopped))
    }
  }
  await Promise.all(Array.from({ length: options.writers }, (_, number) => one(number)))
}

/** Mostly text; every eighth a PDF of one to three pages. Each one is unlike all others. */
async function contentFrom(random: () => number): Promise<Buffer> {
  if (random() > 1 / 8) return Buffer.from(`${randomUUID()}\n`.repeat(1 + Math.floor(random() * 60)))
  const pdf = await PDFDocument.create()
  for (let no = 0; no <= random() * 3; no += 1)
    pdf.addPage([300, 400]).drawText(randomUUID(), { x: 20, y: 200, size: 9 })
  return Buffer.from(await pdf.save())
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function send(
  errand: Errand,
  way: Way,
  bytes: Buffer,
  ledger: Entry[],
  stopped?: AbortSignal
): Promise<void> {
  const isPdf = bytes.subarray(0, 4).toString() === '%PDF'
  const file = {
    name: isPdf ? 'scan.pdf' : 'note.txt',
    size: bytes.length,
    declared_type: isPdf ? 'application/pdf' : 'text/plain'
  }
  const idempotency = { 'idempotency-key': randomUUID() }
  const body = { folder_id: errand.folder_id, files: [file] }
  const made = await persist(
    () => errand.client.call<{ uploads: Upload[] }>('POST', '/documents/uploads', body, idempotency),
    stopped
  )
  const upload = made?.uploads[0]
  if (!upload) return
  const entry: Entry = { way, key: keyOf(upload), sha256: sha256(bytes), acknowledged: false }
  ledger.push(entry)
  const sent = await persist(async () => {
    await errand.client.put(upload, bytes).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 412) throw error // it had arrived: only its answer was lost
    })
    return true
  }, stopped)
  if (!sent || way === 'put') return acknowledge(entry, sent === true)
  const receipt = await persist(
    () => errand.client.call<Receipt>('POST', '/documents/uploads/complete', { ids: [upload.id] }),
    stopped
  )
  acknowledge(entry, receipt?.outcomes[0]?.outcome === 'received')
}

function acknowledge(entry: Entry, is_there: boolean): void {
  entry.acknowledged = is_there
  if (is_there) entry.acknowledged_at = Date.now()
}

/** The key as the store has it: it stands in the presigned URL. */
function keyOf(upload: Upload): string {
  return new URL(upload.url ?? '').pathname.split('/').slice(2).join('/')
}

async function drop(inside: Installation, errand: Errand, bytes: Buffer, ledger: Entry[]): Promise<void> {
  const key = `${errand.project_id}/drops/${randomUUID()}.txt`
  const entry: Entry = { way: 'drop', key, sha256: sha256(bytes), acknowledged: false }
  ledger.push(entry)
  // Not tried again: a second PUT would be a second version of the key, and so a second document.
  await inside.drops
    .send(new PutObjectCommand({ Bucket: 'portico-drops', Key: key, Body: bytes }))
    .then(() => acknowledge(entry, true))
    .catch(() => wait(500))
}

/** Tries again while the portal or the store is away, as the browser does. Null: given up. */
async function persist<T>(work: () => Promise<T>, stopped?: AbortSignal): Promise<T | null> {
  for (
    const end = Date.now() + PATIENCE;
    Date.now() < end && !stopped?.aborted;
    await wait(150 + Math.random() * 350)
  )
    try {
      return await work()
    } catch (error) {
      const again = !(error instanceof ApiError) || error.status >= 500 || [409, 429].includes(error.status)
      if (!again) throw error
    }
  return null
}
