/**
 * A real clamd of a test's own: signatures for single files, and a daily database with whatever number and date the test
 * wants its scanner to have (an unsigned container, `.cud`, as clamd takes it from whoever runs it).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { freePort } from '../../infra/runner/ports.ts'
import { until } from './parser.ts'

const PROGRAM = '/usr/sbin/clamd'
/** For a test's `skip`: why there is no scanner here, or false. */
export const noClamd: string | false = existsSync(PROGRAM) ? false : 'no clamd on this machine'

/** The harmless file that every scanner knows (eicar.org), in two halves so that this file is not one. */
export const EICAR = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('')
)

export type Daily = { number: number; made: Date }

export type Clamd = {
  port: number
  /** Other signatures from now on: the files that it knows, by the names that it gives them. */
  learn: (known: Record<string, Buffer>, daily: Daily | null) => Promise<void>
  stop: () => Promise<void>
}

/** Started with nothing but what it is told; takes streams of up to 1 MiB. Gone after the file's tests. */
export async function startClamd(known: Record<string, Buffer>, daily: Daily | null): Promise<Clamd> {
  const folder = mkdtempSync(join(tmpdir(), 'portico-clamd-'))
  const signatures = join(folder, 'signatures')
  mkdirSync(signatures)
  const port = await freePort()
  writeSignatures(signatures, known, daily)
  const settings = [
    `DatabaseDirectory ${signatures}`,
    `TCPSocket ${port}`,
    'TCPAddr 127.0.0.1',
    'Foreground yes',
    'StreamMaxLength 1M',
    `TemporaryDirectory ${folder}`,
    ...(process.getuid?.() === 0 ? ['User root'] : [])
  ]
  writeFileSync(join(folder, 'clamd.conf'), `${settings.join('\n')}\n`)
  const child: ChildProcess = spawn(PROGRAM, ['--config-file', join(folder, 'clamd.conf')], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const gone = new Promise<void>((done) => child.once('exit', () => done()))
  const stop = async () => {
    child.kill('SIGKILL')
    await gone
  }
  after(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk))
  await until(() => /Self checking|max_queue|No stats/i.test(said) || child.exitCode !== null, 20_000)
  if (child.exitCode !== null) throw new Error(said)
  return {
    port,
    stop,
    learn: async (next, then) => {
      const before = await ask(port, 'VERSION')
      writeSignatures(signatures, next, then)
      await ask(port, 'RELOAD')
      for (let i = 0; i < 100 && (await ask(port, 'VERSION')) === before; i += 1)
        await new Promise((done) => setTimeout(done, 50))
    }
  }
}

function ask(port: number, command: string): Promise<string> {
  return new Promise((done, fail) => {
    let heard = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`z${command}\0`))
    socket
      .on('data', (chunk) => (heard += chunk.toString()))
      .on('error', fail)
      .on('close', () => done(heard))
  })
}

/** Writes them into an empty folder, as clamd reads it. */
export function writeSignatures(folder: string, known: Record<string, Buffer>, daily: Daily | null): void {
  const lines = Object.entries(known).map(
    ([name, bytes]) => `${createHash('md5').update(bytes).digest('hex')}:${bytes.length}:${name}\n`
  )
  writeFileSync(join(folder, 'test.hdb'), lines.join(''))
  if (daily) writeFileSync(join(folder, 'daily.cud'), container(daily))
}

/** A ClamAV database: a head of 512 bytes, then a TAR of files, one of which lists the others with their checksums. */
function container({ number, made }: Daily): Buffer {
  const at = made.toUTCString().slice(5, 22).replace(':', '-')
  const head = `ClamAV-VDB:${at} +0000:${number}:1:60:X:X:test:${Math.floor(made.getTime() / 1000)}`
  const nothing = Buffer.from(`${'0'.repeat(32)}:1:Nothing-${number}\n`)
  const sum = createHash('sha256').update(nothing).digest('hex')
  const list = Buffer.from(`${head}\ndaily.hdb:${nothing.length}:${sum}\n`)
  return Buffer.concat([
    Buffer.from(head.padEnd(512, ' ')),
    tarred('daily.info', list),
    tarred('daily.hdb', nothing),
    Buffer.alloc(1024)
  ])
}

/** One file of a TAR (POSIX ustar). */
function tarred(name: string, bytes: Buffer): Buffer {
  const head = Buffer.alloc(512)
  const put = (text: string, at: number) => head.write(text, at, 'latin1')
  put(name, 0)
  put('0000644\x000000000\x000000000\0', 100)
  put(`${bytes.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 124)
  put(`${' '.repeat(8)}0`, 148)
  put('ustar\x0000', 257)
  const sum = head.reduce((all, byte) => all + byte, 0)
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}
