/** preview as its container runs it: real files in, page images, thumbnails and text out. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { PDFDocument } from 'pdf-lib'
import sharp from 'sharp'
import { PAGES_OF_FIRST_CALL, PAGES_PER_CALL } from '../../functions/_shared/contract/job.ts'
import {
  CORPUS,
  noCorpus,
  offer,
  offerCorpus,
  post,
  previewAll,
  previewCall,
  previewJob,
  putAt,
  startParser,
  startStore,
  tokenFor,
  until,
  wordsAt
} from '../support/parser.ts'
import { crowdedPage } from '../support/bombs.ts'
import { difference, noPoppler, popplerPage } from '../support/picture.ts'

const store = await startStore()
const preview = await startParser('preview')

const needs = noCorpus || noPoppler

test('every page of a rotated document is the right way up', { skip: needs }, async () => {
  const made = await previewAll(preview, store, offerCorpus(store, 'pdf/rotation.pdf'))
  assert.equal(made.preview_result, 'complete')
  assert.equal(made.page_count, 2)
  assert.equal(made.pages.length, made.page_count)
  for (const page of made.pages) {
    const image = putAt(store, page.image_key)
    const theirs = popplerPage(join(CORPUS, 'pdf/rotation.pdf'), page.no)
    assert.equal(image.type, 'image/jpeg')
    assert.ok(theirs && (await difference(image.body, theirs)) < 3, `page ${page.no} looks otherwise`)
    // The measure tells up from down.
    const upside = await sharp(image.body).rotate(180).toBuffer()
    assert.ok((await difference(upside, theirs)) > (await difference(image.body, theirs)))
    const thumbnail = await sharp(putAt(store, page.thumbnail_key).body).metadata()
    assert.deepEqual([thumbnail.format, thumbnail.width], ['jpeg', 160])
    assert.equal(page.width, 1240)
  }
})

test('text boxes lie over the words, also on pages that are turned', { skip: needs }, async () => {
  for (const [file, no] of [
    ['tracemonkey.pdf', 1],
    ['rotation.pdf', 2],
    ['basicapi.pdf', 1]
  ] as const) {
    const job = offerCorpus(store, `pdf/${file}`)
    const answer = await previewCall(preview, store, job, null, 2)
    assert.ok('result' in answer)
    const ours = wordsAt(store, answer.result.pages[no - 1]?.text_key ?? null)
    const theirs = popplerWords(join(CORPUS, 'pdf', file), no)
    const unturned = file === 'rotation.pdf' ? [] : theirs
    // Poppler's boxes have the height of the line, ours that of the letters.
    const near = unturned.filter((word) =>
      ours.some(
        (one) =>
          one.t === word.t &&
          Math.abs(one.x - word.x) < 6 &&
          one.y + one.h / 2 > word.y &&
          one.y + one.h / 2 < word.y + word.h
      )
    )
    assert.ok(ours.length > 0, `${file} has words`)
    assert.ok(
      near.length >= unturned.length * 0.9,
      `${file}: ${near.length} of ${unturned.length} words lie right`
    )
    assert.ok(
      ours.every((one) => one.x >= -5 && one.x + one.w <= 1005 && one.y >= -5 && one.y + one.h <= 1005)
    )
  }
})

/** Words of pdftotext -bbox in thousandths of the page. */
function popplerWords(path: string, no: number) {
  const { stdout } = spawnSync('pdftotext', ['-cropbox', '-bbox', '-f', `${no}`, '-l', `${no}`, path, '-'], {
    encoding: 'utf8'
  })
  const page = /<page width="([\d.]+)" height="([\d.]+)"/.exec(stdout)
  const [width, height] = [Number(page?.[1]), Number(page?.[2])]
  const words = stdout.matchAll(
    /<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="[-\d.]+" yMax="([-\d.]+)">([^<&]+)<\/word>/g
  )
  return [...words].map(([, x, y, end, t = '']) => ({
    t,
    x: (Number(x) / width) * 1000,
    y: (Number(y) / height) * 1000,
    h: ((Number(end) - Number(y)) / height) * 1000
  }))
}

test('words of a turned page lie over its ink', { skip: needs }, async () => {
  const made = await previewAll(preview, store, offerCorpus(store, 'pdf/rotation.pdf'))
  for (const page of made.pages) {
    const { data, info } = await sharp(putAt(store, page.image_key).body)
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true })
    for (const word of wordsAt(store, page.text_key)) {
      const column = Math.round(((word.x + word.w / 2) / 1000) * info.width)
      const from = Math.round((word.y / 1000) * info.height)
      const to = Math.round(((word.y + word.h) / 1000) * info.height)
      const half = Math.max(2, Math.round(((word.w / 2) * info.width) / 1000))
      let dark = 0
      for (let y = from; y < to; y += 1)
        for (let x = column - half; x < column + half; x += 1)
          dark += (data[y * info.width + x] ?? 255) < 128 ? 1 : 0
      assert.ok(dark > 0, `page ${page.no}: no ink under a word`)
    }
  }
})

