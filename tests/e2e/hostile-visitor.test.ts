/** Somebody who may only view and wants more: what the browser held in the visit, and what can be tried by hand. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import sharp from 'sharp'
import type { Document } from '../../functions/_shared/contract/document.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { type Maker, startMaker } from './support/maker.ts'
import { words } from './support/words.ts'

const m = words('de')
/** Words of the document that no page of the portal says by itself. */
const SECRETS = ['Just-in-Time', 'TraceMonkey', 'Gal', 'speculat', 'bytecode', 'interpreter', 'Eich']
const TILE = 200
/** Grey steps by which a pixel of JPEG may differ without any mark. */
const NOISE = 12

let stack: Stack
let browser: Browser
let maker: Maker
let shared: Document
let other: Document
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  maker = await startMaker(stack)
  shared = await maker.send('tracemonkey.pdf', 'Geteilt.pdf')
  other = await maker.send('rotation.pdf', 'Anderes.pdf')
})
after(async () => {
  await browser?.close()
  await stack?.stop()
})

type Held = { url: string; type: string; body: Buffer }

/** Opens the link as a person does; everything that came over the network from then on. */
async function visitWith(context: BrowserContext, page: Page, url: string): Promise<Promise<Held | null>[]> {
  const held: Promise<Held | null>[] = []
  context.on('response', (response) => {
    const type = response.headers()['content-type'] ?? ''
    held.push(
      response.body().then(
        (body) => ({ url: response.url(), type, body }),
        () => null
      )
    )
  })
  await page.goto(url)
  await page.getByLabel(m('visit_name')).fill('Hubert Hostil')
  await page.getByRole('button', { name: m('visit_open') }).click()
  await page.getByRole('button', { name: /Geteilt\.pdf/ }).click()
  for (const no of [1, 2, 3]) {
    await page.locator(`[data-no="${no}"]`).scrollIntoViewIfNeeded()
    await page.waitForFunction((page_no) => {
      const image = document.querySelector<HTMLImageElement>(`[data-no="${page_no}"] img`)
      return image !== null && image.complete && image.naturalWidth > 300
    }, no)
  }
  return held
}

/** Everything in the page and its stores that is text. */
const textIn = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const cached: string[] = []
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys())
        cached.push(request.url, (await (await cache.match(request))?.text()) ?? '')
    }
    const bases = await indexedDB.databases()
    const canvases = document.querySelectorAll('canvas').length
    const workers = await navigator.serviceWorker.getRegistrations()
    return JSON.stringify([
      document.documentElement.outerHTML,
      { ...localStorage },
      { ...sessionStorage },
      history.state,
      document.cookie,
      cached,
      bases,
      { canvases, workers: workers.length }
    ])
  })

/** Grey values of an image, as wide as `width`. */
const grey = (bytes: Buffer, width: number, height: number) =>
  sharp(bytes).resize(width, height, { fit: 'fill' }).greyscale().raw().toBuffer()

/** Tiles of the clean page that the marked one shows without any difference: none, or the mark has a hole. */
async function unmarkedTiles(clean: Buffer, marked: Buffer): Promise<string[]> {
  const { width, height } = await sharp(clean).metadata()
  const [a, b] = await Promise.all([grey(clean, width, height), grey(marked, width, height)])
  const bare: string[] = []
  // Whole tiles only: what is left at the edges is smaller than the mark's step.
  for (let top = 0; top + TILE <= height; top += TILE)
    for (let left = 0; left + TILE <= width; left += TILE) {
      let different = 0
      for (let y = top; y < top + TILE; y += 1)
        for (let x = left; x < left + TILE; x += 1) {
          const at = y * width + x
          if (Math.abs((a[at] ?? 0) - (b[at] ?? 0)) > NOISE) different += 1
        }
      if (different < 40) bare.push(`${left},${top}: ${different}`)
    }
  return bare
}

const cleanPage = async (no: number, size = 'page'): Promise<Buffer> => {
  const path = `/documents/documents/${shared.id}/pages/${no}/image?size=${size}`
  const answer = await maker.client.fetch('GET', path)
  const bytes = await fetch(answer.headers.get('location') ?? '')
  return Buffer.from(await bytes.arrayBuffer())
}

