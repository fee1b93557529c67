/** Keeping order: choose several by keyboard, move, throw away, undo, take out of the trash, rename; on a phone too. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { signInAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

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

const look = async (page: Page, name: string): Promise<void> => {
  if (pictures) await takePicture(page, pictures, name)
}
const row = (page: Page, name: string) =>
  page
    .getByRole('list', { name: m('project_documents') })
    .getByRole('listitem')
    .filter({ hasText: name })

async function send(page: Page, ...names: string[]): Promise<void> {
  const files = names.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) }))
  await page.locator('input[type=file]').first().setInputFiles(files)
  await page.getByText(m('upload_receipt_seen_by')).waitFor()
  await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
  for (const name of names) await row(page, name).waitFor()
}

async function openProject(page: Page, person: string): Promise<void> {
  await signInAs(page, stack.person(person))
  await page.getByRole('link', { name: 'Jahresabschluss 2025' }).first().click()
  await page.waitForURL('**/projects/**')
}

test('several documents are chosen by keyboard, thrown away, and are back after one press', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin)
  await openProject(page, 'Jonas')
  await send(page, 'A1.txt', 'A2.txt', 'A3.txt', 'A4.txt')
  await page.getByRole('button', { name: m('order_select'), exact: true }).click()
  await row(page, 'A1.txt').getByRole('link').focus()
  await page.keyboard.press(' ')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await page.getByText(/^3 ausgewählt$/).waitFor()
  await look(page, 'order-1280')
  assert.deepEqual(await axeFindings(page), [])
  await page.getByRole('button', { name: m('order_trash') }).click()
  await page.getByText(/^3 Einträge liegen im Papierkorb$/).waitFor()
  await row(page, 'A2.txt').waitFor({ state: 'detached' })
  assert.equal(await row(page, 'A4.txt').count(), 1)
  await page
    .getByRole('button', { name: m('act_undo') })
    .first()
    .click()
  for (const name of ['A1.txt', 'A2.txt', 'A3.txt']) await row(page, name).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('documents are moved into a folder, and one gets a new name', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin, { dark: true })
  await openProject(page, 'Jonas')
  await page.getByText(m('project_new_folder')).click()
  await page.getByLabel(m('project_folder_name')).fill('Ablage')
  await page.getByRole('button', { name: m('project_folder_create') }).click()
  await page.getByRole('link', { name: 'Ablage' }).waitFor()

  await page.getByRole('button', { name: m('order_select'), exact: true }).click()
  await page.getByLabel(m('order_select_one', { name: 'A1.txt' })).click()
  await page.getByLabel(m('order_select_one', { name: 'A3.txt' })).click({ modifiers: ['Shift'] })
  await page.getByRole('button', { name: m('order_move'), exact: true }).click()
  await page.getByRole('dialog').getByLabel('Ablage').check()
  await look(page, 'order-move-dark')
  assert.deepEqual(await axeFindings(page), [])
  await page
    .getByRole('dialog')
    .getByRole('button', { name: m('order_move') })
    .click()
  await page.getByText(/^3 Einträge verschoben$/).waitFor()
  await row(page, 'A1.txt').waitFor({ state: 'detached' })

  await page.getByRole('link', { name: 'Ablage' }).click()
  await row(page, 'A2.txt').waitFor()
  await row(page, 'A2.txt').getByRole('button').click()
  await page.getByRole('complementary').getByText(m('order_more')).click()
  await page.getByRole('button', { name: m('order_rename') }).click()
  const field = page.getByRole('dialog').getByLabel(m('order_name'))
  await field.fill('A1.txt')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText(m('problem_name_taken')).waitFor()
  await field.fill('Bilanz.txt')
  await page.keyboard.press('Enter')
  await row(page, 'Bilanz.txt').waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('on a phone a client throws an own paper away and takes it out again; the firm’s cannot be', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin, { width: 360, dark: true })
  await openProject(page, 'Petra')
  await send(page, 'Falsch.txt')
  await page.getByRole('button', { name: m('order_select'), exact: true }).click()
  await page.getByLabel(m('order_select_one', { name: 'A4.txt' })).click()
  assert.equal(await page.getByRole('button', { name: m('order_trash') }).count(), 0)
  await page.getByLabel(m('order_select_one', { name: 'A4.txt' })).click()
  await page.getByLabel(m('order_select_one', { name: 'Falsch.txt' })).click()
  await look(page, 'order-360-dark')
  assert.equal(await sidewaysScroll(page), 0)
  assert.deepEqual(await axeFindings(page), [])
  await page.getByRole('button', { name: m('order_trash') }).click()
  await row(page, 'Falsch.txt').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: m('trash_title') }).click()
  await page.getByText('Falsch.txt').waitFor()
  await look(page, 'trash-360-dark')
  assert.deepEqual(await axeFindings(page), [])
  assert.equal(await sidewaysScroll(page), 0)
  await page.getByRole('button', { name: m('trash_restore') }).click()
  await page.getByText(m('trash_empty')).waitFor()
  await page.getByRole('link', { name: m('trash_back') }).click()
  await row(page, 'Falsch.txt').waitFor()
  assert.deepEqual(faults, [])
  await close()
})
