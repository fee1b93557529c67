/** The doors in a real browser: invitation, second factor, sign-in without scripts, language, devices. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { nextCode } from '../../infra/demo/app.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll } from './support/look.ts'
import { linkMailedTo } from './support/mail.ts'
import { signInAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
const PASSWORD = 'Segel-Kaffee-Probe-7'

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

/** Readable, reachable, and inside its width. */
async function isWell(page: Page): Promise<void> {
  assert.deepEqual(await axeFindings(page), [], page.url())
  assert.equal(await sidewaysScroll(page), 0, page.url())
}

test('an invited person opens the mail, sets password and code app on a phone, and is in; the link is spent', async () => {
  const address = 'nora@neu.example'
  const staff = await openBrowser(browser, stack.origin)
  await signInAs(staff.page, stack.person('Ingrid'))
  await staff.page.goto('/people?invite')
  const dialog = staff.page.getByRole('dialog')
  await dialog.getByRole('button', { name: m('act_send_invitation') }).click()
  await dialog.getByRole('alert').getByRole('link').first().waitFor()
  await isWell(staff.page)
  await dialog.getByLabel(m('person_name')).fill('Nora Neu')
  await dialog.getByLabel(m('person_email')).fill(address)
  await dialog.getByRole('button', { name: m('act_send_invitation') }).click()
  await staff.page.getByText('Nora Neu').waitFor()

  const link = await linkMailedTo(stack.data, address)
  const phone = await openBrowser(browser, stack.origin, { width: 360 })
  const { page } = phone
  await page.goto(link)
  await isWell(page)
  await page.getByRole('button', { name: m('act_open_invitation') }).click()
  await page.locator('input[name=password]').fill('passwort1')
  await page.getByRole('button', { name: m('act_continue') }).click()
  await page.getByText(m('problem_field_password_weak')).first().waitFor()
  assert.equal(await page.locator('input[name=name]').inputValue(), 'Nora Neu', 'what was typed stays')
  await isWell(page)
  await page.locator('input[name=password]').fill(PASSWORD)
  await page.getByRole('button', { name: m('act_continue') }).click()

  await page.waitForURL('**/second-factor')
  await page.getByText(m('second_factor_by_hand')).click()
  const shown = async () => (await page.locator('code').innerText()).replace(/\s/g, '')
  const secret = await shown()
  await page.locator('input[name=code]').fill('000 000')
  await page.getByRole('button', { name: m('act_finish_setup') }).click()
  await page.getByText(m('problem_code_failed')).waitFor()
  assert.equal(await shown(), secret, 'the scanned code stays good after a slip')
  await isWell(page)
  const code = await nextCode(secret)
  await page.locator('input[name=code]').fill(`${code.slice(0, 3)} ${code.slice(3)}`)
  await page.getByRole('button', { name: m('act_finish_setup') }).click()
  await page.waitForURL('**/second-factor/codes')
  await isWell(page)
  await page.getByRole('button', { name: m('recovery_make') }).click()
  await page.getByText(m('recovery_made_lead')).waitFor()
  assert.equal(await page.locator('ol code').count(), 10)
  await isWell(page)
  await page.getByRole('link', { name: m('recovery_kept') }).click()
  await page.getByText(m('home_hello', { name: 'Nora Neu' })).waitFor()
  await isWell(page)

  await page.goto(link)
  await page.getByRole('button', { name: m('act_open_invitation') }).click()
  await page.getByText(m('problem_link_used')).waitFor()
  assert.deepEqual([...staff.faults, ...phone.faults], [])
  await staff.close()
  await phone.close()
})

test('without scripts a person signs in, and a wrong password keeps the address', async () => {
  const { page, close } = await openBrowser(browser, stack.origin, { scripts: false })
  const person = stack.person('Aylin')
  await page.goto('/account')
  assert.equal(new URL(page.url()).searchParams.get('next'), '/account')
  await page.locator('input[name=email]').fill(person.email)
  await page.locator('input[name=password]').fill('wrong')
  await page.getByRole('button', { name: m('act_sign_in'), exact: true }).click()
  await page.getByText(m('problem_sign_in_failed')).waitFor()
  assert.equal(await page.locator('input[name=email]').inputValue(), person.email)
  assert.equal(await page.locator('input[name=password]').inputValue(), '')
  await page.locator('input[name=password]').fill(person.password)
  await page.getByRole('button', { name: m('act_sign_in'), exact: true }).click()
  await page.waitForURL('**/second-factor**')
  await page.locator('input[name=code]').fill(await nextCode(person.totp_secret))
  await page.getByRole('button', { name: m('act_sign_in'), exact: true }).click()
  await page.waitForURL('**/account')
  await close()
})

test('whoever signs in on somebody else’s computer is spoken to in their own language at once', async () => {
  const { page, context, close } = await openBrowser(browser, stack.origin, { locale: 'en' })
  await page.goto('/sign-in')
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  await signInAs(page, stack.person('Elin'))
  await page.getByRole('heading', { name: words('sv')('first_steps_title') }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'sv')
  // The sign-in page goes on with it, and no script can read or write what it is kept by.
  const kept = (await context.cookies()).find((cookie) => cookie.name === 'language')
  assert.deepEqual([kept?.value, kept?.httpOnly], ['sv', true])
  assert.equal(await page.evaluate(() => document.cookie), '')
  await close()
})

test('a person changes the language for good, and signs another device out', async () => {
  const here = await openBrowser(browser, stack.origin)
  const there = await openBrowser(browser, stack.origin)
  await signInAs(here.page, stack.person('Tobias'))
  await signInAs(there.page, stack.person('Tobias'))
  await here.page.goto('/account')
  await here.page.getByRole('main').getByRole('button', { name: 'Svenska' }).click()
  await here.page.getByRole('heading', { name: words('sv')('nav_account') }).waitFor()
  await isWell(here.page)
  await there.page.goto('/')
  assert.equal(
    await there.page.locator('html').getAttribute('lang'),
    'sv',
    'the account, not the browser, decides'
  )

  // The making of the demo firm left a device of its own: all but this one go.
  const others = here.page.getByRole('button', { name: words('sv')('act_end_session') })
  for (let left = await others.count(); left > 0; left -= 1) {
    await others.first().click()
    await others.nth(left - 1).waitFor({ state: 'detached' })
  }
  await there.page.goto('/account')
  assert.equal(new URL(there.page.url()).pathname, '/sign-in')
  assert.deepEqual(here.faults, [])
  await here.close()
  await there.close()
})
