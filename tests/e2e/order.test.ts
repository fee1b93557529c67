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
  await page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .click()
  await page.waitForURL('**/projects/**')
  await page.getByRole('link', { name: m('project_tab_activity') }).waitFor()
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

test('a list is put in order by its heads, narrowed by a form, and the address holds both', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin)
  await openProject(page, 'Jonas')
  const first = async () =>
    page
      .getByRole('list', { name: m('project_documents') })
      .getByRole('listitem')
      .first()
      .innerText()
  await page.getByRole('link', { name: m('project_column_when') }).click()
  await page.waitForURL('**?sort=received&order=desc')
  await page.getByText('Falsch.txt').first().waitFor()
  assert.match(await first(), /Falsch\.txt/)
  await page.getByText(m('list_open')).click()
  await page.getByLabel(m('list_kind')).selectOption({ label: m('type_image') })
  await look(page, 'listing-1280')
  assert.deepEqual(await axeFindings(page), [])
  await page.getByRole('button', { name: m('list_apply') }).click()
  await page.waitForURL('**kind=image**')
  await row(page, 'A4.txt').waitFor({ state: 'detached' })
  await page.reload()
  assert.equal(await row(page, 'A4.txt').count(), 0)
  await page
    .getByRole('list', { name: m('list_active') })
    .getByRole('link')
    .click()
  await row(page, 'A4.txt').waitFor()
  assert.match(page.url(), /sort=received/)
  assert.deepEqual(faults, [])
  await close()
})

test('a selection is copied and commented on; what lies there twice is found, thrown away and removed for good', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin)
  await openProject(page, 'Jonas')
  await page.getByRole('button', { name: m('order_select'), exact: true }).click()
  await page.getByLabel(m('order_select_one', { name: 'A4.txt' })).click()
  await page.getByLabel(m('order_select_one', { name: 'Falsch.txt' })).click()
  await page.getByRole('button', { name: m('order_comment') }).click()
  await page.getByRole('dialog').getByLabel(m('comments_label')).fill('Bitte beide prüfen.')
  await look(page, 'order-comment-1280')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: m('comments_send') })
    .click()
  await page.getByText(m('order_commented')).waitFor()

  await page.getByRole('button', { name: m('order_select'), exact: true }).click()
  await page.getByLabel(m('order_select_one', { name: 'A4.txt' })).click()
  await page.getByRole('button', { name: m('order_copy'), exact: true }).click()
  await page.getByRole('dialog').getByLabel('Ablage').check()
  await look(page, 'order-copy-1280')
  assert.deepEqual(await axeFindings(page), [])
  await page
    .getByRole('dialog')
    .getByRole('button', { name: m('order_copy'), exact: true })
    .click()
  await page.getByText(m('order_copied')).waitFor()
  await page.getByRole('link', { name: 'Ablage' }).click()
  await page.getByRole('heading', { name: 'Ablage' }).waitFor()
  await row(page, 'A4.txt').getByText(m('document_state_not_scanned')).waitFor({ timeout: 30_000 })
  await row(page, 'A4.txt').getByRole('button').click()
  await page.getByRole('complementary').getByText(m('twins_of')).waitFor()

  await page.getByRole('link', { name: m('twins_title') }).click()
  await page.waitForURL('**/duplicates')
  const pair = page.getByRole('region', { name: 'A4.txt' })
  assert.equal(await pair.getByRole('listitem').count(), 2)
  await look(page, 'twins-1280')
  assert.deepEqual(await axeFindings(page), [])
  await pair
    .getByRole('button', { name: m('order_trash') })
    .last()
    .click()
  await pair.waitFor({ state: 'detached' })

  await page.goto(`${page.url().replace('duplicates', 'trash')}`)
  await page.getByRole('button', { name: m('trash_erase_one', { name: 'A4.txt' }) }).click()
  await page.getByText(m('trash_erase_why', { name: 'A4.txt' })).waitFor()
  await look(page, 'erase-1280')
  assert.deepEqual(await axeFindings(page), [])
  await page
    .getByRole('dialog')
    .getByRole('button', { name: m('trash_erase'), exact: true })
    .click()
  await page
    .getByRole('list', { name: m('trash_gone') })
    .getByText('A4.txt')
    .first()
    .waitFor()
  await look(page, 'gone-1280')
  assert.deepEqual(faults, [])
  await close()
})

test('a favourite, tags and a description are set in place, found, and on the start page; new is new until it was opened', async () => {
  const firm = await openBrowser(browser, stack.origin)
  await openProject(firm.page, 'Jonas')
  await send(firm.page, 'Bescheid.txt')
  await row(firm.page, 'Bescheid.txt').getByRole('button').click()
  const panel = firm.page.getByRole('complementary')
  await panel.getByRole('button', { name: m('labels_edit') }).click()
  await panel.getByLabel(m('labels_tags')).fill('Steuer, 2025')
  await panel.getByLabel(m('labels_description')).fill('Frist beachten.')
  await look(firm.page, 'labels-edit-1280')
  assert.deepEqual(await axeFindings(firm.page), [])
  await panel.getByRole('button', { name: m('act_save') }).click()
  await panel.getByText('Frist beachten.').waitFor()
  await panel.getByRole('link', { name: 'Steuer' }).click()
  await firm.page.waitForURL('**tag=Steuer**')
  await row(firm.page, 'A4.txt').waitFor({ state: 'detached' })
  await row(firm.page, 'Bescheid.txt').waitFor()
  await look(firm.page, 'labels-1280')

  const client = await openBrowser(browser, stack.origin, { width: 360, dark: true })
  await openProject(client.page, 'Petra')
  await row(client.page, 'Bescheid.txt').getByText(m('unread'), { exact: true }).waitFor()
  await look(client.page, 'labels-360-dark')
  assert.deepEqual(await axeFindings(client.page), [])
  assert.equal(await sidewaysScroll(client.page), 0)
  await row(client.page, 'Bescheid.txt').getByRole('button').click()
  await client.page.getByRole('button', { name: m('favourite_of', { name: 'Bescheid.txt' }) }).click()
  await look(client.page, 'labels-details-360-dark')
  await client.page.keyboard.press('Escape')
  await row(client.page, 'Bescheid.txt').getByRole('link').click()
  await client.page.waitForURL('**/documents/**')
  await client.page.goto('/')
  for (const title of ['favourites', 'last_opened'])
    await client.page
      .getByRole('region', { name: m(title) })
      .getByText('Bescheid.txt')
      .first()
      .waitFor()
  await look(client.page, 'home-360-dark')
  assert.deepEqual(await axeFindings(client.page), [])
  assert.equal(await sidewaysScroll(client.page), 0)
  await client.page.goBack()
  await client.page.goBack()
  await client.page.reload()
  assert.equal(await row(client.page, 'Bescheid.txt').getByText(m('unread'), { exact: true }).count(), 0)
  assert.deepEqual([...firm.faults, ...client.faults], [])
  await firm.close()
  await client.close()
})
