/** Codes by text message and by mail, in the pages: chosen, at the door, and where a sensitive act asks once more. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { type SmsGateway, codeMailedTo, startSmsGateway } from './support/codes.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { linkMailedTo } from './support/mail.ts'
import { ownerOf } from './support/owner.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
const PASSWORD = 'sieben Schafe tanzen leise'
const NUMBER = '+491701234567'
const EMAIL = 'lotte@bergmann.example'

const folder = mkdtempSync(join(tmpdir(), 'portico-sms-'))
let stack: Stack
let browser: Browser
let gateway: SmsGateway
let owner: pg.Pool
before(async () => {
  gateway = await startSmsGateway()
  const file = join(folder, 'sms-gateway.json')
  writeFileSync(file, JSON.stringify(gateway.settings))
  stack = await startStack({ env: { SMS_GATEWAY_FILE: file, OUTGOING_ALLOW: '127.0.0.1/32' } })
  owner = ownerOf(stack)
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await owner?.end()
  await stack?.stop()
  gateway?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** No finding of axe, nothing that sticks out. PORTICO_PICTURES names a folder for pictures to look at. */
async function isWell(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.goto('/sign-in')
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(PASSWORD)
  await page.locator('input[name=password]').press('Enter')
}

/** Somebody new, in by their password alone for the days that they have. */
async function joins(page: Page, email: string, name: string): Promise<void> {
  const client = new ApiClient(stack.origin)
  client.cookie = ingrid
  await client.call('POST', '/admin/invitations', { email, name, locale: 'de' })
  await page.goto(await linkMailedTo(stack.data, email, '/invitation/'))
  await page.getByRole('button', { name: m('act_open_invitation') }).click()
  await page.locator('input[name=password]').fill(PASSWORD)
  await page.getByRole('button', { name: m('act_continue') }).click()
  await page.waitForURL('**/second-factor')
}

/** The last factor was shown more than a quarter of an hour ago. */
const isLongAgo = (email: string) =>
  owner.query(
    `update session set proved_at = now() - interval '16 minutes'
      where person_id = (select id from person where email = $1)`,
    [email]
  )

let ingrid = ''

test('the firm allows codes by text message and by mail', async () => {
  const { page, context, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  await enterAs(context, stack.origin, stack.person('Ingrid'))
  const [cookie] = await context.cookies()
  ingrid = `${cookie?.name}=${cookie?.value}`
  await page.goto('/settings/sign-in')
  await page.getByLabel(m('sign_in_rules_sms')).check()
  await page.getByLabel(m('sign_in_rules_email')).check()
  await page.getByRole('button', { name: m('act_save') }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: m('act_save') })
    .click()
  await page.getByText(m('saved')).waitFor()
  await isWell(page, 'rules-sms-phone')
  assert.deepEqual(faults, [])
  await close()
})

