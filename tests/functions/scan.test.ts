/** scan as its container runs it, with and without a real clamd. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { PDFDocument } from 'pdf-lib'
import { ScanAnswer, ScannerSeen } from '../../functions/_shared/contract/job.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { EICAR, noClamd, startClamd } from '../support/clamd.ts'
import { storedZip } from '../support/kinds.ts'
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
  tokenFor
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

const now = new Date()
const DAY = 86_400_000
/** The scanner's maker made signatures just now. */
const FRESH = { number: 27_001, made: now }
const KNOWN = { 'Eicar-Of-The-Test': EICAR }
const clamd = noClamd ? null : await startClamd(KNOWN, FRESH)
const at = (port: number) => ({ CLAMAV_HOST: '127.0.0.1', CLAMAV_PORT: `${port}` })
const guarded = clamd ? await startParser('scan', at(clamd.port)) : plain

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
      scan_detail: null,
      scanner: null
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

test('what hides in a ZIP, in a PDF or in an e-mail is found', { skip: noClamd }, async () => {
  const pdf = await PDFDocument.create()
  pdf.addPage([200, 200])
  await pdf.attach(EICAR, 'rechnung.txt')
  const inner = storedZip({ 'a.txt': 'harmless', 'b.txt': EICAR })
  const mail = [
    'From: a@example.org',
    'To: b@example.org',
    'Subject: Unterlagen',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="part"',
    '',
    '--part',
    'Content-Type: text/plain',
    '',
    'Anbei.',
    '--part',
    'Content-Type: application/zip; name="a.zip"',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="a.zip"',
    '',
    inner.toString('base64').replace(/.{76}/g, '$&\r\n'),
    '--part--',
    ''
  ].join('\r\n')
  for (const [name, bytes] of [
    ['a.zip', inner],
    ['zip-in.zip', storedZip({ 'c.txt': 'harmless', 'inner.zip': inner })],
    ['a.pdf', Buffer.from(await pdf.save())],
    ['a.eml', Buffer.from(mail)]
  ] as const) {
    const result = await found(guarded, offer(store, name, bytes))
    assert.deepEqual([result.scan_result, name], ['infected', name])
  }
})

test('who scanned, and with which signatures, is told with the result', { skip: noClamd }, async () => {
  const { scanner } = await found(guarded, offer(store, 'a.txt', Buffer.from('words')))
  assert.match(scanner?.engine ?? '', /^ClamAV [0-9.]+$/)
  assert.equal(scanner?.signatures, FRESH.number)
  assert.ok(Math.abs(Date.parse(scanner?.dated_at ?? '') - now.getTime()) < DAY)
})

test(
  'a scanner whose signatures are old, or of nobody knows when, has said nothing; new ones mend it at once',
  { skip: noClamd },
  async () => {
    const stale = { outcome: 'retry', after_seconds: 60, reason: 'scanner_out_of_date' }
    const other = await startClamd(KNOWN, null)
    const parser = await startParser('scan', { ...at(other.port), CLAMAV_MAX_AGE_DAYS: '3' })
    const job = offer(store, 'a.txt', EICAR)
    const seen = async () => {
      const answer = await post({ ...parser, url: `${parser.url}/scanner` }, 'scan', {
        job: job.id,
        kind: 'scanner'
      })
      const { result }: { result: unknown } = await answer.json()
      return ScannerSeen.parse(result)
    }
    const before = store.state.reads
    assert.deepEqual(await scan(parser, job), stale)
    await other.learn(KNOWN, { number: 27_000, made: new Date(now.getTime() - 4 * DAY) })
    assert.deepEqual(await scan(parser, job), stale)
    assert.equal(store.state.reads, before, 'the file is not even read')
    assert.deepEqual(await seen(), { scanner: null, problem: 'scanner_out_of_date' })
    await other.learn(KNOWN, FRESH)
    assert.equal((await found(parser, job)).scan_result, 'infected')
    assert.equal((await seen()).scanner?.signatures, FRESH.number)
    await other.stop()
    assert.deepEqual(await seen(), { scanner: null, problem: 'scanner_away' })
    const careless = await startParser('scan', { ...at(clamd?.port ?? 0), CLAMAV_MAX_AGE_DAYS: '0' })
    await clamd?.learn(KNOWN, { number: 20_000, made: new Date(0) })
    assert.equal(
      (await found(careless, job)).scan_result,
      'infected',
      'its age is not asked where the operator says so'
    )
    await clamd?.learn(KNOWN, FRESH)
  }
)

test('what is larger than the scanner takes is too large, never clean', { skip: noClamd }, async () => {
  for (const size of [1_100_000, 3_000_000, 40_000_000, 40_000_000, 40_000_000]) {
    const bytes = randomBytes(size)
    const result = await found(guarded, offer(store, 'a.bin', bytes))
    assert.equal(result.scan_result, 'too_large')
    assert.equal(result.sha256, createHash('sha256').update(bytes).digest('hex'), 'the hash is of all of it')
  }
})

test('while the scanner is away nothing is said about a file', async () => {
  const lost = await startParser('scan', at(await freePort()))
  const answer = await scan(lost, offer(store, 'a.txt', Buffer.from('words')))
  assert.deepEqual(answer, { outcome: 'retry', after_seconds: 15, reason: 'scanner_away' })
})

test('a scanner that breaks off has said nothing', async () => {
  const broken = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1')
  await new Promise((done) => broken.once('listening', done))
  const address = broken.address()
  const lost = await startParser('scan', at(typeof address === 'object' ? (address?.port ?? 0) : 0))
  const answer = await scan(lost, offer(store, 'a.bin', randomBytes(5_000_000)))
  broken.close()
  assert.deepEqual(answer, { outcome: 'retry', after_seconds: 15, reason: 'scanner_away' })
})

test('the memory stays small however large the file is', async () => {
  await found(plain, offer(store, 'a.bin', Buffer.alloc(300_000_000)))
  assert.ok(plain.peak() < 300, `${plain.peak()} MB`)
})
