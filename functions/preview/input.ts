/** A job's input on disk: fetched once for all calls of the job, as long as there is room for it. */
import { createWriteStream, mkdirSync, openSync, readSync, closeSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { HEAD_SIZE, detectType } from '../_shared/detect-type.ts'
import type { PreviewRequest } from '../_shared/contract/job.ts'
import { InputAway, InputGone, openInput } from '../_shared/parser.ts'
import { PageFailed } from './pool.ts'

export type Source =
  { kind: 'pdf' | 'image' | 'text'; path: string } | { kind: 'unsupported'; reason: string }

/** Bytes of a file that is still previewed. */
const MAX_SIZE = 1024 ** 3
/** Inputs kept at the same time; the one unused longest goes first. */
const KEPT = 6

const IMAGES = new Set(['image/jpeg', 'image/png', 'image/webp'])
const TEXTS = new Set(['text/plain', 'application/json', 'application/xml', 'text/csv', 'text/markdown'])

const folder = join(tmpdir(), `portico-preview-${process.pid}`)
const kept = new Map<string, Promise<Source>>()

/** The job's input and what it is. Throws InputAway, InputGone, PageFailed (empty, too large). */
export function takeInput(job: PreviewRequest, signal: AbortSignal): Promise<Source> {
  const known = kept.get(job.job)
  kept.delete(job.job)
  const source = known ?? load(job, signal)
  kept.set(job.job, source)
  source.catch(() => forget(job.job))
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break
    forget(oldest)
  }
  return source
}

/** Throws away what was kept of a job. */
export function forget(job: string): void {
  kept.delete(job)
  rmSync(join(folder, job), { force: true })
}

async function load(job: PreviewRequest, signal: AbortSignal): Promise<Source> {
  if (job.input.size === 0) throw new PageFailed('empty', 'no_bytes', true)
  if (job.input.size > MAX_SIZE) throw new PageFailed('too_complex', 'size', true)
  const path = join(folder, job.job)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stream = await openInput(job.input.url, signal)
  await pipeline(Readable.fromWeb(stream), createWriteStream(path, { mode: 0o600 })).catch(
    (cause: unknown) => {
      throw new InputAway('the stream broke off', { cause })
    }
  )
  if (statSync(path).size !== job.input.size) throw new InputGone('size_mismatch')
  const type = await detectType(headOf(path))
  if (type === 'application/pdf') return { kind: 'pdf', path }
  if (IMAGES.has(type)) return { kind: 'image', path }
  if (TEXTS.has(type)) return { kind: 'text', path }
  rmSync(path, { force: true })
  return { kind: 'unsupported', reason: `type:${type}` }
}

function headOf(path: string): Buffer {
  const head = Buffer.alloc(HEAD_SIZE)
  const fd = openSync(path, 'r')
  const read = readSync(fd, head, 0, HEAD_SIZE, 0)
  closeSync(fd)
  return head.subarray(0, read)
}
