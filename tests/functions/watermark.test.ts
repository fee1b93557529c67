/** watermark as its container runs it: a page in, the same page with one viewer's mark over all of it out. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import sharp from 'sharp'
import { offer, post, startParser, startStore, tokenFor } from '../support/parser.ts'

const store = await startStore()
const watermark = await startParser('watermark')

const LINES = ['anna@example.com', '22 Nov 2026 02:47 CET', 'L-4F7A']

const plain = (colour: string, width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: colour } })
    .jpeg()
    .toBuffer()

/** The call's answer for this page image. */
function mark(bytes: Buffer, lines: string[] = LINES, token?: string | null): Promise<Response> {
  const job = offer(store, 'page.jpg', bytes)
  const body = { page_image: { url: store.url(`${job.id}/${job.name}`) }, mark: { lines } }
  return post(watermark, 'watermark', body, token === undefined ? {} : { token })
}

/** The least that the mark changes any square of this side, as the largest difference of one pixel in grey. */
async function faintest(before: Buffer, after: Buffer, side: number): Promise<number> {
  const grey = (bytes: Buffer) => sharp(bytes).greyscale().raw().toBuffer({ resolveWithObject: true })
  const [a, b] = await Promise.all([grey(before), grey(after)])
  const { width, height } = a.info
  let least = 255
  for (let top = 0; top + side <= height; top += side / 2)
    for (let left = 0; left + side <= width; left += side / 2) {
      let most = 0
      for (let y = top; y < top + side; y += 1)
        for (let x = left; x < left + side; x += 1)
          most = Math.max(most, Math.abs((a.data[y * width + x] ?? 0) - (b.data[y * width + x] ?? 0)))
      least = Math.min(least, most)
    }
  return least
}

for (const colour of ['white', 'black', '#777777'])
  test(`the mark is seen in every square of 200 px of a page that is ${colour}`, async () => {
    const page = await plain(colour, 1240, 1754)
    const answer = await mark(page)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('content-type'), 'image/jpeg')
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const marked = Buffer.from(await answer.arrayBuffer())
    const { width, height } = await sharp(marked).metadata()
    assert.deepEqual([width, height], [1240, 1754])
    assert.ok((await faintest(page, marked, 200)) > 30)
  })

test('a page stored in grey is marked as one with colours is', async () => {
  const page = await sharp(await plain('white', 1240, 1754))
    .toColourspace('b-w')
    .jpeg()
    .toBuffer()
  assert.equal((await sharp(page).metadata()).channels, 1)
  const answer = await mark(page)
  assert.equal(answer.status, 200)
  assert.ok((await faintest(page, Buffer.from(await answer.arrayBuffer()), 200)) > 30)
})

test('a name of nothing but blanks does not make the mark wide and empty', async () => {
  const page = await plain('white', 1240, 1754)
  for (const blank of ['\u2003', '\u3000', '\u2800', '\u3164', '\u200b', '\ue000'])
    for (const lines of [[`.${blank.repeat(117)}.`], [`${blank.repeat(50)}x`, 'petra@bergmann.example']]) {
      const answer = await mark(page, lines)
      assert.equal(answer.status, 200)
      assert.ok((await faintest(page, Buffer.from(await answer.arrayBuffer()), 200)) > 30)
    }
})

test('a short mark, and one of narrow letters, covers the page like any other', async () => {
  const page = await plain('white', 1240, 1754)
  for (const line of ['Al', 'li'.repeat(60)]) {
    const marked = Buffer.from(await (await mark(page, [line])).arrayBuffer())
    assert.ok((await faintest(page, marked, 200)) > 30, line)
  }
})

test('thumbnails are marked too, whether WebP or JPEG', async () => {
  for (const format of ['webp', 'jpeg'] as const) {
    const page = await sharp(await plain('white', 160, 226))
      .toFormat(format)
      .toBuffer()
    const marked = Buffer.from(await (await mark(page)).arrayBuffer())
    assert.ok((await faintest(page, marked, 80)) > 10)
  }
})

test('what is in a name is drawn, never read as markup', async () => {
  const page = await plain('white', 1240, 400)
  for (const line of ['</text><rect width="9999" height="9999"/>', '&amp; & &#0;', '李雷 عربي \u0007'])
    assert.equal((await mark(page, [line])).status, 200, line)
})

test('without a token, with one that is over or meant for others, there is no page', async () => {
  const page = await plain('white', 100, 100)
  const wrong = [
    null,
    'nonsense',
    await tokenFor('watermark', { seconds: -120 }),
    await tokenFor('preview'),
    await tokenFor('watermark', { key: randomBytes(32) })
  ]
  for (const token of wrong) assert.equal((await mark(page, LINES, token)).status, 401)
})

test('what is no image, no mark or not there is refused, and the next page comes', async () => {
  assert.equal((await mark(Buffer.from('%PDF-1.7 this is none'))).status, 422)
  assert.equal((await mark(await plain('white', 100, 100), [])).status, 422)
  const gone = { page_image: { url: store.url('nowhere') }, mark: { lines: LINES } }
  assert.equal((await post(watermark, 'watermark', gone)).status, 404)
  assert.equal((await mark(await plain('white', 100, 100))).status, 200)
})

test('while the store is away the answer says when to try again', async () => {
  const page = await plain('white', 100, 100)
  store.state.away = true
  const answer = await mark(page)
  store.state.away = false
  assert.equal(answer.status, 503)
  assert.ok(Number(answer.headers.get('retry-after')) > 0)
})

test('200 who ask in the same instant all get their page, within the memory of the container', async () => {
  const page = await plain('white', 1240, 1754)
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, no) => {
      const answer = await mark(page, [`L-${no}`, 'Berta Bank'])
      await answer.arrayBuffer()
      return answer.status
    })
  )
  assert.deepEqual(new Set(answers), new Set([200]))
  assert.ok(watermark.peak() < 384, `${watermark.peak()} MB`)
})

test('who asks for one page waits for none of the 200 of somebody else, nor for those of another visitor of their link', async () => {
  const page = await plain('white', 1240, 1754)
  const link = crypto.randomUUID()
  const [crowd, person, neighbour] = await Promise.all(
    [`${link}/crowd`, 'person', `${link}/neighbour`].map((job) => tokenFor('watermark', { job }))
  )
  let answered = 0
  let first: () => void
  const begun = new Promise<void>((done) => (first = done))
  const all = Array.from({ length: 200 }, async () => {
    const answer = await mark(page, LINES, crowd)
    await answer.arrayBuffer()
    answered += 1
    first()
    return answer.status
  })
  await begun
  for (const token of [person, neighbour]) {
    const before = answered
    assert.equal((await mark(page, LINES, token)).status, 200)
    assert.ok(answered - before <= 20, `${answered - before} of the others were answered before`)
  }
  assert.deepEqual(new Set(await Promise.all(all)), new Set([200]))
})
