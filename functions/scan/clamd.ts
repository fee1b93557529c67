/**
 * clamd over TCP, command INSTREAM (clamd(8)): chunks of a 4-byte big-endian length and bytes, a length of 0 ends. The
 * answer is one line. Only `stream: OK` is clean.
 */
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { type NetConnectOpts, type Socket, connect } from 'node:net'
import type { ScanResult } from '../_shared/contract/document.ts'
import type { z } from 'zod'
import type { Scanner as ScannerFacts } from '../_shared/contract/job.ts'

/** Milliseconds of silence after which the scanner counts as away. */
const PATIENCE = 120_000
const CONNECT = 5_000

/** The scanner cannot be had just now, or broke off without a verdict. */
export class ScannerAway extends Error {}

export type Verdict = { scan_result: z.infer<typeof ScanResult>; scan_detail: string | null }

const TOO_LARGE: Verdict = { scan_result: 'too_large', scan_detail: 'size limit of the scanner' }

/** Bytes. No clamd has a smaller StreamMaxLength. */
const CUT_OFF = 1024 * 1024

/** Where it listens: a TCP address, or a socket's path. */
export type Scanner = { host: string; port: number } | { path: string }

const open = (at: Scanner): Socket => {
  const options: NetConnectOpts = { ...at, timeout: CONNECT }
  return connect(options)
}

/** What clamd answers to a command without arguments; '' when it is away. Never throws. */
function ask(at: Scanner, command: 'PING' | 'VERSION'): Promise<string> {
  const socket = open(at)
  let said = ''
  return new Promise((resolve) => {
    socket.on('connect', () => socket.write(`z${command}\0`))
    socket.on('data', (chunk) => (said += chunk.toString('latin1')))
    socket.on('timeout', () => socket.destroy())
    socket.on('error', () => {})
    socket.on('close', () => resolve(said.replace(/\0/g, '').trim()))
  })
}

/** Whether clamd is there and well. Never throws. */
const answersPing = async (at: Scanner): Promise<boolean> => (await ask(at, 'PING')) === 'PONG'

/**
 * What its line says, `ClamAV 1.4.3/27823/Thu Nov 27 09:24:11 2026`; without a database of its maker's just the first
 * part. The time is in the zone of its machine, which nobody tells: read as UTC, hours do not matter here.
 */
export function readVersion(line: string): ScannerFacts | null {
  const [engine = '', number, dated] = line.split('/')
  if (!engine.startsWith('ClamAV ')) return null
  const at = dated === undefined ? Number.NaN : Date.parse(`${dated} UTC`)
  return {
    engine: engine.slice(0, 60),
    signatures: number !== undefined && /^\d+$/.test(number) ? Number(number) : null,
    dated_at: Number.isNaN(at) ? null : new Date(at).toISOString()
  }
}

/** Who is there, and with which signatures. Throws ScannerAway. */
export async function askVersion(at: Scanner): Promise<ScannerFacts> {
  const facts = readVersion(await ask(at, 'VERSION'))
  if (!facts) throw new ScannerAway('clamd does not say its version')
  return facts
}

/** What clamd's line means. Throws ScannerAway for a line that is no verdict: nobody knows, and that is not clean. */
export function readVerdict(line: string): Verdict {
  const text = line.replace(/\0/g, '').trim()
  if (text === 'stream: OK') return { scan_result: 'clean', scan_detail: null }
  const found = /^stream: (.+) FOUND$/.exec(text)?.[1]
  if (found) return { scan_result: 'infected', scan_detail: found.slice(0, 300) }
  if (/INSTREAM size limit exceeded/.test(text)) return TOO_LARGE
  throw new ScannerAway(`clamd: ${text.slice(0, 100)}`)
}

/**
 * Opens a scan. `write` waits while clamd is slow; once clamd has spoken (too large), what follows is not sent any more.
 * Everything throws ScannerAway when clamd is away.
 *
 * @param signal ends it
 */
export async function openClamd(at: Scanner, signal: AbortSignal) {
  const socket = open(at)
  let said = ''
  let failure: unknown = null
  const away = (cause: unknown) => new ScannerAway('clamd is away', { cause })
  const stop = () => socket.destroy(new Error('nobody waits any more'))
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('data', (chunk) => (said += chunk.toString('latin1')))
  socket.on('error', (error) => (failure = error))
  socket.on('timeout', () => socket.destroy(new Error('clamd is silent')))
  signal.addEventListener('abort', stop, { once: true })
  await once(socket, 'connect').catch((cause: unknown) => {
    throw away(cause)
  })
  socket.setTimeout(PATIENCE)
  socket.write('zINSTREAM\0')

  let sent = 0
  async function send(bytes: Uint8Array): Promise<void> {
    // clamd says "too large", closes, and resets what still comes: its line is to be read before the next write fails.
    await turn()
    if (said !== '' || failure || socket.destroyed) return
    sent += bytes.length
    if (!socket.write(bytes)) await Promise.race([once(socket, 'drain').catch(() => {}), ended])
  }

  return {
    write: async (chunk: Uint8Array): Promise<void> => {
      if (chunk.length === 0) return
      const length = Buffer.alloc(4)
      length.writeUInt32BE(chunk.length)
      await send(Buffer.concat([length, chunk]))
    },
    end: async (): Promise<Verdict> => {
      await send(Buffer.alloc(4))
      await ended
      if (said !== '') return readVerdict(said)
      // The reset may overtake its line. A clamd that is well and cut off a long stream means just that.
      if (sent > CUT_OFF && (await answersPing(at))) return TOO_LARGE
      throw away(failure)
    },
    close: (): void => {
      signal.removeEventListener('abort', stop)
      socket.destroy()
    }
  }
}