test('a page of sixty thousand letters comes with its picture: reading them makes the memory grow', async () => {
  const made = await previewAll(preview, store, offer(store, 'register.pdf', crowdedPage()))
  assert.deepEqual([made.preview_result, made.reason], ['complete', null])
  assert.ok(wordsAt(store, made.pages[0]?.text_key ?? null).length > 5_000)
})

test('short papers that come together have one page each, and it is theirs', async () => {
  const papers = Array.from({ length: 24 }, (_, i) => `paper number${i} `)
  const made = await Promise.all(
    papers.map((text, i) => previewAll(preview, store, offer(store, `${i}.md`, Buffer.from(text))))
  )
  for (const [i, one] of made.entries()) {
    assert.deepEqual(
      [one.preview_result, one.reason, one.pages.map((page) => page.no)],
      ['complete', null, [1]]
    )
    const found = wordsAt(store, one.pages[0]?.text_key ?? null).map((word) => word.t)
    assert.deepEqual(found, ['paper', `number${i}`])
  }
})

test('a book comes a few pages a call, each page once', { skip: noCorpus }, async () => {
  const job = offerCorpus(store, 'pdf/freeculture.pdf')
  const reads = store.state.reads
  const made = await previewAll(preview, store, job)
  assert.equal(made.preview_result, 'complete')
  assert.equal(made.page_count, 352)
  assert.deepEqual(
    made.pages.map((page) => page.no),
    Array.from({ length: 352 }, (_, index) => index + 1)
  )
  assert.ok(made.calls >= 1 + Math.ceil((352 - PAGES_OF_FIRST_CALL) / PAGES_PER_CALL))
  assert.equal(store.state.reads - reads, 1, 'the input is fetched once for all calls')
  assert.ok(preview.peak() < 512, `${preview.peak()} MB`)
})

test('a page in black is stored in grey, one with colours in colours', { skip: needs }, async () => {
  const channels = async (path: string) => {
    const made = await previewAll(preview, store, offerCorpus(store, path))
    const [first] = made.pages
    const page = await sharp(putAt(store, first?.image_key ?? null).body).metadata()
    const thumbnail = await sharp(putAt(store, first?.thumbnail_key ?? null).body).metadata()
    assert.deepEqual([thumbnail.width, thumbnail.channels], [160, page.channels])
    return page.channels
  }
  assert.equal(await channels('pdf/annotation-highlight.pdf'), 3)
  assert.equal(await channels('pdf/basicapi.pdf'), 1)
})

test('a document that needs a password says so', { skip: noCorpus }, async () => {
  const made = await previewAll(preview, store, offerCorpus(store, 'pdf/password-is-test.pdf'))
  assert.deepEqual([made.preview_result, made.reason, made.pages.length], ['encrypted', 'password', 0])
})

test(
  'a broken document says so; one that only breaks rules is shown as others show it',
  { skip: needs },
  async () => {
    const noise = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(20_000)])
    const made = await previewAll(preview, store, offer(store, 'noise.pdf', noise))
    assert.deepEqual([made.preview_result, made.reason, made.pages.length], ['broken', 'not_readable', 0])
    const invalid = await previewAll(preview, store, offerCorpus(store, 'pdf/invalid.pdf'))
    assert.equal(invalid.preview_result, 'complete')
    const theirs = popplerPage(join(CORPUS, 'pdf/invalid.pdf'), 1)
    assert.ok(
      theirs && (await difference(putAt(store, invalid.pages[0]?.image_key ?? null).body, theirs)) < 3
    )
  }
)

test('an empty page is a page', { skip: noCorpus }, async () => {
  const made = await previewAll(preview, store, offerCorpus(store, 'pdf/empty.pdf'))
  assert.deepEqual([made.preview_result, made.page_count, made.pages[0]?.text_key], ['complete', 1, null])
})

test('a file of no bytes, or of nothing but spaces, is empty', async () => {
  assert.equal(
    (await previewAll(preview, store, offer(store, 'a.pdf', Buffer.alloc(0)))).preview_result,
    'empty'
  )
  assert.equal(
    (await previewAll(preview, store, offer(store, 'a.txt', Buffer.from(' \n\t ')))).preview_result,
    'empty'
  )
})

test('a picture is turned as its EXIF says', async () => {
  // Red on the left, blue on the right; orientation 6 says: turn by 90° to the right, so red comes to the top.
  const left = await sharp({ create: { width: 100, height: 100, channels: 3, background: '#f00' } })
    .png()
    .toBuffer()
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const picture = await sharp({ create: { width: 200, height: 100, channels: 3, background: '#00f' } })
      .composite([{ input: left, left: 0, top: 0 }])
      .withMetadata({ orientation: 6 })
      .toFormat(format)
      .toBuffer()
    const made = await previewAll(preview, store, offer(store, `photo.${format}`, picture))
    assert.equal(made.preview_result, 'complete')
    assert.deepEqual([made.pages[0]?.width, made.pages[0]?.height], [100, 200])
    const { data } = await sharp(putAt(store, made.pages[0]?.image_key ?? null).body)
      .raw()
      .toBuffer({ resolveWithObject: true })
    const top = (20 * 100 + 50) * 3
    assert.ok((data[top] ?? 0) > 200 && (data[top + 2] ?? 255) < 60, `${format}: red is on top`)
  }
})

