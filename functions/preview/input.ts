/** A job's input on disk: fetched once for all calls of the job, as long as there is room for it. */
import { randomUUID } from 'node:crypto'
import { closeSync, createWriteStream, openSync, readSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { PreviewRequest } from '../_shared/contract/job.ts'
import { HEAD_SIZE, detectType, isLocked } from '../_shared/detect-type.ts'
import { InputAway, InputGone, openInput } from '../_shared/parser.ts'
import { officeEnding, wayOf } from '../_shared/rules/file-type.ts'
import { temporaryFolder } from '../_shared/temporary-folder.ts'
import { type DrawnBy, PageFailed } from './drawn.ts'
import { officeToPdf } from './office.ts'
import { letGo } from './pool.ts'

export type Source = { kind: DrawnBy; path: string } | { kind: 'unsupported'; reason: string }

/** Bytes of a file that is still previewed, and of all that are kept between calls. */
const MAX_SIZE = 1024 ** 3
/** Inputs kept at the same time; the one unused longest goes first. */
const KEPT = 6

const folder = temporaryFolder('preview')

/** `users`: calls that work on it now. A file of its own per fetch: two calls of one job never share a half of one. */
type Kept = { path: string; size: number; users: number; source: Promise<Source> }
const kept = new Map<string, Kept>()

/**
 * Does some work on the job's input; the input stays for the job's next call if the work says so.
 *
 * @param work gives `stay: false` when the job is over
 * @throws InputAway, InputGone, PageFailed (empty, too large)
 */
export async function withInput<T>(
  job: PreviewRequest,
  signal: AbortSignal,
  work: (source: Source) => Promise<{ stay: boolean; value: T }>
): Promise<T> {
  const own = kept.get(job.job) ?? begin(job, signal)
  kept.delete(job.job)
  kept.set(job.job, own)
  own.users += 1
  let stay = false
  try {
    const done = await work(await own.source)
    stay = done.stay
    return done.value
  } finally {
    own.users -= 1
    if (!stay) forget(job.job, own)
    makeRoom()
  }
}

function begin(job: PreviewRequest, signal: AbortSignal): Kept {
  const path = join(folder, randomUUID())
  return { path, size: job.input.size, users: 0, source: load(job, path, signal) }
}

function forget(job: string, own: Kept): void {
  if (own.users > 0) return
  if (kept.get(job) === own) kept.delete(job)
  letGo(own.path)
  rmSync(own.path, { force: true })
}

function makeRoom(): void {
  let bytes = [...kept.values()].reduce((sum, one) => sum + one.size, 0)
  for (const [job, own] of kept) {
    if (kept.size <= KEPT && bytes <= MAX_SIZE) break
    bytes -= own.users > 0 ? 0 : own.size
    forget(job, own)
  }
}

async function load(job: PreviewRequest, path: string, signal: AbortSignal): Promise<Source> {
  if (job.input.size === 0) throw new PageFailed('empty', 'no_bytes', true)
  if (job.input.size > MAX_SIZE) throw new PageFailed('too_complex', 'size', true)
  const stream = await openInput(job.input.url, signal)
  await pipeline(stream, createWriteStream(path, { mode: 0o600 })).catch((cause: unknown) => {
    throw new InputAway('the stream broke off', { cause })
  })
  if (statSync(path).size !== job.input.size) throw new InputGone('size_mismatch')
  const head = headOf(path)
  const type = await detectType(head, job.input.name)
  const way = wayOf(type, job.input.name)
  if (way === null) return { kind: 'unsupported', reason: `type:${type}` }
  if (way !== 'office') return { kind: way, path }
  if (isLocked(head)) throw new PageFailed('encrypted', 'password', true)
  await officeToPdf(path, officeEnding(type, job.input.name), signal)
  return { kind: 'pdf', path }
}

function headOf(path: string): Buffer {
  const head = Buffer.alloc(HEAD_SIZE)
  const fd = openSync(path, 'r')
  const read = readSync(fd, head, 0, HEAD_SIZE, 0)
  closeSync(fd)
  return head.subarray(0, read)
}
