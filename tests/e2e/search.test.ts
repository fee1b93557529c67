/** Finding: typed letter by letter, walked by arrows, opened at the page; from a phone; and nothing for whoever may not. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll } from './support/look.ts'
import { signInAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const corpus = process.env.PORTICO_CORPUS ?? '../shared/corpus'
const shots = process.env.PORTICO_SHOTS
const m = words('de')

let stack: Stack
let browser: Browser
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await stack?.stop()
})

test('a page is found by its text, from the keyboard alone', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin)
  await signInAs(page, stack.person('Jonas'))
  await page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .click()
  await page.waitForURL('**/projects/**')
  await page.getByRole('link', { name: m('project_tab_activity') }).waitFor()
  await page.locator('input[type=file]').first().setInputFiles(join(corpus, 'pdf/tracemonkey.pdf'))
  await page.getByText(m('upload_receipt_seen_by')).waitFor()
  await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'tracemonkey.pdf' })
  await row.getByText(m('document_state_not_scanned')).waitFor({ timeout: 30_000 })

  await page.locator('#main').focus()
  await page.keyboard.press('/')
  await page.keyboard.type('tracemonk')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/search?q=tracemonk')
  await page.getByRole('heading', { name: m('search_names') }).waitFor()
  assert.deepEqual(await axeFindings(page), [])

  await page.locator('#main').focus()
  await page.keyboard.press('/')
  await page.keyboard.press('Control+A')
  // The text comes in by a job behind the preview: it may be a moment later than the row.
  await page.keyboard.type('"sieve of eratosthenes"')
  const hit = page.locator('mark').filter({ hasText: /sieve/i }).first()
  for (let tries = 0; !(await hit.isVisible()) && tries < 40; tries += 1) {
    await page.waitForTimeout(500)
    await page.keyboard.press('Enter')
  }
  await hit.waitFor()
  assert.deepEqual(await axeFindings(page), [])
  const field = page.getByRole('searchbox', { name: m('search_label') })
  assert.ok(await field.evaluate((input) => input === document.activeElement), 'typing lost the field')
  if (shots) await page.screenshot({ path: join(shots, 'search-1280-light.png') })
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/documents/**')
  const wanted = new URL(page.url()).searchParams.get('page')
  assert.ok(Number(wanted) > 1)
  await page.waitForFunction(
    ({ label, no }) => document.querySelector<HTMLInputElement>(`input[aria-label="${label}"]`)?.value === no,
    { label: m('viewer_page_no'), no: wanted ?? '' }
  )
  assert.deepEqual(faults, [])
  await close()
})

test('on a phone, in the dark, the search is one tap away and its results fit', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin, { width: 360, dark: true })
  await signInAs(page, stack.person('Petra'))
  await page.getByRole('link', { name: m('search_label') }).click()
  await page.getByText(m('search_start')).waitFor()
  assert.deepEqual(await axeFindings(page), [])
  await page.getByRole('searchbox', { name: m('search_label') }).fill('jahres')
  await page.getByRole('heading', { name: m('search_names') }).waitFor()
  assert.equal(await sidewaysScroll(page), 0)
  if (shots) await page.screenshot({ path: join(shots, 'search-360-dark-names.png') })
  await page.getByRole('searchbox', { name: m('search_label') }).fill('trace tree')
  await page.getByRole('heading', { name: m('search_texts') }).waitFor()
  assert.equal(await sidewaysScroll(page), 0)
  assert.deepEqual(await axeFindings(page), [])
  if (shots) await page.screenshot({ path: join(shots, 'search-360-dark.png') })
  await page.getByRole('searchbox', { name: m('search_label') }).fill('&|!')
  await page.getByText(m('search_no_words')).waitFor()
  await page.getByRole('searchbox', { name: m('search_label') }).fill('xylophonschule')
  await page.getByText(m('search_none', { query: 'xylophonschule' })).waitFor()
  assert.deepEqual(faults, [])
  await close()
})
