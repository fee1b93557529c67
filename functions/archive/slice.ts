/** One slice: the originals that come next, through CRC-32 and SHA-256, into parts. */
import { buffer } from 'node:stream/consumers'
import type {
  ArchiveAnswer,
  ArchiveCursor,
  ArchiveRequest,
  ArchiveSlice
} from '../_shared/contract/archive-job.ts'
import { InputAway, InputGone, openInput } from '../_shared/parser.ts'
import { descriptor, localHeader } from '../_shared/rules/zip.ts'
import { beginFile, hashInParts, wholeHash } from './file.ts'
import { type Parts, openParts } from './parts.ts'
import { StoreFull, put } from './put.ts'

/** Milliseconds after which no more is read; what was read is sent, and the job goes on with its next call. */
const SOFT_LIMIT = 20_000
/** Bytes: a file of up to so many passes in one call, its last seconds beyond the limit above if need be. */
const WHOLE = 64 * 1024 * 1024
/** Seconds until a store that is away, or full, is asked again. */
const RETRY = 15
const EMPTY: Buffer<ArrayBuffer> = Buffer.alloc(0)

/** Makes a slice. Never throws but for what is a mistake of ours. */
export async function makeSlice(job: ArchiveRequest, signal: AbortSignal): Promise<ArchiveAnswer> {
  const until = Date.now() + SOFT_LIMIT
  try {
    const { state, bytes } = await takeUp(job, signal)
    const parts = openParts(job, bytes, signal)
    const done = await fill(job, state, parts, () => Date.now() > until || parts.isSpent(), signal)
    return await answer(job, parts, done, signal)
  } catch (error) {
    if (error instanceof StoreFull) return { outcome: 'retry', after_seconds: RETRY, reason: 'store_full' }
    if (error instanceof InputAway) return { outcome: 'retry', after_seconds: RETRY, reason: 'store_away' }
    if (error instanceof InputGone) return { outcome: 'refused', reason: error.message }
    throw error
  }
}

/** What the slice before left: the state of a file's hash, and bytes that filled no part. */
async function takeUp(
  job: ArchiveRequest,
  signal: AbortSignal
): Promise<{ state: Buffer<ArrayBuffer>; bytes: Buffer<ArrayBuffer> }> {
  if (!job.cursor || !job.carry.get) return { state: EMPTY, bytes: EMPTY }
  const all = await buffer(await openInput(job.carry.get, signal)).catch((cause: unknown) => {
    throw cause instanceof InputGone ? cause : new InputAway('the carry broke off', { cause })
  })
  const { state, size } = job.cursor.carry
  if (all.length !== state + size) throw new InputGone('carry_mismatch')
  return { state: all.subarray(0, state), bytes: all.subarray(state) }
}

type Done = Pick<ArchiveSlice, 'files' | 'gone' | 'bytes'> & {
  file: ArchiveCursor['file']
  state: Buffer<ArrayBuffer>
}

/** File after file until the slice is over. */
async function fill(
  job: ArchiveRequest,
  carried: Buffer<ArrayBuffer>,
  parts: Parts,
  isOver: () => boolean,
  signal: AbortSignal
): Promise<Done> {
  const done: Done = { files: [], gone: [], bytes: 0, file: null, state: EMPTY }
  // At its begin a call has room for so much, whatever the last one left over.
  const most = Math.min(WHOLE, (job.parts.length - 2) * job.part_size)
  for (const source of job.files) {
    const begun = job.cursor?.file?.place === source.place ? job.cursor.file : null
    const is_whole = !begun && source.size <= most
    if (isOver() || (is_whole && !parts.hasRoom(source.size))) break
    const stream = await openInput(source.url, signal, begun?.read ?? 0).catch((error: unknown) => {
      // Of a file that is half in nothing can be taken back here: that is the connector's to decide.
      if (begun || !(error instanceof InputGone)) throw error
      return null
    })
    if (!stream) {
      done.gone.push(source.place)
      continue
    }
    const offset = begun?.offset ?? parts.offset()
    if (!begun) await parts.write(localHeader({ ...source, at: new Date(source.at) }))
    const hash = is_whole ? wholeHash() : await hashInParts(begun && carried)
    const file = beginFile(source, hash, begun)
    const before = file.read()
    await file.take(stream, parts, is_whole ? () => false : isOver)
    done.bytes += file.read() - before
    if (file.read() < source.size)
      return { ...done, ...file.pause((crc) => ({ place: source.place, offset, read: file.read(), crc })) }
    const crc = file.finish()
    await parts.write(descriptor(source.size, crc))
    done.files.push({ place: source.place, offset, crc })
  }
  return done
}

/** Sends what is left over to its own place, and says how far it came. */
async function answer(
  job: ArchiveRequest,
  parts: Parts,
  { file, state, ...done }: Done,
  signal: AbortSignal
): Promise<ArchiveAnswer> {
  const { sent, next, rest } = await parts.end()
  await put(job.carry.put, state.length > 0 ? Buffer.concat([state, rest]) : rest, signal)
  parts.release()
  return {
    outcome: 'continue',
    cursor: { part: next, carry: { key: job.carry.key, state: state.length, size: rest.length }, file },
    result: { step: 'slice', ...done, parts: sent }
  }
}
