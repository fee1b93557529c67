/** A table of people and clients, from the choice of the file to the people that are there afterwards. */
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

const file = (name: string, text: string, encoding: BufferEncoding = 'latin1') => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(text, encoding)
})
const TABLE = [
  'Wer;Anschrift;Mandant;Ort',
  'Jörg Übermut;joerg@uebermut.example;Übermut & Söhne;Köln',
  'Käthe Übermut-Freifrau von und zu Hohenstein;kaethe@uebermut.example;Übermut & Söhne;Köln',
  'Ohne Adresse;keine;Übermut & Söhne;',
  ';;Bergmann Maschinenbau GmbH;'
].join('\r\n')

test('a table with unknown headings is assigned, looked at and imported by keyboard on a phone', async () => {
  const { page, faults, close } = await enter('Ingrid', { width: 360 })
  await page.goto('/people')
  await page.getByRole('link', { name: m('import_title') }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: m('import_title') }).waitFor()
  await isWell(page, 'import-empty-phone')

  await page.getByLabel(m('import_file')).setInputFiles(file('kunden.xlsx', 'PK\u0003\u0004'))
  await page.getByText(m('import_file_workbook')).waitFor()
  await page.getByLabel(m('import_file')).setInputFiles(file('mandanten.csv', TABLE))
  await page.getByText('windows-1252', { exact: false }).waitFor()
  const columns = page.getByText(m('import_columns'))
  await columns.focus()
  if ((await page.locator('details[open]').count()) === 0) await page.keyboard.press('Enter')
  await isWell(page, 'import-columns-phone')
  await page.getByLabel('Wer').focus()
  await page.getByLabel('Wer').selectOption({ label: m('person_name') })
  await page.getByLabel('Anschrift').selectOption({ label: m('person_email') })
  await page.getByText(m('import_reason_email_invalid')).waitFor()
  await isWell(page, 'import-fates-phone')

  await page.getByRole('button', { name: m('import_fate_refuse') }).focus()
  await page.keyboard.press('Enter')
  await page.getByText(m('import_line', { line: 2 }), { exact: true }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '2 Personen anlegen' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: m('import_done_title') }).waitFor()
  await isWell(page, 'import-done-phone')
  await page.getByRole('link', { name: m('import_to_people') }).click()
  await page.getByText('Jörg Übermut').waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('the second run of a table changes nothing, and the people go into an export', async () => {
  const { page, faults, close } = await enter('Ingrid', { width: 1280, dark: true })
  await page.goto('/people/import')
  const known = TABLE.replace('Wer;Anschrift', 'Name;E-Mail')
  await page.getByLabel(m('import_file')).setInputFiles(file('mandanten.csv', known))
  await page.getByText(m('import_fate_same')).first().waitFor()
  await page.getByText(m('import_nothing')).waitFor()
  await isWell(page, 'import-again-dark')
  await page.getByRole('checkbox', { name: /einladen/ }).check()
  await page.getByRole('button', { name: '2 Einladungen senden' }).click()
  await page.getByRole('heading', { name: m('import_done_title') }).waitFor()
  await isWell(page, 'import-invited-dark')

  await page.goto('/people')
  await isWell(page, 'people-dark')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: m('people_export'), exact: true }).click()
  ])
  assert.equal(download.suggestedFilename(), 'portico-people.csv')
  assert.deepEqual(faults, [])
  await close()
})

test('a firm with more people than a page holds lists them by name, and finds each by name, address or client', async () => {
  const { page, faults, close } = await enter('Ingrid', { width: 360 })
  await page.goto('/people/import')
  const many = Array.from(
    { length: 210 },
    (_, i) => `Gast ${1000 + i};gast${i}@viele.example;Viele AG ${i % 3}`
  )
  await page
    .getByLabel(m('import_file'))
    .setInputFiles(file('viele.csv', ['Name;E-Mail;Mandant', ...many].join('\r\n')))
  await page.getByRole('button', { name: '210 Personen anlegen' }).click()
  await page.getByRole('heading', { name: m('import_done_title') }).waitFor()

  await page.goto('/people')
  await page.getByText('Gast 1000', { exact: true }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Viele AG 0' }).first().isVisible(), true)
  assert.equal(await page.getByText('Käthe', { exact: false }).count(), 0, 'she is on the second page')
  await isWell(page, 'people-many-phone')
  await page.getByRole('link', { name: m('project_more') }).click()
  await page.getByText('Käthe', { exact: false }).waitFor()

  // By her client and a part of her address, whichever page she stands on: under her client again.
  await page.getByRole('searchbox', { name: m('people_search') }).focus()
  await page.keyboard.type('söhne kaethe@')
  await page.getByRole('heading', { name: 'Übermut & Söhne' }).waitFor()
  assert.equal(await page.getByText('Käthe', { exact: false }).count(), 1)
  assert.equal(await page.getByText('Jörg', { exact: false }).count(), 0)
  assert.equal(await page.getByRole('searchbox').inputValue(), 'söhne kaethe@')
  await isWell(page, 'people-found-phone')
  await page.getByRole('searchbox').fill('gibt es nicht')
  await page.getByText(m('home_search_none', { text: 'gibt es nicht' })).waitFor()
  assert.deepEqual(faults, [])
  await close()
})
