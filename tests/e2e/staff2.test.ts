/** Administrators look after people's accounts, and after what the portal gave up. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
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

async function enter(name: string, looks: Parameters<typeof openBrowser>[2] = {}) {
  const window = await openBrowser(browser, stack.origin, looks)
  await enterAs(window.context, stack.origin, stack.person(name))
  return window
}

test('an administrator locks an account: its owner is out at once, and in again only when it is open', async () => {
  const tobias = await enter('Tobias')
  await tobias.page.goto('/')
  const { page, faults, close } = await enter('Ingrid', { width: 360 })
  await page.goto('/people')
  await isWell(page, 'people-phone')
  await page.getByRole('link', { name: 'Tobias Krämer' }).click()
  await page.getByText(m('account_second_factor_on')).waitFor()
  await isWell(page, 'account-phone')

  await page.getByRole('link', { name: m('account_lock') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(m('account_lock_why', { name: 'Tobias Krämer' })).waitFor()
  await isWell(page, 'account-lock-phone')
  await dialog.getByRole('button', { name: m('account_lock'), exact: true }).click()
  await page.getByText(m('account_locked')).first().waitFor()
  await page.getByText(m('people_inactive'), { exact: true }).waitFor()
  await tobias.page.goto('/')
  assert.equal(new URL(tobias.page.url()).pathname, '/sign-in')

  await page.getByRole('button', { name: m('account_unlock') }).click()
  await page.getByText(m('account_opened')).first().waitFor()
  await page.goto('/log?group=office')
  await page.getByText(/das Konto von Tobias Krämer wieder geöffnet/).waitFor()
  await isWell(page, 'log-phone')
  assert.deepEqual(faults, [])
  await tobias.close()
  await close()
})

test('roles change, but the last administrator stays; somebody without a phone gets a new way in', async () => {
  const { page, faults, close } = await enter('Ingrid', { dark: true })
  await page.goto('/people')
  await isWell(page, 'people-dark')
  await page.getByRole('link', { name: 'Ingrid Lindqvist' }).click()
  await page.getByText(m('account_lock_own')).waitFor()
  await page.getByLabel(m('role_label')).selectOption('staff')
  await page.getByRole('button', { name: m('account_role_save') }).click()
  await page.getByText(m('problem_last_administrator')).waitFor()
  await isWell(page, 'account-last-dark')

  await page.goto('/people')
  await page.getByRole('link', { name: 'Elin Nordström' }).click()
  await page.getByRole('link', { name: m('way_in_make') }).click()
  await isWell(page, 'account-way-in-ask-dark')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: m('way_in_make') })
    .click()
  await page.getByText(m('way_in_once')).waitFor()
  await isWell(page, 'account-way-in-dark')
  await page.getByRole('button', { name: m('way_in_withdraw') }).click()
  await page.getByRole('link', { name: m('way_in_make') }).waitFor()
  assert.deepEqual(faults, [])
  await close()
})
