/** The main job by keyboard alone, on 360 px, in each of the three languages: sign in, send, read, ask, find, leave. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { nextCode } from '../../infra/demo/app.ts'
import type { DemoPerson } from '../../infra/demo/seed.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { type Locale, words } from './support/words.ts'

const paper = readFileSync(join(process.env.PORTICO_CORPUS ?? '../shared/corpus', 'pdf/tracemonkey.pdf'))
const PEOPLE = { de: 'Petra', en: 'Karl', sv: 'Elin' } as const
/** More steps than any page has places for the focus before what one wants. */
const MOST_STEPS = 80

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

const hasFocus = (target: Locator) => target.evaluate((element) => element === document.activeElement)

/** Tab until it has the focus, and the focus can be seen. Throws when no way leads there. */
async function reach(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (await hasFocus(target)) {
      const seen = await target.evaluate((element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
      })
      assert.ok(seen, `no mark of the focus on ${target}`)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never comes to ${target}`)
}

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await reach(page, target)
  await page.keyboard.press(key)
}

const menu = (page: Page, label: string) => page.locator(`summary[aria-label="${label}"]`)

async function look(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

async function signIn(page: Page, person: DemoPerson): Promise<void> {
  await page.goto('/sign-in')
  await reach(page, page.locator('input[name=email]'))
  await page.keyboard.type(person.email)
  await reach(page, page.locator('input[name=password]'))
  await page.keyboard.type(person.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/second-factor**')
  await reach(page, page.locator('input[name=code]'))
  await page.keyboard.type(await nextCode(person.totp_secret))
  await page.waitForURL((url) => url.pathname === '/')
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
    await signIn(page, person)
    await mainJob(page, locale)
    await press(page, menu(page, words(locale)('nav_account_menu', { name: person.name })))
    await press(page, page.getByRole('button', { name: words(locale)('act_sign_out') }))
    await page.waitForURL('**/sign-in**')
    assert.deepEqual(faults, [])
    await close()
  })
