/** Signing in with the firm's own accounts: set up, used, proved by, and out of order. With a real provider beside it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { CLIENT, type TestProvider, startProvider } from '../support/oidc-provider.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
const NAME = 'Kanzlei-Konto'

let stack: Stack
let provider: TestProvider
let browser: Browser
let database: pg.Client
before(async () => {
  stack = await startStack({ env: { OUTGOING_ALLOW: '127.0.0.1' } })
  provider = await startProvider([`${stack.origin}/sign-in/provider/back`], true)
  database = new pg.Client({
    connectionString: readFileSync(join(stack.data, 'mounts/auth/db-app'), 'utf8').trim()
  })
  await database.connect()
  browser = await launchBrowser()
  for (const [subject, name, role] of [
    ['ingrid', 'Ingrid', 'portico-admin'],
    ['jonas', 'Jonas', 'portico-staff']
  ] as const)
    provider.accounts.set(subject, { email: stack.person(name).email, email_verified: true, roles: [role] })
})
after(async () => {
  await browser?.close()
  await database?.end()
  await provider?.stop()
  await stack?.stop()
})

/** No finding of axe, nothing that sticks out. PORTICO_PICTURES names a folder for pictures to look at. */
async function isWell(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

/** Presses the button on our page, and the one at the provider. */
async function throughTheProvider(page: Page): Promise<void> {
  await page.getByRole('link', { name: m('provider_sign_in', { name: NAME }) }).click()
  await page
    .waitForURL((url) => url.origin === provider.issuer)
    .catch(async (error: unknown) => {
      throw new Error(`stays at ${page.url()}: ${await page.locator('main').innerText()}`, { cause: error })
    })
  await page.getByRole('button', { name: 'Anmelden' }).click()
}
const atHome = (page: Page) => page.waitForURL((url) => url.origin === stack.origin && url.pathname === '/')

test('an administrator sets the provider up on a phone, with a try that says what is wrong', async () => {
  const { context, page, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  await enterAs(context, stack.origin, stack.person('Ingrid'))
  await page.goto('/settings')
  await page.getByRole('link', { name: m('provider_title') }).click()
  await page.getByRole('heading', { name: m('provider_title') }).waitFor()
  await isWell(page, 'provider-empty')
  await page.getByText(`${stack.origin}/sign-in/provider/back`).waitFor()
  await page.getByLabel(m('provider_name'), { exact: true }).fill(NAME)
  await page.getByLabel(m('provider_issuer')).fill(provider.issuer)
  await page.getByLabel(m('provider_client_id')).fill(CLIENT.client_id)
  await page.getByLabel(m('provider_client_secret')).fill('wrong')
  await page.getByRole('textbox', { name: m('role_administrator') }).fill('portico-admin')
  await page.getByRole('textbox', { name: m('role_staff') }).fill('portico-staff, anwalt')
  await page.getByLabel(m('provider_factors_always')).check()
  await page.getByLabel(m('provider_enabled')).check()
  await page.getByRole('button', { name: m('provider_test') }).click()
  await page.getByText(m('provider_verdict_wrong_secret')).waitFor()
  await isWell(page, 'provider-wrong-secret')
  await page.getByLabel(m('provider_client_secret')).fill(CLIENT.client_secret)
  await page.getByRole('button', { name: m('provider_test') }).click()
  await page.getByText(m('provider_verdict_fine')).waitFor()
  await page.getByRole('button', { name: m('act_save') }).click()
  await page
    .getByRole('status')
    .filter({ hasText: m('saved') })
    .first()
    .waitFor()
  assert.equal(await page.getByLabel(m('provider_client_secret')).inputValue(), '')
  await isWell(page, 'provider-saved')
  // Passwords are not for them to switch off: they came in by one.
  await page.getByLabel(m('provider_passwords_off')).check()
  await page.getByRole('button', { name: m('act_save') }).click()
  await page.getByText(m('problem_provider_first')).waitFor()
  await isWell(page, 'provider-first')
  assert.deepEqual(faults, [])
  await close()
})

test('a colleague comes in by the firm’s account, with scripts and without', async () => {
  for (const scripts of [true, false]) {
    const looks = { width: 360, dark: scripts, scripts }
    const { page, faults, close } = await openBrowser(browser, stack.origin, looks)
    provider.login = { account: 'jonas' }
    await page.goto('/sign-in')
    if (scripts) await isWell(page, 'provider-sign-in')
    await throughTheProvider(page)
    await atHome(page)
    // A phone has no room for the name; the page holds it.
    await page.getByText('Jonas Weber').first().waitFor({ state: 'attached' })
    assert.deepEqual(faults, [])
    await close()
  }
})

test('without a role, and while the provider is away, the page says so and leads back', async () => {
  const { context, page, close } = await openBrowser(browser, stack.origin, { width: 360 })
  provider.accounts.set('nobody', { email: 'nobody@example.org', email_verified: true, roles: [] })
  provider.login = { account: 'nobody' }
  await page.goto('/sign-in')
  await throughTheProvider(page)
  await page.getByText(m('problem_provider_no_role')).waitFor()
  await isWell(page, 'provider-no-role')
  await page.reload()
  await page.getByText(m('problem_provider_expired')).waitFor()
  await page.getByRole('link', { name: m('provider_again') }).click()
  // Else the provider still knows who was there, and asks nobody.
  await context.clearCookies({ domain: '127.0.0.1' })
  provider.faults.set('/token', 'down')
  await throughTheProvider(page)
  await page.getByText(m('problem_provider_away')).waitFor()
  await isWell(page, 'provider-away')
  provider.faults.clear()
  await close()
})

test('an administrator who came in by it proves a sensitive act there, and switches passwords off', async () => {
  const { context, page, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  // Whoever has an app shows that: here the account is one that has nothing but the provider.
  await database.query(
    `update person set totp_secret = null, totp_confirmed_at = null, totp_last_step = null where email = $1`,
    [stack.person('Ingrid').email]
  )
  provider.login = { account: 'ingrid' }
  await page.goto('/sign-in')
  await throughTheProvider(page)
  await atHome(page)
  await database.query(`update session set proved_at = now() - interval '16 minutes'`)
  await page.goto('/settings/provider')
  await page.getByLabel(m('provider_passwords_off')).check()
  await page.getByRole('button', { name: m('act_save') }).click()
  const dialog = page.getByRole('dialog', { name: m('prove_title') })
  await dialog.waitFor()
  await isWell(page, 'provider-prove')
  const opened = context.waitForEvent('page')
  await dialog.getByRole('link', { name: m('prove_provider') }).click()
  const tab = await opened
  await tab.getByRole('button', { name: 'Anmelden' }).click()
  await tab.getByRole('heading', { name: m('provider_proved') }).waitFor()
  await isWell(tab, 'provider-proved')
  await tab.close()
  await page.bringToFront()
  const go_on = dialog.getByRole('button', { name: m('act_continue') })
  if (await go_on.isVisible()) await go_on.click().catch(() => undefined)
  await dialog.waitFor({ state: 'hidden' })
  await page
    .getByRole('status')
    .filter({ hasText: m('saved') })
    .first()
    .waitFor()
  await page.reload()
  assert.ok(await page.getByLabel(m('provider_passwords_off')).isChecked())

  const door = await openBrowser(browser, stack.origin, { width: 360 })
  await door.page.goto('/sign-in')
  await door.page.getByText(m('provider_only_lead')).waitFor()
  await isWell(door.page, 'provider-only')
  const jonas = stack.person('Jonas')
  await door.page.locator('input[name=email]').fill(jonas.email)
  await door.page.locator('input[name=password]').fill(jonas.password)
  await door.page.getByRole('button', { name: m('act_sign_in'), exact: true }).click()
  await door.page.getByText(m('problem_sign_in_failed')).waitFor()
  assert.deepEqual([...faults, ...door.faults], [])
  await door.close()
  await close()
})