test('a view-only visit leaves no word of the document anywhere, and no page without its mark', async () => {
  const link = await maker.share({ thing_ids: [shared.id] })
  const { context, page, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  const held = (await Promise.all(await visitWith(context, page, link.url))).filter((one) => one !== null)

  const images = held.filter((one) => one.type.startsWith('image/jpeg') && one.url.includes('/pages/'))
  assert.ok(images.length >= 3, `${images.length} pages came`)
  const texts = held.filter((one) => !one.type.startsWith('image/') && !one.type.startsWith('font/'))
  const everything = [...texts.map((one) => `${one.url} ${one.body.toString()}`), await textIn(page)]
  for (const secret of SECRETS)
    for (const text of everything)
      assert.ok(!new RegExp(`\\b${secret}`).test(text), `${secret} in ${text.slice(0, 120)}`)
  assert.ok(
    held.every((one) => !/portico-(documents|derived|drops)/.test(one.url)),
    'the store was reached'
  )
  assert.ok(everything.every((text) => !/X-Amz-Signature|portico-derived/i.test(text)))
  for (const alt of await page
    .locator('main img')
    .evaluateAll((all) => all.map((one) => one.getAttribute('alt'))))
    assert.match(alt ?? '', /^Seite \d+ von 14$/)

  for (const image of images) {
    const no = Number(/pages\/(\d+)\/image/.exec(image.url)?.[1])
    assert.deepEqual(await unmarkedTiles(await cleanPage(no), image.body), [], `page ${no}`)
    const metadata = await sharp(image.body).metadata()
    assert.equal(metadata.exif, undefined)
  }
  assert.deepEqual(faults, [])
  await close()
})

test('the comparison notices a page without a mark', async () => {
  const clean = await cleanPage(1)
  const again = await sharp(clean).jpeg({ quality: 80 }).toBuffer()
  assert.ok((await unmarkedTiles(clean, again)).length > 0)
})

test('what a visitor could try by hand is refused', async () => {
  const link = await maker.share({ thing_ids: [shared.id] })
  const { context, page, close } = await openBrowser(browser, stack.origin)
  await visitWith(context, page, link.url)
  const status = (path: string) =>
    page.evaluate(async (to) => {
      const answer = await fetch(to, { redirect: 'manual' })
      return answer.type === 'opaqueredirect' ? 302 : answer.status
    }, path)
  const visit = `/api/v1/sharing/visits/${link.id}/documents`
  const own = '/api/v1/documents'
  const refused = [
    `${visit}/${shared.id}/content`,
    `${visit}/${shared.id}/pages/1/text`,
    `${visit}/${shared.id}/pages/1/image?size=clean`,
    `${visit}/${shared.id}/pages/1/image?size=original`,
    `${visit}/${shared.id}/pages/15/image`,
    `${visit}/${shared.id}/pages/0/image`,
    `${visit}/${other.id}/pages`,
    `${visit}/${other.id}/pages/1/image`,
    `${visit}/${other.id}/content`,
    `${own}/documents/${shared.id}`,
    `${own}/documents/${shared.id}/content`,
    `${own}/documents/${shared.id}/pages/1/text`,
    `${own}/documents/${shared.id}/pages/1/image`,
    `${own}/projects`,
    `${own}/projects/${maker.project.id}`,
    `${own}/archives?document=${shared.id}`,
    `${own}/folders/${maker.project.id}/documents`,
    `/api/v1/sharing/links/${link.id}`,
    `/api/v1/sharing/links?project_id=${maker.project.id}`,
    `/api/v1/audit/activity?project_id=${maker.project.id}`,
    `/portico-derived/${shared.version.id}/1.jpg`,
    `/portico-derived/`,
    `/portico-documents/${shared.id}/${shared.version.id}`,
    `/portico-documents/?list-type=2`
  ]
  for (const path of refused) {
    const answer = await status(path)
    assert.ok(answer >= 400 && answer < 500, `${answer} ${path}`)
  }
  // Small is marked too, and nobody keeps it.
  const small = await context.request.get(`${visit}/${shared.id}/pages/1/image?size=thumbnail`)
  assert.equal(small.headers()['cache-control'], 'no-store')
  const marked = await small.body()
  const { width, height } = await sharp(marked).metadata()
  const [a, b] = await Promise.all([
    grey(await cleanPage(1, 'thumbnail'), width, height),
    grey(marked, width, height)
  ])
  const different = a.filter((value, at) => Math.abs(value - (b[at] ?? 0)) > NOISE).length
  assert.ok(different > 200, `${different} pixels of the thumbnail are marked`)
  await close()
})
