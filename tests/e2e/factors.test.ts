/** Second factors in a real browser with an authenticator of its own (the DevTools protocol's virtual one). */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
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

/** A fingerprint reader, as laptops and phones have one. `present`: a finger lies on it whenever one is asked for. */
async function addAuthenticator(context: BrowserContext, page: Page) {
  const protocol = await context.newCDPSession(page)
  await protocol.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await protocol.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true
    }
  })
  const present = (enabled: boolean) =>
    protocol.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
  const credentials = async () =>
    (await protocol.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length
  return { present, credentials }
}

const atHome = (page: Page) => page.waitForURL((url) => url.pathname === '/')

test('a passkey is added, signs in by the field and by the button, stands in for the code, and goes', async () => {
  const petra = stack.person('Petra')
  const { page, context, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  await enterAs(context, stack.origin, petra)
  const device = await addAuthenticator(context, page)
  await page.goto('/account')
  await page.getByRole('link', { name: m('factors_link') }).click()
  await page.getByText(m('factors_last')).waitFor()
  await isWell(page, 'security-phone')
  await page.getByRole('button', { name: m('act_passkey_add') }).click()
  await page.getByText(m('passkey_added')).waitFor()
  assert.equal(await device.credentials(), 1)

  await page.getByText(m('act_rename')).click()
  await page.getByLabel(m('passkey_name')).fill('Bürolaptop')
  await page.getByRole('button', { name: m('act_save') }).click()
  await page.locator('li').getByText('Bürolaptop', { exact: true }).waitFor()
  await isWell(page, 'security-passkey-phone')

  // The same device offers no second one.
  await page.getByRole('button', { name: m('act_passkey_add') }).click()
  await page.getByText(m('passkey_known')).waitFor()

  // By the button. What the field offers waits for a finger that does not come.
  await context.clearCookies()
  await device.present(false)
  await page.goto('/sign-in?next=%2Faccount%2Fsecurity')
  await page.getByRole('button', { name: m('act_passkey'), exact: true }).waitFor()
  await isWell(page, 'sign-in-phone')
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)
  })
  await page.reload()
  await device.present(true)
  await page.getByRole('button', { name: m('act_passkey'), exact: true }).click()
  await page.waitForURL('**/account/security')
  await page.getByText(m('passkey_used')).waitFor()

  // After the password, in the code's place.
  await context.clearCookies()
  await page.goto('/sign-in')
  await page.locator('input[name=email]').fill(petra.email)
  await page.locator('input[name=password]').fill(petra.password)
  await page.locator('input[name=password]').press('Enter')
  await page.waitForURL('**/second-factor**')
  await page.getByRole('button', { name: m('act_passkey_use') }).waitFor()
  await isWell(page, 'second-factor-phone')
  await page.getByRole('button', { name: m('act_passkey_use') }).click()
  await atHome(page)

  await page.goto('/account/security')
  await page.getByRole('button', { name: `${m('act_remove')}: Bürolaptop` }).click()
  await page.getByText(m('passkey_none')).waitFor()
  await page.getByText(m('factors_last')).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('where the browser can, the address field offers the passkey by itself', async () => {
  const { page, context, faults, close } = await openBrowser(browser, stack.origin, { dark: true })
  await enterAs(context, stack.origin, stack.person('Tobias'))
  await addAuthenticator(context, page)
  await page.goto('/account/security')
  await page.getByRole('button', { name: m('act_passkey_add') }).click()
  await page.getByText(m('passkey_added')).waitFor()
  await isWell(page, 'security-dark')
  await context.clearCookies()
  await page.goto('/sign-in')
  await atHome(page)
  assert.deepEqual(faults, [])
  await close()
})

test('recovery codes are shown once, saved and copied; one opens the door without the app, and says what is left', async () => {
  const tobias = stack.person('Tobias')
  const { page, context, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.origin })
  await enterAs(context, stack.origin, tobias)
  await page.goto('/account/security')
  await page.getByText(m('recovery_none')).waitFor()
  await page.getByRole('button', { name: m('recovery_make') }).click()
  await page.getByText(m('recovery_made_lead')).waitFor()
  const codes = await page.locator('ol code').allInnerTexts()
  assert.equal(codes.length, 10)
  await isWell(page, 'recovery-codes-phone')
  await page.getByRole('button', { name: m('recovery_copy') }).click()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), codes.join('\n'))
  const file = page.waitForEvent('download')
  await page.getByRole('button', { name: m('recovery_save') }).click()
  assert.equal((await file).suggestedFilename(), m('recovery_file'))
  await page.reload()
  await page.getByText(m('recovery_left', { left: 10 })).waitFor()
  assert.equal(await page.locator('ol code').count(), 0)

  await context.clearCookies()
  await page.goto('/sign-in')
  await page.locator('input[name=email]').fill(tobias.email)
  await page.locator('input[name=password]').fill(tobias.password)
  await page.locator('input[name=password]').press('Enter')
  await page.waitForURL('**/second-factor**')
  await page.getByRole('link', { name: m('recovery_enter_link') }).click()
  await page.waitForURL('**/second-factor/recovery')
  await page.locator('input[name=code]').fill('AAAA-BBBB-CCCC-DDDD-EEEE-FFFF')
  await page.locator('input[name=code]').press('Enter')
  await page.getByText(m('problem_code_failed')).waitFor()
  await isWell(page, 'recovery-phone')
  await page.locator('input[name=code]').fill((codes[3] ?? '').toLowerCase())
  await page.locator('input[name=code]').press('Enter')
  await page.waitForURL('**/account/security?recovered=9')
  await page.getByText(m('recovery_used', { left: 9 })).waitFor()
  await isWell(page, 'recovered-phone')
  assert.deepEqual(faults, [])
  await close()
})
