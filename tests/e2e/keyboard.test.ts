/** The main job by keyboard alone, on 360 px, in each of the three languages: sign in, send, read, ask, find, leave. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { menu, press, reach, signInByKeys } from './support/keys.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { type Locale, words } from './support/words.ts'

const paper = readFileSync(join(process.env.PORTICO_CORPUS ?? '../shared/corpus', 'pdf/tracemonkey.pdf'))
const PEOPLE = { de: 'Petra', en: 'Karl', sv: 'Elin' } as const

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

async function look(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

async function mainJob(page: Page, locale: Locale): Promise<void> {
  const m = words(locale)
  const name = `Paper ${locale}.pdf`
  await look(page, `keyboard-${locale}-home`)
  await press(page, page.locator('main a[href^="/projects/"]').filter({ visible: true }).first())
  await page.waitForURL('**/projects/**')

  // The large button opens the browser's own picker, which no test can fill; the menu beside it opens the other one.
  await press(page, menu(page, m('upload_choose_more')))
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    press(page, page.getByRole('button', { name: m('upload_choose_files') }))
  ])
  await chooser.setFiles({ name, mimeType: 'application/pdf', buffer: paper })
  await page.getByText(m('upload_receipt_seen_by')).waitFor()
  await look(page, `keyboard-${locale}-receipt`)
  await press(page, page.getByRole('button', { name: m('upload_receipt_ok') }))

  const row = page.getByRole('listitem').filter({ hasText: name })
  await row.getByText(m('document_state_not_scanned')).waitFor({ timeout: 30_000 })
  await press(page, row.getByRole('link'))
  await page.waitForURL('**/documents/**')
  await page.locator('[data-no="1"] img').waitFor()
  await press(page, page.getByRole('button', { name: m('viewer_details') }))
  const comment = page.getByLabel(m('comments_label'))
  await reach(page, comment)
  await page.keyboard.type('?!')
  await press(page, page.getByRole('button', { name: m('comments_send') }))
  await page.getByText('?!', { exact: true }).waitFor()
  await look(page, `keyboard-${locale}-comment`)
  await page.keyboard.press('Escape')
  await page.getByLabel(m('comments_label')).waitFor({ state: 'hidden' })
  await page.keyboard.press('Escape')
  await page.waitForURL('**/projects/**')

  await press(page, page.getByRole('link', { name: m('project_tab_activity') }))
  await page.waitForURL('**/activity')
  await look(page, `keyboard-${locale}-activity`)

  await page.keyboard.press('/')
  await page.locator('input:focus').waitFor()
  await page.keyboard.type(`Paper ${locale}`)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/search?**')
  await press(page, page.locator('main a[href^="/documents/"]').first())
  await page.waitForURL('**/documents/**')
  await page.keyboard.press('Escape')
  await page.waitForURL('**/projects/**')
}

for (const locale of ['de', 'en', 'sv'] as const)
  test(`the main job by keyboard alone on 360 px: ${locale}`, async () => {
    const { page, faults, close } = await openBrowser(browser, stack.origin, {
      locale,
      width: 360,
      dark: locale === 'en'
    })
    const person = stack.person(PEOPLE[locale])
    await signInByKeys(page, person)
    await mainJob(page, locale)
    await press(page, menu(page, words(locale)('nav_account_menu', { name: person.name })))
    await press(page, page.getByRole('button', { name: words(locale)('act_sign_out') }))
    await page.waitForURL('**/sign-in**')
    assert.deepEqual(faults, [])
    await close()
  })
