/** A document gets a new version: asked for, told live, compared, gone back from. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { type PersonsBrowser, launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const corpus = process.env.PORTICO_CORPUS ?? '../shared/corpus'
/** Set it to have pictures of the pages to look at. */
const pictures = process.env.PORTICO_PICTURES
const m = words('de')
const folder = mkdtempSync(join(tmpdir(), 'portico-versions-'))
let copies = 0

/** A file of the corpus under another name. */
function named(name: string, from: string): string {
  const place = join(folder, String((copies += 1)))
  mkdirSync(place)
  copyFileSync(join(corpus, from), join(place, name))
  return join(place, name)
}
const ONE = 'pdf/tracemonkey.pdf'
const TWO = 'pdf/basicapi.pdf'

let stack: Stack
let browser: Browser
let jonas: PersonsBrowser
let petra: PersonsBrowser
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  jonas = await openBrowser(browser, stack.origin)
  petra = await openBrowser(browser, stack.origin)
  for (const [one, name] of [
    [jonas, 'Jonas'],
    [petra, 'Petra']
  ] as const) {
    await enterAs(one.context, stack.origin, stack.person(name))
    await one.page.goto('/')
    await one.page
      .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
      .filter({ visible: true })
      .first()
      .click()
    await one.page.waitForURL('**/projects/**')
    await one.page.getByRole('link', { name: m('project_tab_activity') }).waitFor()
  }
})
after(async () => {
  await browser?.close()
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const look = async (page: Page, name: string): Promise<void> => {
  if (pictures) await takePicture(page, pictures, name)
}
const send = (page: Page, ...paths: string[]) => page.locator('input[type=file]').first().setInputFiles(paths)
const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name })
async function received(page: Page): Promise<void> {
  await page.getByText(m('upload_receipt_seen_by')).waitFor()
  await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
}
const ready = (page: Page, name: string) =>
  row(page, name).getByText(m('document_state_not_scanned')).waitFor({ timeout: 30_000 })

test('a file of a known name is asked about, and whoever reads the document is told of the new version', async () => {
  await send(petra.page, named('Vertrag.pdf', ONE))
  await received(petra.page)
  await ready(petra.page, 'Vertrag.pdf')
  await row(jonas.page, 'Vertrag.pdf').getByRole('link').click()
  await jonas.page.waitForURL('**/documents/**')
  await jonas.page.locator('[data-no="1"] img').waitFor()

  await send(petra.page, named('Vertrag.pdf', TWO))
  const dialog = petra.page.getByRole('dialog', { name: m('question_title') })
  await dialog.waitFor()
  assert.deepEqual(await axeFindings(petra.page), [])
  await look(petra.page, 'question')
  await dialog.getByRole('button', { name: m('question_version') }).click()
  await petra.page.getByText(m('upload_receipt_version', { no: 2 })).waitFor()
  await received(petra.page)

  await jonas.page.getByText(m('versions_arrived', { current: 2, no: 1 })).waitFor({ timeout: 30_000 })
  assert.equal(await jonas.page.locator('[data-no]').count(), 14, 'nothing jumps')
  assert.deepEqual(await axeFindings(jonas.page), [])
  await look(jonas.page, 'arrived')
  await jonas.page.getByRole('link', { name: m('versions_to_latest') }).click()
  await jonas.page
    .getByText(m('viewer_version', { no: 2 }))
    .first()
    .waitFor()
  await jonas.page.waitForFunction(() => document.querySelectorAll('[data-no]').length === 3)
})

test('an older version says that it is one, and two are compared side by side', async () => {
  const { page } = jonas
  await page
    .getByRole('button', { name: m('viewer_details') })
    .first()
    .click()
  const list = page.getByRole('list', { name: m('versions_title') })
  await list.getByText(/→/).first().waitFor()
  assert.deepEqual(await axeFindings(page), [])
  await look(page, 'versions')
  await list.getByRole('link', { name: m('versions_no', { no: 1 }) }).click()
  await page.getByText(m('versions_seeing', { no: 1, count: 2 })).waitFor()
  assert.match(page.url(), /\?version=1$/)
  await page.reload()
  await page.getByText(m('versions_seeing', { no: 1, count: 2 })).waitFor()
  await look(page, 'older')

  await page
    .getByRole('button', { name: m('viewer_details') })
    .first()
    .click()
  await page.getByRole('link', { name: m('versions_compare') }).click()
  const [left, right] = [1, 2].map((no) => page.getByRole('group', { name: m('versions_no', { no }) }))
  assert.ok(left && right)
  await left.locator('img').first().waitFor()
  await right.locator('img').first().waitFor()
  assert.deepEqual(await axeFindings(page), [])
  await look(page, 'compare')
  await left.evaluate((column) => (column.scrollTop = 1_500))
  await right.evaluate((column) =>
    new Promise((done) => setTimeout(done, 300)).then(() => column.scrollTop > 1_000)
  )
  assert.ok((await right.evaluate((column) => column.scrollTop)) > 1_000)
  await page.setViewportSize({ width: 360, height: 740 })
  await page.getByRole('button', { name: m('versions_no', { no: 1 }) }).click()
  await left.waitFor()
  assert.equal(await right.isVisible(), false)
  assert.equal(await sidewaysScroll(page), 0)
  assert.deepEqual(await axeFindings(page), [])
  await look(page, 'compare-360')
  await page.setViewportSize({ width: 1280, height: 800 })
})

