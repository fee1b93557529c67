/** Ways in and what guards them: a forgotten password, a code asked for again, another password, another address. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { nextCode } from '../../infra/demo/app.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { linkMailedTo } from './support/mail.ts'
import { enterAs, signInAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')

let stack: Stack
let browser: Browser
let database: pg.Client
before(async () => {
  stack = await startStack()
  database = new pg.Client({
    connectionString: readFileSync(join(stack.data, 'mounts/auth/db-app'), 'utf8').trim()
  })
  await database.connect()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await database?.end()
  await stack?.stop()
})

/** No finding of axe, nothing that sticks out. PORTICO_PICTURES names a folder for pictures to look at. */
async function isWell(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

async function enter(name: string, looks: Parameters<typeof openBrowser>[2] = {}) {
  const window = await openBrowser(browser, stack.origin, looks)
  await enterAs(window.context, stack.origin, stack.person(name))
  return window
}

/** As if the last code had been shown a quarter of an hour ago and more. */
const age = (name: string) =>
  database.query(
    `update session set proved_at = now() - interval '16 minutes'
      where person_id = (select id from person where email = $1)`,
    [stack.person(name).email]
  )

/** Types codes into the dialog until one is taken: each works once, and another script may have used one. */
async function showCode(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: m('prove_title') })
  const field = dialog.getByLabel(m('code_label'))
  for (let tries = 0; tries < 3; tries += 1) {
    await field.fill(await nextCode(stack.person(name).totp_secret))
    await dialog.getByRole('button', { name: m('prove_confirm') }).click()
    const gone = dialog.waitFor({ state: 'hidden' }).then(() => true)
    const refused = dialog
      .getByRole('alert')
      .waitFor()
      .then(() => false)
    gone.catch(() => {})
    refused.catch(() => {})
    if (await Promise.race([gone, refused])) return
  }
  throw new Error('no code was taken')
}

test('a forgotten password is chosen anew by a mailed link, and the second factor is still asked for', async () => {
  const petra = stack.person('Petra')
  const looks = { width: 360, dark: true } as const
  const { page, faults, close } = await openBrowser(browser, stack.origin, looks)
  await page.goto('/sign-in')
  await isWell(page, 'sign-in-forgot')
  await page.getByRole('link', { name: m('forgot_link') }).click()
  await isWell(page, 'forgot')
  await page.getByLabel(m('person_email')).fill('nobody@example.org')
  await page.getByRole('button', { name: m('forgot_send') }).click()
  await page.getByText(m('forgot_sent', { email: 'nobody@example.org' })).waitFor()
  await page.goto('/forgot')
  await page.getByLabel(m('person_email')).fill(petra.email)
  await page.getByRole('button', { name: m('forgot_send') }).click()
  await page.getByText(m('forgot_sent', { email: petra.email })).waitFor()
  await isWell(page, 'forgot-sent')

  const link = await linkMailedTo(stack.data, petra.email, '/reset/')
  await page.goto(link)
  await isWell(page, 'reset-open')
  await page.getByRole('button', { name: m('reset_open') }).click()
  const password = page.getByLabel(m('password_new'))
  await password.fill('Passwort1')
  await page.getByText(m('strength_weak')).waitFor()
  await page.getByRole('button', { name: m('reset_save') }).click()
  await page.getByText(m('problem_field_password_weak')).first().waitFor()
  await isWell(page, 'reset-weak')
  petra.password = 'sieben Schafe tanzen leise'
  await password.fill(petra.password)
  await page.getByText(m('strength_strong')).waitFor()
  await isWell(page, 'reset-strong')
  await page.getByRole('button', { name: m('reset_save') }).click()
  await page.getByText(m('reset_done')).waitFor()
  await isWell(page, 'reset-done')
  await signInAs(page, petra)
  assert.deepEqual(faults, [])
  await close()
})

test('a sensitive act asks for the code again and goes on with what was typed', async () => {
  const { page, faults, close } = await enter('Jonas', { width: 360 })
  await age('Jonas')
  await page.goto('/account/keys')
  await isWell(page, 'keys')
  await page.getByLabel(m('keys_name')).fill('Scanner im Sekretariat')
  await page.getByLabel(m('keys_scope_upload')).check()
  await page.getByRole('button', { name: m('act_new_key') }).click()
  const dialog = page.getByRole('dialog', { name: m('prove_title') })
  await dialog.waitFor()
  await isWell(page, 'prove')
  await dialog.getByRole('button', { name: m('act_cancel') }).click()
  await page.getByText(m('problem_proof_needed')).waitFor()
  assert.equal(await page.getByLabel(m('keys_name')).inputValue(), 'Scanner im Sekretariat')
  await page.getByRole('button', { name: m('act_new_key') }).click()
  await showCode(page, 'Jonas')
  await page.getByRole('heading', { name: m('keys_made', { name: 'Scanner im Sekretariat' }) }).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('somebody changes password and address; the old address takes it back', async () => {
  const ingrid = stack.person('Ingrid')
  const { page, faults, close } = await enter('Ingrid', { dark: true })
  await page.goto('/account')
  await isWell(page, 'account')
  await page.getByRole('link', { name: m('password_change') }).click()
  await page.getByLabel(m('password_current')).fill('ganz bestimmt nicht')
  await page.getByLabel(m('password_new')).fill('acht Hasen lesen Zeitung')
  await page.getByRole('button', { name: m('password_change') }).click()
  await page.getByText(m('problem_field_current')).first().waitFor()
  await isWell(page, 'password')
  await age('Ingrid')
  await page.getByLabel(m('password_current')).fill(ingrid.password)
  await page.getByLabel(m('password_new')).fill('acht Hasen lesen Zeitung')
  await page.getByRole('button', { name: m('password_change') }).click()
  await showCode(page, 'Ingrid')
  await page.getByText(m('password_changed')).first().waitFor()

  await page.goto('/account/email')
  await page.getByLabel(m('email_new')).fill('ingrid.neu@lindqvist.example')
  await isWell(page, 'email')
  await page.getByRole('button', { name: m('email_send') }).click()
  await page.getByText(m('email_sent', { email: 'ingrid.neu@lindqvist.example' })).waitFor()
  await page.goto(await linkMailedTo(stack.data, 'ingrid.neu@lindqvist.example'))
  await isWell(page, 'email-confirm')
  await page.getByRole('button', { name: m('email_confirm') }).click()
  await page.getByText(m('email_confirmed', { email: 'ingrid.neu@lindqvist.example' })).waitFor()

  const stranger = await openBrowser(browser, stack.origin)
  const back = await linkMailedTo(stack.data, ingrid.email, '/email-undo/')
  await stranger.page.goto(back)
  await stranger.page.getByRole('button', { name: m('email_undo') }).click()
  await stranger.page.getByText(m('email_undone')).waitFor()
  await isWell(stranger.page, 'email-undone')
  await page.goto('/account')
  await page.waitForURL('**/sign-in**')
  assert.deepEqual([...faults, ...stranger.faults], [])
  await stranger.close()
  await close()
})
