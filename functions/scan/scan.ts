/** One pass over an object: hash, head and scanner drink from the same stream. */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { config } from '../_shared/config.ts'
import type { JobInput, ScanAnswer, Scanner, ScannerSeen } from '../_shared/contract/job.ts'
import { HEAD_SIZE, detectType } from '../_shared/detect-type.ts'
import { InputAway, InputGone, openInput } from '../_shared/parser.ts'
import { nameMatchesType } from '../_shared/rules/file-type.ts'
import { isUpToDate } from '../_shared/rules/scanner.ts'
import { ScannerAway, type Verdict, askVersion, openClamd } from './clamd.ts'

const NONE: Verdict = { scan_result: 'not_scanned', scan_detail: null }
const EMPTY = Buffer.alloc(0)
/** Seconds until what did not answer is asked again. */
const RETRY = 15
/** Seconds until a scanner whose signatures are old is asked whether it has new ones. */
const RETRY_OLD = 60

/** The scanner is there, but knows nothing of what went round these last days: its word is worth nothing. */
class ScannerOutOfDate extends Error {}

/** The scanner that the operator named, asked who it is; null: there is none. Throws ScannerAway, ScannerOutOfDate. */
async function findScanner(): Promise<Scanner | null> {
  if (!config.clamav) return null
  const scanner = await askVersion(config.clamav)
  if (!isUpToDate(scanner, config.clamav_max_age_days, new Date())) throw new ScannerOutOfDate()
  return scanner
}

/** What is to be said of the scanner while nothing is scanned. */
export async function lookAtScanner(): Promise<ScannerSeen> {
  try {
    return { scanner: await findScanner(), problem: null }
  } catch (error) {
    if (error instanceof ScannerAway) return { scanner: null, problem: 'scanner_away' }
    if (error instanceof ScannerOutOfDate) return { scanner: null, problem: 'scanner_out_of_date' }
    throw error
  }
}

/**
 * Reads the input once. What cannot be read or scanned now is `retry`, what never can is `refused`; throws only for a
 * mistake of ours.
 */
export async function scan(input: JobInput, signal: AbortSignal): Promise<ScanAnswer> {
  try {
    const limit = AbortSignal.timeout(config.exec_timeout * 1_000)
    const scanner = await findScanner()
    const read = await readOnce(input, AbortSignal.any([signal, limit]))
    if (read.size !== input.size) return { outcome: 'refused', reason: 'size_mismatch' }
    const detected_type = await detectType(read.head, input.name)
    return {
      outcome: 'done',
      result: {
        size: read.size,
        sha256: read.sha256,
        detected_type,
        name_matches_type: nameMatchesType(input.name, detected_type) ?? true,
        ...read.verdict,
        scanner
      }
    }
  } catch (error) {
    if (error instanceof InputGone) return { outcome: 'refused', reason: error.message }
    if (error instanceof InputAway) return { outcome: 'retry', after_seconds: RETRY, reason: 'store_away' }
    if (error instanceof ScannerAway)
      return { outcome: 'retry', after_seconds: RETRY, reason: 'scanner_away' }
    if (error instanceof ScannerOutOfDate)
      return { outcome: 'retry', after_seconds: RETRY_OLD, reason: 'scanner_out_of_date' }
    throw error
  }
}

async function readOnce(input: JobInput, signal: AbortSignal) {
  // The scanner first: away, it must not leave the store with a stream that nobody reads.
  const scanner = config.clamav ? await openClamd(config.clamav, signal) : null
  const hash = createHash('sha256')
  const head: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of readable(await openInput(input.url, signal))) {
      if (size + chunk.length > input.size)
        return { size: size + chunk.length, sha256: '', head: EMPTY, verdict: NONE }
      hash.update(chunk)
      if (size < HEAD_SIZE) head.push(chunk.subarray(0, HEAD_SIZE - size))
      size += chunk.length
      await scanner?.write(chunk)
    }
    const verdict = scanner ? await scanner.end() : NONE
    return { size, sha256: hash.digest('hex'), head: Buffer.concat(head), verdict }
  } finally {
    scanner?.close()
  }
}

/** The stream's chunks; one that breaks off says that the store is away. */
async function* readable(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (cause) {
    throw new InputAway('the stream broke off', { cause })
  }
}