test('text is read in the encoding that it is in', async () => {
  const text = 'Grüße aus Zürich\n日本語 and Ελλάδα'
  const latin = 'Grüße aus Zürich'
  for (const [name, bytes, words] of [
    ['utf-8', Buffer.from(text), text],
    ['utf-16le', Buffer.from(`\ufeff${text}`, 'utf16le'), text],
    ['utf-16be', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), text],
    ['latin-1', Buffer.from(latin, 'latin1'), latin]
  ] as const) {
    const made = await previewAll(preview, store, offer(store, 'note.txt', bytes))
    assert.equal(made.preview_result, 'complete', name)
    const found = wordsAt(store, made.pages[0]?.text_key ?? null).map((word) => word.t)
    assert.deepEqual(found, words.split(/\s+/), name)
    const [least] = (
      await sharp(putAt(store, made.pages[0]?.image_key ?? null).body)
        .greyscale()
        .stats()
    ).channels
    assert.ok((least?.min ?? 255) < 60, `${name}: there is ink`)
  }
})

test('what cannot be previewed says its type', async () => {
  const gzip = Buffer.concat([Buffer.from('1f8b0800000000000003', 'hex'), randomBytes(200)])
  const made = await previewAll(preview, store, offer(store, 'a.pdf', gzip))
  assert.deepEqual([made.preview_result, made.reason], ['unsupported', 'type:application/gzip'])
  const bytes = await previewAll(preview, store, offer(store, 'a.txt', Buffer.from([1, 2, 3, 0, 255, 254])))
  assert.deepEqual([bytes.preview_result, bytes.reason], ['unsupported', 'type:application/octet-stream'])
})

test('without a token of ours for this function nothing is read', async () => {
  const job = offer(store, 'a.txt', Buffer.from('secret'))
  const body = previewJob(store, job, null, 1)
  const reads = store.state.reads
  const wrong = [
    null,
    'not.a.token',
    await tokenFor('scan', { job: job.id }),
    await tokenFor('preview', { job: job.id, seconds: -100 }),
    await tokenFor('preview', { job: job.id, key: randomBytes(32) }),
    await tokenFor('preview') // another job's
  ]
  const answers = await Promise.all(wrong.map((token) => post(preview, 'preview', body, { token })))
  const said = await Promise.all(answers.map(async (answer) => JSON.parse(await answer.text())))
  assert.deepEqual(
    answers.map((answer) => answer.status),
    wrong.map(() => 401)
  )
  assert.equal(new Set(said.map((problem) => problem.detail)).size, 1, 'one message for all')
  assert.equal(store.state.reads, reads)
})

test('a body that is no job is refused before anything is read', async () => {
  assert.equal((await post(preview, 'preview', { kind: 'preview' })).status, 422)
})

test('an input that is not there is refused, a store that is away is asked again', async () => {
  const job = offer(store, 'a.txt', Buffer.from('here'))
  store.files.clear()
  assert.equal((await previewCall(preview, store, job)).outcome, 'refused')
  store.state.away = true
  const later = await previewCall(preview, store, offer(store, 'b.txt', Buffer.from('there')))
  store.state.away = false
  assert.deepEqual(later, { outcome: 'retry', after_seconds: 5, reason: 'store_away' })
})

test('an input of another size than announced is refused', async () => {
  const job = offer(store, 'a.txt', Buffer.from('here'))
  const answer = await previewCall(preview, store, { ...job, size: 5 })
  assert.deepEqual(answer, { outcome: 'refused', reason: 'size_mismatch' })
})

test('a job that is over leaves nothing on the disk, nor does the function', async () => {
  const own = await startParser('preview')
  const folder = join(tmpdir(), `portico-preview-${own.process.pid}`)
  const file = await PDFDocument.create()
  for (let page = 0; page < 5; page += 1) file.addPage()
  const job = offer(store, 'a.pdf', Buffer.from(await file.save()))
  const first = await previewCall(own, store, job, null, 2)
  assert.equal(first.outcome, 'continue')
  assert.equal(readdirSync(folder).length, 1)
  await previewCall(own, store, job, first.outcome === 'continue' ? first.cursor : null)
  assert.equal(readdirSync(folder).length, 0)
  await own.stop()
  assert.equal(existsSync(folder), false)
})

test('what a killed function left is cleared away by the next', async () => {
  const killed = await startParser('preview')
  const folder = join(tmpdir(), `portico-preview-${killed.process.pid}`)
  assert.ok(existsSync(folder))
  killed.process.kill('SIGKILL')
  await until(() => killed.process.signalCode !== null)
  await startParser('preview')
  assert.equal(existsSync(folder), false)
})