test('a number is given and confirmed, from then on a text message opens the door, and a sensitive act asks for one', async () => {
  const { page, faults, close, context } = await openBrowser(browser, stack.origin, { width: 360 })
  await joins(page, EMAIL, 'Lotte Bergmann')
  await page.getByRole('link', { name: m('sent_code_by_sms') }).click()
  await page.waitForURL('**/second-factor/code/sms**')
  await isWell(page, 'sms-choose-phone')
  await page.getByLabel(m('sent_code_phone')).fill('0170 1234567')
  await page.getByRole('button', { name: m('sent_code_send') }).click()
  await page.getByText(`${m('sent_code_phone')}: ${m('sent_code_phone_hint')}`).waitFor()
  assert.equal(
    await page.getByLabel(m('sent_code_phone')).inputValue(),
    '0170 1234567',
    'what was typed stays'
  )
  await page.getByLabel(m('sent_code_phone')).fill('+49 170 1234567')
  await page.getByRole('button', { name: m('sent_code_send') }).click()
  await page.getByText(m('sent_code_went_sms')).waitFor()
  const first = await gateway.codeFor(NUMBER)
  await isWell(page, 'sms-type-phone')
  await page.getByLabel(m('sent_code_label')).fill(first.toLowerCase().replace('-', ' '))
  await page.getByRole('button', { name: m('act_finish_setup') }).click()
  await page.waitForURL('**/second-factor/codes**')
  await page.goto('/account/security')
  await page.getByText(m('sent_code_number', { digits: '67' })).waitFor()
  await isWell(page, 'security-sms-phone')

  await context.clearCookies()
  await signIn(page, EMAIL)
  await page.waitForURL('**/second-factor/code/sms')
  await isWell(page, 'sms-door-phone')
  await page.getByRole('button', { name: m('sent_code_send') }).click()
  await page.getByText(m('sent_code_went_sms')).waitFor()
  const second = await gateway.codeFor(NUMBER, [first])
  await page.getByLabel(m('sent_code_label')).fill(first)
  await page.getByRole('button', { name: m('act_sign_in') }).click()
  await page.getByText(m('problem_code_failed')).waitFor()
  await page.getByLabel(m('sent_code_label')).fill(second)
  await page.getByRole('button', { name: m('act_sign_in') }).click()
  await page.waitForURL((url) => url.pathname === '/')

  await isLongAgo(EMAIL)
  await page.goto('/account/security/app')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('heading', { name: m('prove_title') }).waitFor()
  await isWell(page, 'prove-sms-phone')
  await dialog.getByRole('button', { name: m('act_cancel') }).click()
  await page.getByText(m('second_factor_prove_lead')).waitFor()
  await isWell(page, 'app-prove-phone')
  await page.getByRole('button', { name: m('act_continue') }).click()
  await dialog.getByRole('button', { name: m('sent_code_by_sms') }).click()
  await dialog.getByLabel(m('sent_code_label')).fill('AAAA-AAAA')
  await dialog.getByRole('button', { name: m('prove_confirm') }).click()
  await dialog.getByText(m('problem_code_failed')).waitFor()
  const third = await gateway.codeFor(NUMBER, [first, second])
  await dialog.getByLabel(m('sent_code_label')).fill(third)
  await dialog.getByRole('button', { name: m('prove_confirm') }).click()
  await page.getByText(m('second_factor_setup_lead')).waitFor()
  await page.locator('input[name=code]').waitFor()
  await isWell(page, 'app-set-up-phone')
  assert.deepEqual(faults, [])
  await close()
})

test('whoever has codes by mail alone is asked for one by mail, and the act goes on with what was typed', async () => {
  const email = 'mia@bergmann.example'
  const { page, faults, close } = await openBrowser(browser, stack.origin, { dark: true })
  await joins(page, email, 'Mia Bergmann')
  await page.getByRole('link', { name: m('sent_code_by_email') }).click()
  await page.getByRole('button', { name: m('sent_code_send') }).click()
  await page.getByText(m('sent_code_went_email', { email })).waitFor()
  const first = await codeMailedTo(stack.data, email)
  await page.getByLabel(m('sent_code_label')).fill(first)
  await page.getByRole('button', { name: m('act_finish_setup') }).click()
  await page.waitForURL('**/second-factor/codes**')

  await isLongAgo(email)
  await page.goto('/account/email')
  await page.locator('input[name=email]').fill('mia.neu@bergmann.example')
  const password = page.locator('input[name=password]')
  if ((await password.count()) > 0) await password.fill(PASSWORD)
  await page.locator('main form button').first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: m('sent_code_by_email') }).click()
  await dialog.getByLabel(m('sent_code_label')).fill(await codeMailedTo(stack.data, email, [first]))
  await isWell(page, 'prove-mail-1280')
  await dialog.getByRole('button', { name: m('prove_confirm') }).click()
  await linkMailedTo(stack.data, 'mia.neu@bergmann.example', '/email/')
  assert.deepEqual(faults, [])
  await close()
})
