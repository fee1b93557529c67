/** The days until a second factor is due, a code by mail, and the way in for who lost every factor, as people meet them. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { linkMailedTo } from './support/mail.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

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

/** No finding of axe, nothing that sticks out. PORTICO_PICTURES names a folder for pictures to look at. */
async function isWell(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

/** The code of the newest mail to an address, waiting up to 20 s for it. */
async function codeMailedTo(address: string, not = ''): Promise<string> {
  const folder = join(stack.data, 'mail')
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await wait(100)) {
    const mails = readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .toSorted()
      .toReversed()
      .map((name) => readFileSync(join(folder, name), 'utf8'))
    for (const text of mails) {
      if (!text.includes(`To: ${address}`)) continue
      assert.doesNotMatch(/^Subject: .*$/m.exec(text)?.[0] ?? '', /[0-9A-Z]{4}-[0-9A-Z]{4}/)
      const code = /^([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})\r?$/m.exec(text)?.[1]
      if (code && code !== not) return code
    }
  }
  throw new Error(`no code came for ${address}`)
}

const PASSWORD = 'sieben Schafe tanzen leise'
const EMAIL = 'lotte@bergmann.example'

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto('/sign-in')
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(password)
  await page.locator('input[name=password]').press('Enter')
}

test('the firm allows codes by mail and sees whom its rules concern', async () => {
  const { page, context, faults, close } = await openBrowser(browser, stack.origin)
  await enterAs(context, stack.origin, stack.person('Ingrid'))
  await page.goto('/settings')
  await page.getByRole('link', { name: m('sign_in_rules_title') }).click()
  await page.getByLabel(m('sign_in_rules_email')).check()
  await isWell(page, 'rules')
  await page.getByRole('button', { name: m('act_save') }).click()
  await page.getByRole('dialog').getByText(m('sign_in_rules_nobody_affected')).waitFor()
  await isWell(page, 'rules-ask')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: m('act_save') })
    .click()
  await page.getByText(m('saved')).waitFor()
  await page.reload()
  assert.equal(await page.getByLabel(m('sign_in_rules_email')).isChecked(), true)
  assert.deepEqual(faults, [])
  await close()
})

test('somebody new is in at once, sees the days that are left, and chooses codes by mail', async () => {
  const client = new ApiClient(stack.origin)
  await client.signIn(stack.person('Ingrid'))
  await client.call('POST', '/admin/invitations', { email: EMAIL, name: 'Lotte Bergmann', locale: 'de' })
  const { page, faults, close, context } = await openBrowser(browser, stack.origin, { width: 360 })
  await page.goto(await linkMailedTo(stack.data, EMAIL, '/invitation/'))
  await page.getByRole('button', { name: m('act_open_invitation') }).click()
  await page.locator('input[name=password]').fill(PASSWORD)
  await isWell(page, 'join-phone')
  await page.getByRole('button', { name: m('act_continue') }).click()
  await page.waitForURL('**/second-factor')
  await page.getByRole('link', { name: m('recovery_later') }).waitFor()
  await isWell(page, 'set-up-phone')
  await page.getByRole('link', { name: m('recovery_later') }).click()
  await page.waitForURL((url) => url.pathname === '/')
  await page.getByText(m('factor_due', { days: 'in 3 Tagen' })).waitFor()
  await isWell(page, 'due-phone')

  await context.clearCookies()
  await signIn(page, EMAIL, PASSWORD)
  await page.waitForURL((url) => url.pathname === '/')
  await page.getByRole('link', { name: m('factor_due_act') }).click()
  await page.getByRole('link', { name: m('sent_code_by_email') }).click()
  await page.waitForURL('**/second-factor/code/email**')
  await isWell(page, 'code-choose-phone')
  await page.getByRole('button', { name: m('sent_code_send') }).click()
  await page.getByText(m('sent_code_went_email', { email: EMAIL })).waitFor()
  const first = await codeMailedTo(EMAIL)
  await isWell(page, 'code-type-phone')
  await page.getByLabel(m('sent_code_label')).fill('AAAA-AAAA')
  await page.getByRole('button', { name: m('act_finish_setup') }).click()
  await page.getByText(m('problem_code_failed')).waitFor()
  await page.getByLabel(m('sent_code_label')).fill(first.toLowerCase())
  await page.getByRole('button', { name: m('act_finish_setup') }).click()
  await page.waitForURL('**/second-factor/codes**')
  await page.goto('/account/security')
  await page.getByText(m('sent_code_email'), { exact: true }).waitFor()
  await isWell(page, 'security-mail-phone')

  // From now on each sign-in asks for one.
  await context.clearCookies()
  await signIn(page, EMAIL, PASSWORD)
  await page.waitForURL('**/second-factor/code/email')
  await page.getByRole('button', { name: m('sent_code_send') }).click()
  await page.getByText(m('sent_code_went_email', { email: EMAIL })).waitFor()
  await page.getByLabel(m('sent_code_label')).fill(await codeMailedTo(EMAIL, first))
  await page.getByRole('button', { name: m('act_sign_in') }).click()
  await page.waitForURL((url) => url.pathname === '/')
  assert.deepEqual(faults, [])
  await close()
})

test('whoever has lost every factor comes in with a code said on the telephone', async () => {
  const petra = stack.person('Petra')
  const boss = await openBrowser(browser, stack.origin)
  await enterAs(boss.context, stack.origin, stack.person('Ingrid'))
  await boss.page.goto('/people')
  await boss.page.getByRole('link', { name: 'Petra Bergmann' }).click()
  await boss.page.getByRole('link', { name: m('way_in_make') }).click()
  await boss.page.getByRole('dialog').waitFor()
  await isWell(boss.page, 'way-in-ask')
  await boss.page
    .getByRole('dialog')
    .getByRole('button', { name: m('way_in_make') })
    .click()
  await boss.page.getByText(m('way_in_once')).waitFor()
  const code = await boss.page.locator('section code').innerText()
  await isWell(boss.page, 'way-in')

  const { page, faults, close } = await openBrowser(browser, stack.origin, { width: 360, dark: true })
  await signIn(page, petra.email, petra.password)
  await page.waitForURL('**/second-factor**')
  await page.getByRole('link', { name: m('recovery_enter_link') }).click()
  await page.waitForURL('**/second-factor/recovery')
  await isWell(page, 'spare-code-phone-dark')
  await page.locator('input[name=code]').fill(code.toLowerCase().replaceAll('-', ' '))
  await page.locator('input[name=code]').press('Enter')
  await page.waitForURL('**/second-factor')
  await page.getByRole('heading', { name: m('second_factor_setup_title') }).waitFor()
  // Nothing else is open before.
  await page.goto('/account')
  await page.waitForURL('**/second-factor**')
  await isWell(page, 'set-up-again-phone-dark')
  await boss.page.getByRole('link', { name: m('way_in_make') }).waitFor()
  assert.deepEqual([...faults, ...boss.faults], [])
  await close()
  await boss.close()
})
