/** scan as its container runs it, with and without a real clamd. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ScanAnswer } from '../../functions/_shared/contract/job.ts'
import {
  type Job,
  type ParserProcess,
  inputOf,
  noCorpus,
  offer,
  offerCorpus,
  post,
  startParser,
  startStore,
  tokenFor,
  until
} from '../support/parser.ts'

const store = await startStore()
const plain = await startParser('scan')

const body = (job: Job) => ({ job: job.id, kind: 'scan', attempt: 1, input: inputOf(store, job) })

async function scan(parser: ParserProcess, job: Job) {
  const answer = await post(parser, 'scan', body(job))
  assert.equal(answer.status, 200)
  return ScanAnswer.parse(await answer.json())
}

async function found(parser: ParserProcess, job: Job) {
  const answer = await scan(parser, job)
  assert.ok(answer.outcome === 'done', JSON.stringify(answer))
  return answer.result
}

const clamd = existsSync('/usr/sbin/clamd') ? '/usr/sbin/clamd' : null
const noClamd = clamd ? false : 'no clamd on this machine'

/** The harmless file that every scanner knows (eicar.org), in two halves so that this file is not one. */
const EICAR = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('')
)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  await new Promise((done) => server.close(done))
  return port
}

/** A clamd of its own, that knows one signature and takes streams of up to 1 MiB. */
async function startClamd(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'portico-clamd-'))
  const port = await freePort()
  mkdirSync(join(folder, 'signatures'))
  const sum = createHash('md5').update(EICAR).digest('hex')
  writeFileSync(join(folder, 'signatures', 'test.hdb'), `${sum}:${EICAR.length}:Eicar-Of-The-Test\n`)
  const settings = [
    `DatabaseDirectory ${folder}/signatures`,
    `TCPSocket ${port}`,
    'TCPAddr 127.0.0.1',
    'Foreground yes',
    'StreamMaxLength 1M',
    `TemporaryDirectory ${folder}`,
    ...(process.getuid?.() === 0 ? ['User root'] : [])
  ]
  writeFileSync(join(folder, 'clamd.conf'), `${settings.join('\n')}\n`)
  const child = spawn(clamd ?? '', ['--config-file', join(folder, 'clamd.conf')], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  after(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  await until(() => /Self checking|max_queue|No stats/i.test(said) || child.exitCode !== null, 20_000)
  assert.equal(child.exitCode, null, said)
  return port
}

const port = clamd ? await startClamd() : 0
const guarded = clamd
  ? await startParser('scan', { CLAMAV_HOST: '127.0.0.1', CLAMAV_PORT: `${port}` })
  : plain

test('one reading gives the hash, the size and the type of the bytes', { skip: noCorpus }, async () => {
  for (const [path, type] of [
    ['pdf/tracemonkey.pdf', 'application/pdf'],
    ['image/simple.png', 'image/png'],
    ['image/simple.jpg', 'image/jpeg'],
    ['image/simple.tiff', 'image/tiff'],
    ['mail/umlaut.eml', 'message/rfc822'],
    ['invoice/en16931-simple.ubl.xml', 'application/xml']
  ] as const) {
    const job = offerCorpus(store, path)
    const bytes = store.files.get(`${job.id}/${job.name}`) ?? Buffer.alloc(0)
    assert.deepEqual(await found(plain, job), {
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      detected_type: type,
      name_matches_type: true,
      scan_result: 'not_scanned',
      scan_detail: null
    })
  }
})

test('a name that says something else than the bytes is noticed', async () => {
  const pdf = Buffer.from('%PDF-1.4\n1 0 obj')
  assert.equal((await found(plain, offer(store, 'photo.jpg', pdf))).name_matches_type, false)
  assert.equal((await found(plain, offer(store, 'paper.PDF', pdf))).name_matches_type, true)
  assert.equal(
    (await found(plain, offer(store, 'paper.pdf', Buffer.from('only words')))).name_matches_type,
    false
  )
})

test('a file of no bytes has its hash too', async () => {
  const result = await found(plain, offer(store, 'nothing.txt', Buffer.alloc(0)))
  assert.equal(result.sha256, createHash('sha256').digest('hex'))
  assert.equal(result.size, 0)
})

test('what is not as long as announced is refused', async () => {
  const job = offer(store, 'a.bin', randomBytes(1000))
  for (const size of [999, 1001])
    assert.deepEqual(await scan(plain, { ...job, size }), { outcome: 'refused', reason: 'size_mismatch' })
})

test('what is gone is refused, a store that is away is asked again', async () => {
  const job = offer(store, 'a.bin', randomBytes(10))
  store.state.away = true
  const away = await scan(plain, job)
  store.state.away = false
  store.files.clear()
  assert.deepEqual(away, { outcome: 'retry', after_seconds: 15, reason: 'store_away' })
  assert.deepEqual(await scan(plain, job), { outcome: 'refused', reason: 'input_not_there' })
})

test('a token for another function or job, an expired one and none are refused', async () => {
  const wish = body(offer(store, 'a.bin', randomBytes(10)))
  const { job } = wish
  const tokens = [
    null,
    await tokenFor('preview', { job }),
    await tokenFor('scan', { job, seconds: -100 }),
    await tokenFor('scan') // another job's
  ]
  for (const token of tokens) assert.equal((await post(plain, 'scan', wish, { token })).status, 401)
})

test('a clean file is clean, the test virus is found', { skip: noClamd }, async () => {
  const clean = await found(guarded, offer(store, 'a.bin', randomBytes(900_000)))
  assert.deepEqual([clean.scan_result, clean.scan_detail], ['clean', null])
  const infected = await found(guarded, offer(store, 'a.txt', EICAR))
  assert.equal(infected.scan_result, 'infected')
  assert.match(infected.scan_detail ?? '', /Eicar-Of-The-Test/)
  assert.equal((await found(guarded, offer(store, 'a.txt', Buffer.alloc(0)))).scan_result, 'clean')
})

test('what is larger than the scanner takes is too large, never clean', { skip: noClamd }, async () => {
  for (const size of [1_100_000, 3_000_000, 40_000_000, 40_000_000, 40_000_000]) {
    const bytes = randomBytes(size)
    const result = await found(guarded, offer(store, 'a.bin', bytes))
    assert.equal(result.scan_result, 'too_large')
    assert.equal(result.sha256, createHash('sha256').update(bytes).digest('hex'), 'the hash is of all of it')
  }
})

test('while the scanner is away nothing is said about a file', async () => {
  const lost = await startParser('scan', { CLAMAV_HOST: '127.0.0.1', CLAMAV_PORT: `${await freePort()}` })
  const answer = await scan(lost, offer(store, 'a.txt', Buffer.from('words')))
  assert.deepEqual(answer, { outcome: 'retry', after_seconds: 15, reason: 'scanner_away' })
})

test('a scanner that breaks off has said nothing', async () => {
  const broken = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1')
  await new Promise((done) => broken.once('listening', done))
  const address = broken.address()
  const lost = await startParser('scan', {
    CLAMAV_HOST: '127.0.0.1',
    CLAMAV_PORT: `${typeof address === 'object' ? address?.port : 0}`
  })
  const answer = await scan(lost, offer(store, 'a.bin', randomBytes(5_000_000)))
  broken.close()
  assert.deepEqual(answer, { outcome: 'retry', after_seconds: 15, reason: 'scanner_away' })
})

test('the memory stays small however large the file is', async () => {
  await found(plain, offer(store, 'a.bin', Buffer.alloc(300_000_000)))
  assert.ok(plain.peak() < 300, `${plain.peak()} MB`)
})
