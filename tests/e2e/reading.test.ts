/** Reading: by keyboard, with words that can be selected, on a phone; and the activity says what was looked at. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { signInAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const corpus = process.env.PORTICO_CORPUS ?? '../shared/corpus'
const m = words('de')
/** Where pictures go, when somebody wants to look. */
const pictures = process.env.PORTICO_PICTURES

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

async function openProject(page: Page, name: string): Promise<void> {
  await signInAs(page, stack.person(name))
  await page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .click()
  await page.waitForURL('**/projects/**')
  await page.getByRole('link', { name: m('project_tab_activity') }).waitFor()
}

const takePictures = async (page: Page, name: string): Promise<void> => {
  if (pictures) await takePicture(page, pictures, name)
}

const firstImage = (page: Page) =>
  page.waitForFunction(() => {
    const image = document.querySelector<HTMLImageElement>('main img')
    return image !== null && image.complete && image.naturalWidth > 500
  })

test('a document is read by keyboard alone, from its row and back to it', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin)
  await openProject(page, 'Jonas')
  await page.locator('input[type=file]').first().setInputFiles(join(corpus, 'pdf/tracemonkey.pdf'))
  await page.getByText(m('upload_receipt_seen_by')).waitFor()
  await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'tracemonkey.pdf' })
  await row.getByText(m('document_state_not_scanned')).waitFor({ timeout: 30_000 })

  await row.getByRole('link').focus()
  await page.keyboard.press(' ')
  await page.getByText(m('document_seen_by')).waitFor()
  assert.deepEqual(await axeFindings(page), [])
  await page.keyboard.press('Escape')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/documents/**')
  await firstImage(page)
  assert.deepEqual(await axeFindings(page), [])

  const number = page.getByLabel(m('viewer_page_no')).first()
  await page.keyboard.press('PageDown')
  await page.waitForFunction((label) => {
    const field = document.querySelector<HTMLInputElement>(`input[aria-label="${label}"]`)
    return field?.value === '2'
  }, m('viewer_page_no'))
  await page.keyboard.press('End')
  await page.locator('[data-no="14"] img').waitFor()
  await page.keyboard.press('Home')
  await page.locator('[data-no="1"] .words span').first().waitFor({ state: 'attached' })
  const text = await page.locator('[data-no="1"] .words').innerText()
  assert.match(text.replace(/\s+/g, ' '), /Trace-based Just-in-Time Type Specialization/)
  await page.keyboard.press('+')
  await page
    .getByText(m('viewer_zoom_value', { percent: 125 }))
    .first()
    .waitFor()
  assert.equal(await number.inputValue(), '1')
  await page.keyboard.press('Escape')
  await page.waitForURL('**/projects/**')
  await page.waitForFunction(() => document.activeElement?.id.startsWith('d-'))

  await page.getByRole('link', { name: m('project_tab_activity') }).click()
  await page
    .getByText(/Jonas Weber hat \d+ Seiten angesehen: tracemonkey\.pdf/)
    .first()
    .waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('what cannot be shown says why, and the original can still be had', async () => {
  const { page, close } = await openBrowser(browser, stack.origin)
  await openProject(page, 'Petra')
  await page.locator('input[type=file]').first().setInputFiles(join(corpus, 'pdf/password-is-test.pdf'))
  await page.getByText(m('upload_receipt_seen_by')).waitFor()
  await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
  await page.getByRole('link', { name: 'password-is-test.pdf' }).click()
  await page.getByText(m('viewer_none_encrypted')).waitFor({ timeout: 30_000 })
  await page
    .getByRole('link', { name: m('document_download') })
    .first()
    .waitFor()
  assert.deepEqual(await axeFindings(page), [])
  await close()
})

test('on a phone, in the dark, pages fit and the tools come back', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin, { width: 360, dark: true })
  await openProject(page, 'Tobias')
  await page.getByRole('link', { name: 'tracemonkey.pdf' }).click()
  await page.waitForURL('**/documents/**')
  await firstImage(page)
  assert.equal(await sidewaysScroll(page), 0)
  await page.locator('main').evaluate((main) => main.scrollBy(0, 1_500))
  await page.getByRole('button', { name: m('viewer_details') }).click()
  await page.getByText(m('document_seen_by')).waitFor()
  assert.deepEqual(await axeFindings(page), [])
  assert.deepEqual(faults, [])
  await close()
})

test('a project is taken home as a ZIP, and its documents are in the activity', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  await openProject(page, 'Aylin')
  await page.getByRole('button', { name: m('archive_take') }).click()
  const link = page.getByRole('link', { name: m('archive_download') })
  await link.waitFor()
  assert.deepEqual(await axeFindings(page), [])
  assert.equal(await sidewaysScroll(page), 0)
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
  assert.equal(download.suggestedFilename(), 'Jahresabschluss 2025.zip')
  assert.equal(await download.failure(), null)
  const path = await download.path()
  assert.ok(readFileSync(path).subarray(0, 4).equals(Buffer.from('PK\u0003\u0004')))
  await page.getByRole('link', { name: m('project_tab_activity') }).click()
  await page
    .getByText(/Aylin Demir hat .*heruntergeladen/)
    .first()
    .waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('a client asks beside a document on a phone, the firm answers, both live; a comment is taken back', async () => {
  const client = await openBrowser(browser, stack.origin, { width: 360, dark: true })
  const staff = await openBrowser(browser, stack.origin)
  await openProject(client.page, 'Petra')
  await client.page.getByRole('link', { name: 'tracemonkey.pdf' }).click()
  await firstImage(client.page)
  const address = client.page.url()
  await client.page.getByRole('button', { name: m('viewer_details') }).click()
  await client.page.getByText(m('comments_none')).waitFor()

  await client.page.getByLabel(m('comments_label')).fill('Welche Fassung gilt?\nDie vom Mai?')
  await client.page.getByText(m('comments_mention')).click()
  await client.page.getByLabel('Jonas Weber').check()
  await takePictures(client.page, 'comment-360-dark')
  await client.page.getByRole('button', { name: m('comments_send') }).click()
  await client.page.getByText('Welche Fassung gilt?').last().waitFor()
  assert.equal(await client.page.getByLabel(m('comments_label')).inputValue(), '')
  assert.deepEqual(await axeFindings(client.page), [])
  assert.equal(await sidewaysScroll(client.page), 0)

  await signInAs(staff.page, stack.person('Jonas'))
  await staff.page.goto('/inbox')
  const notice = staff.page.getByRole('button', { name: /1 neuer Kommentar/ })
  await notice.waitFor({ timeout: 20_000 })
  await notice.click()
  await staff.page.waitForURL((url) => `${url.origin}${url.pathname}` === address)
  await staff.page.getByText('Die vom Mai?').waitFor()
  await staff.page.getByLabel(m('comments_label')).fill('Ja, die vom 3. Mai.')
  await staff.page.keyboard.press('Control+Enter')
  await client.page.getByText('Ja, die vom 3. Mai.').waitFor()
  await takePictures(staff.page, 'comment-1280')
  assert.deepEqual(await axeFindings(staff.page), [])

  await staff.page.getByRole('button', { name: m('comments_take_back') }).click()
  await staff.page
    .getByRole('dialog')
    .getByRole('button', { name: m('comments_take_back') })
    .click()
  await client.page.getByText(m('comments_taken_back')).waitFor()
  assert.equal(await client.page.getByText('Ja, die vom 3. Mai.').count(), 0)
  assert.deepEqual([...client.faults, ...staff.faults], [])
  await client.close()
  await staff.close()
})

test('what is renamed and then thrown away while somebody reads it says so', async () => {
  const client = await openBrowser(browser, stack.origin)
  const staff = await openBrowser(browser, stack.origin)
  await openProject(client.page, 'Petra')
  await openProject(staff.page, 'Jonas')
  await client.page.getByRole('link', { name: 'tracemonkey.pdf' }).click()
  await firstImage(client.page)
  const id = new URL(client.page.url()).pathname.split('/').at(-1) ?? ''
  const call = (method: string, path: string, body: object): Promise<number> =>
    staff.page.evaluate(
      async ([how, where, what]) => {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(`/api/v1/documents/things/${where}`, { method: how, headers, body: what })
        return answer.status
      },
      [method, path, JSON.stringify(body)] as const
    )
  assert.equal(await call('PATCH', id, { name: 'Gutachten.pdf' }), 204)
  await client.page.getByRole('heading', { name: /Gutachten\.pdf/ }).waitFor()
  assert.equal(await call('POST', 'trash', { things: [id] }), 200)
  await client.page.getByRole('heading', { name: m('viewer_gone_title') }).waitFor()
  assert.equal(await client.page.locator('main img').count(), 0, 'what was shown is taken away')
  assert.deepEqual(client.faults, [])
  await client.close()
  await staff.close()
})