test('going back makes the older version the newest', async () => {
  const { page } = jonas
  await page.getByRole('link', { name: m('compare_back') }).click()
  await page.waitForURL((url) => !url.pathname.endsWith('/compare'))
  await page
    .getByRole('button', { name: m('viewer_details') })
    .first()
    .click()
  await page.getByRole('button', { name: m('versions_restore_no', { no: 1 }) }).click()
  const dialog = page.getByRole('dialog', { name: m('versions_restore_no', { no: 1 }) })
  await look(page, 'restore')
  await dialog.getByRole('button', { name: m('versions_restore') }).click()
  await page.getByText(m('versions_arrived', { current: 3, no: 2 })).waitFor({ timeout: 30_000 })
  await page.getByText(m('versions_restored_from', { no: 1 })).waitFor()
  await page.getByRole('link', { name: m('versions_to_latest') }).click()
  await page.waitForFunction(() => document.querySelectorAll('[data-no]').length === 14, null, {
    timeout: 30_000
  })
  assert.deepEqual(jonas.faults, [])
})

test('of several files some are known: one answer is enough for all, and both can be kept', async () => {
  const { page } = petra
  await send(page, named('Beleg.pdf', TWO), named('Quittung.pdf', TWO))
  await received(page)
  await send(page, named('Beleg.pdf', ONE), named('Quittung.pdf', ONE), named('Neu.pdf', TWO))
  const dialog = page.getByRole('dialog', { name: m('question_title') })
  await dialog.getByLabel(m('question_for_all', { count: 2 })).check()
  await look(page, 'question-several')
  await dialog.getByRole('button', { name: m('question_both') }).click()
  await received(page)
  for (const name of ['Beleg (2).pdf', 'Quittung (2).pdf', 'Neu.pdf'])
    await page.getByRole('link', { name }).waitFor()
  assert.deepEqual(petra.faults, [])
})

test('a new version by hand keeps the document whatever the file is called, also on a phone in the dark', async () => {
  const phone = await openBrowser(browser, stack.origin, { width: 360, dark: true })
  await enterAs(phone.context, stack.origin, stack.person('Petra'))
  // Once it listens for news the page reacts to presses.
  const listening = phone.page.waitForRequest('**/events?topic=project*')
  await phone.page.goto(petra.page.url())
  await listening
  await row(phone.page, 'Neu.pdf').getByRole('button').click()
  const dialog = phone.page.getByRole('dialog')
  await dialog.getByLabel(m('versions_upload')).setInputFiles(named('Ganz anders.pdf', ONE))
  await dialog.getByRole('list', { name: m('versions_title') }).waitFor({ timeout: 30_000 })
  assert.equal(await sidewaysScroll(phone.page), 0)
  assert.deepEqual(await axeFindings(phone.page), [])
  await look(phone.page, 'versions-360-dark')
  assert.deepEqual(phone.faults, [])
  await phone.close()
})

test('photos that were picked together become one PDF beside them, on a phone', async () => {
  const phone = await openBrowser(browser, stack.origin, { width: 360 })
  await enterAs(phone.context, stack.origin, stack.person('Petra'))
  const { page } = phone
  const listening = page.waitForRequest('**/events?topic=project*')
  await page.goto(petra.page.url())
  await listening
  const photos = await Promise.all(
    ['#803020', '#208030', '#203080'].map(async (background, index) => {
      const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 }
      const path = join(folder, `IMG_${index}.${index === 2 ? 'png' : 'jpg'}`)
      const picture = sharp({ create: { width: 1600, height: 1200, channels: 3, background, noise } })
      writeFileSync(path, await (index === 2 ? picture.png() : picture.jpeg()).toBuffer())
      return path
    })
  )
  await send(page, ...photos)
  await page.getByRole('button', { name: m('photos_join') }).waitFor()
  await page.getByText(m('upload_receipt_seen_by')).waitFor()
  assert.equal(await sidewaysScroll(page), 0)
  assert.deepEqual(await axeFindings(page), [])
  await look(page, 'photos-360')
  await page.getByRole('button', { name: m('photos_join') }).click()
  await page
    .getByRole('link', { name: /^Fotos / })
    .first()
    .waitFor()
  await received(page)
  const pdf = row(page, 'Fotos ')
  await pdf.getByText(m('document_state_not_scanned')).waitFor({ timeout: 60_000 })
  for (const name of ['IMG_0.jpg', 'IMG_1.jpg', 'IMG_2.png']) await page.getByRole('link', { name }).waitFor()
  await pdf.getByRole('link').click()
  await page.waitForFunction(() => document.querySelectorAll('[data-no]').length === 3)
  await page.locator('[data-no="1"] img').waitFor()
  await look(page, 'photos-pdf-360')
  assert.deepEqual(phone.faults, [])
  await phone.close()
})
