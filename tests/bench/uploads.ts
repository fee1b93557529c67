/**
 * Uploads against the SDK: 1 GiB through the edge in presigned parts, and 1,000 files of 100 KiB to their receipts.
 * Ours sends as a browser does (four requests at a time, through the edge, to URLs from the API); the peers write
 * straight to the store. Rounds take turns, so that a busy minute hits both.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { Upload as LibStorageUpload } from '@aws-sdk/lib-storage'
import type { StoreSecret } from '../../functions/_shared/config.ts'
import type { Receipt, Upload } from '../../functions/_shared/contract/upload.ts'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { clientOf } from '../support/store.ts'
import { type Row, percentile, printRows } from './row.ts'

const MiB = 1024 * 1024
const BIG = 1024 * MiB
const PART = 16 * MiB
const ROUNDS = 3
const FILES = 1_000
const FILE_SIZE = 100 * 1024
const BUCKET = 'portico-documents'

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** A PUT by http.request: Node's fetch tops out near 90 MiB/s on one large body. */
function send(url: string, bytes: Uint8Array, headers: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: 'PUT', agent, headers: { 'content-length': bytes.length, ...headers } },
      (answer) => {
        answer.resume()
        answer.once('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`PUT answered ${answer.statusCode}`))
        )
      }
    )
    outgoing.once('error', reject)
    outgoing.end(bytes)
  })
}

async function inTurns<T>(
  items: Iterable<T>,
  at_once: number,
  work: (item: T) => Promise<void>
): Promise<void> {
  const queue = items[Symbol.iterator]()
  const worker = async () => {
    for (let step = queue.next(); !step.done; step = queue.next()) await work(step.value)
  }
  await Promise.all(Array.from({ length: at_once }, worker))
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1_000
}

/** One large file as the page sends it: parts' URLs by 32, four parts at a time, then the receipt. */
async function sendBig(client: ApiClient, folder_id: string, bytes: Uint8Array): Promise<void> {
  const { uploads } = await client.call<{ uploads: Upload[] }>('POST', '/documents/uploads', {
    folder_id,
    files: [{ name: `${randomUUID()}.bin`, size: bytes.length }]
  })
  const [upload] = uploads
  if (!upload) throw new Error('no upload was made')
  for (let first = 1; first <= upload.part_count; first += 32) {
    const numbers = Array.from({ length: Math.min(32, upload.part_count - first + 1) }, (_, no) => first + no)
    const { parts } = await client.call<{ parts: { number: number; url: string }[] }>(
      'POST',
      `/documents/uploads/${upload.id}/parts`,
      { numbers }
    )
    await inTurns(parts, 4, ({ number, url }) =>
      send(url, bytes.subarray((number - 1) * upload.part_size, number * upload.part_size))
    )
  }
  await complete(client, [upload.id])
}

async function complete(client: ApiClient, ids: string[]): Promise<void> {
  const receipt = await client.call<Receipt>('POST', '/documents/uploads/complete', { ids })
  const failed = receipt.outcomes.find((outcome) => outcome.outcome !== 'received')
  if (failed) throw new Error(`an upload was ${failed.outcome}`)
}

/** Many small files to their receipts, 500 in a call, 8 PUTs at a time. */
async function sendMany(client: ApiClient, folder_id: string, bytes: Uint8Array): Promise<void> {
  for (let first = 0; first < FILES; first += 500) {
    const files = Array.from({ length: 500 }, (_, no) => ({ name: `${first + no}.bin`, size: bytes.length }))
    const { uploads } = await client.call<{ uploads: Upload[] }>('POST', '/documents/uploads', {
      folder_id,
      files
    })
    await inTurns(uploads, 8, ({ url }) => send(url ?? '', bytes, { 'if-none-match': '*' }))
    await complete(
      client,
      uploads.map((upload) => upload.id)
    )
  }
}

/** The peers' key: the installation's own, straight to the store. */
function storeOf(stack: Stack) {
  const file = join(stack.data, 'mounts', 'documents', 'store-app')
  const secret: StoreSecret = JSON.parse(readFileSync(file, 'utf8'))
  return clientOf(secret)
}

const peerKey = () => `${randomUUID()}/${randomUUID()}`

export async function run(): Promise<Row[]> {
  const stack = await startStack()
  try {
    const s3 = storeOf(stack)
    const client = new ApiClient(stack.origin)
    await client.signIn(stack.person('Jonas'))
    const { items } = await client.call<{ items: { id: string }[] }>('GET', '/documents/projects')
    const project = items[0]?.id ?? ''
    const folder = async () =>
      (
        await client.call<{ id: string }>('POST', '/documents/folders', {
          parent_id: project,
          name: randomUUID()
        })
      ).id

    const big = randomBytes(BIG)
    const libStorage = () =>
      new LibStorageUpload({
        client: s3,
        params: { Bucket: BUCKET, Key: peerKey(), Body: big },
        partSize: PART,
        queueSize: 4
      }).done()
    const onePut = () => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: peerKey(), Body: big }))
    const large = await rounds({
      ours: async () => sendBig(client, await folder(), big),
      lib: libStorage,
      put: onePut
    })

    const small = randomBytes(FILE_SIZE)
    const peerMany = () =>
      inTurns(Array.from({ length: FILES }).keys(), 8, async () => {
        await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: peerKey(), Body: small }))
      })
    const many = await rounds({ ours: async () => sendMany(client, await folder(), small), peer: peerMany })

    const speed = (seconds: number) => `${(BIG / MiB / seconds).toFixed(0)} MiB/s`
    const rate = (seconds: number) => `${(FILES / seconds).toFixed(0)} files/s`
    const row = (
      what: string,
      ours: string,
      peer: string,
      ratio: number,
      must: number,
      aim: number
    ): Row => ({
      what,
      figure: ours,
      peer,
      ratio,
      must: must.toFixed(1),
      aim: aim.toFixed(1),
      holds: ratio >= must
    })
    return [
      row(
        '1 GiB through the edge, presigned parts of 16 MiB, 4 at a time',
        speed(large.ours),
        `lib-storage, same parts, straight to the store: ${speed(large.lib)}`,
        large.lib / large.ours,
        1,
        1.3
      ),
      row(
        '1 GiB through the edge, presigned parts',
        speed(large.ours),
        `one SDK PUT: ${speed(large.put)}`,
        large.put / large.ours,
        0.5,
        0.8
      ),
      row(
        '1,000 × 100 KiB to their receipts',
        rate(many.ours),
        `SDK PUTs, 8 at a time: ${rate(many.peer)}`,
        many.peer / many.ours,
        0.5,
        0.8
      )
    ]
  } finally {
    agent.destroy()
    await stack.stop()
  }
}

/** Median seconds of each, measured in turns after one round that warms up. */
async function rounds<Name extends string>(
  works: Record<Name, () => Promise<unknown>>
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[]
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const name of names) {
      const seconds = await timed(works[name])
      if (round > 0) times[name].push(seconds)
    }
  return Object.fromEntries(names.map((name) => [name, percentile(times[name], 0.5)])) as Record<Name, number>
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}
