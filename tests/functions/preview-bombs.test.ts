/** What is made to break preview gets a clear state within 30 s and 512 MB, and the next good file works. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PDFDocument } from 'pdf-lib'
import {
  billionForms,
  flateBomb,
  hugePng,
  manyPages,
  manyPaths,
  pictureBomb,
  recursion
} from '../support/bombs.ts'
import { offer, post, previewAll, previewJob, startParser, startStore } from '../support/parser.ts'

const store = await startStore()
const preview = await startParser('preview')

const good = await PDFDocument.create().then(async (file) => {
  for (let page = 0; page < 3; page += 1) file.addPage().drawText(`page ${page}`)
  return Buffer.from(await file.save())
})

const BOMBS: { what: string; name: string; bytes: () => Buffer; ends: string[] }[] = [
  { what: 'a PNG of 900 MP', name: 'a.png', bytes: hugePng, ends: ['too_complex pixels'] },
  { what: 'a PDF of 100,000 pages', name: 'a.pdf', bytes: manyPages, ends: ['too_complex pages'] },
  {
    what: 'a form that draws itself',
    name: 'b.pdf',
    bytes: recursion,
    ends: ['too_complex memory', 'complete null']
  },
  {
    what: '10^30 forms',
    name: 'c.pdf',
    bytes: billionForms,
    ends: ['too_complex memory', 'too_complex time', 'complete null']
  },
  {
    what: '1 GiB of operators in 1 MB',
    name: 'd.pdf',
    bytes: flateBomb,
    ends: ['too_complex memory', 'too_complex time', 'complete null']
  },
  {
    what: 'a picture of 2.7 GB',
    name: 'e.pdf',
    bytes: pictureBomb,
    ends: ['too_complex memory', 'too_complex time', 'complete null']
  },
  {
    what: 'three million curves',
    name: 'f.pdf',
    bytes: manyPaths,
    ends: ['too_complex memory', 'too_complex time']
  }
]

for (const { what, name, bytes, ends } of BOMBS)
  test(`${what}: a clear state, and the function lives on`, async (t) => {
    const started = Date.now()
    const bomb = offer(store, name, bytes())
    const sent = Date.now()
    const made = await previewAll(preview, store, bomb)
    t.diagnostic(
      `${made.preview_result} ${made.reason}, ${Date.now() - sent} ms, peak ${Math.round(preview.peak())} MB`
    )
    assert.ok(ends.includes(`${made.preview_result} ${made.reason}`), `${made.preview_result} ${made.reason}`)
    assert.ok(Date.now() - sent < 30_000, `${sent - started} ms to make`)
    assert.ok(preview.peak() <= 512, `${preview.peak()} MB`)
    assert.equal(
      (await previewAll(preview, store, offer(store, 'good.pdf', good))).preview_result,
      'complete'
    )
  })

test('a good document beside two bombs is shown', async () => {
  const bombs = [offer(store, 'a.pdf', manyPaths()), offer(store, 'b.pdf', billionForms())]
  const [made] = await Promise.all([
    previewAll(preview, store, offer(store, 'good.pdf', good)),
    ...bombs.map((bomb) => previewAll(preview, store, bomb))
  ])
  assert.deepEqual([made?.preview_result, made?.pages.length], ['complete', 3])
  assert.ok(preview.peak() <= 512, `${preview.peak()} MB`)
})

test('one page that costs its worker takes no other page of the document with it', async () => {
  const file = await PDFDocument.load(good)
  const bomb = await PDFDocument.load(manyPaths())
  for (const again of [1, 2]) {
    const [page] = await file.copyPages(bomb, [0])
    if (page) file.insertPage(again * 2, page)
  }
  const made = await previewAll(preview, store, offer(store, 'mixed.pdf', Buffer.from(await file.save())))
  assert.deepEqual([made.preview_result, made.reason], ['complete', 'broken_pages:2'])
  assert.deepEqual(
    made.pages.map((page) => page.no),
    [1, 2, 4]
  )
})

test('who has gone is not worked for any longer', async () => {
  const own = await startParser('preview')
  const leave = new AbortController()
  const body = previewJob(store, offer(store, 'a.pdf', manyPaths()), null, 20)
  const gone = post(own, 'preview', body, { signal: leave.signal }).catch(() => 'gone')
  setTimeout(() => leave.abort(), 300)
  assert.equal(await gone, 'gone')
  assert.equal((await previewAll(own, store, offer(store, 'good.pdf', good))).preview_result, 'complete')
})
