/** Four eyes at the way in: a code said on the telephone opens nothing before a second administrator has confirmed it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { type PersonsBrowser, launchBrowser, openBrowser } from './support/browser.ts'
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

async function enter(name: string, width = 1280): Promise<PersonsBrowser> {
  const own = await openBrowser(browser, stack.origin, { width })
  await enterAs(own.context, stack.origin, stack.person(name))
  return own
}

async function openPerson({ page }: PersonsBrowser, name: string): Promise<void> {
  await page.goto('/people')
  await page.getByRole('link', { name }).click()
  await page.getByRole('heading', { name: m('way_in_title') }).waitFor()
}

/** The firm wants four eyes, and has two administrators for that. */
async function askForFourEyes(): Promise<void> {
  const boss = await enter('Ingrid')
  await boss.page.goto('/people')
  await boss.page.getByRole('link', { name: 'Aylin Demir' }).click()
  const id = new URL(boss.page.url()).pathname.split('/').at(-1)
  const [cookie] = await boss.context.cookies()
  const client = new ApiClient(stack.origin)
  client.cookie = `${cookie?.name}=${cookie?.value}`
  await client.call('PATCH', `/admin/people/${id}`, { staff_role: 'administrator' })
  await boss.page.goto('/settings/sign-in')
  await boss.page.getByLabel(m('sign_in_rules_four_eyes')).check()
  await boss.page.getByRole('button', { name: m('act_save') }).click()
  await boss.page
    .getByRole('dialog')
    .getByRole('button', { name: m('act_save') })
    .click()
  await boss.page.getByText(m('saved')).waitFor()
  await boss.close()
}

test('the code waits for the second administrator, who confirms it; then it opens the door once', async () => {
  await askForFourEyes()
  const petra = stack.person('Petra')
  const boss = await enter('Ingrid')
  await openPerson(boss, 'Petra Bergmann')
  await boss.page.getByRole('link', { name: m('way_in_make') }).click()
  await boss.page
    .getByRole('dialog')
    .getByRole('button', { name: m('way_in_make') })
    .click()
  await boss.page.getByText(m('way_in_once_waits')).waitFor()
  await boss.page.getByText(/zu bestätigen bis \d+\. \S+ \d{4}, \d\d:\d\d ME(S)?Z/).waitFor()
  const code = await boss.page.locator('section code').innerText()
  assert.equal(
    await boss.page.getByRole('button', { name: m('way_in_confirm') }).count(),
    0,
    'nobody confirms their own'
  )
  await isWell(boss.page, 'way-in-waits-1280')

  const client = await openBrowser(browser, stack.origin, { width: 360 })
  const show = async () => {
    await client.page.goto('/second-factor/recovery')
    await client.page.locator('input[name=code]').fill(code)
    await client.page.locator('input[name=code]').press('Enter')
  }
  await client.page.goto('/sign-in')
  await client.page.locator('input[name=email]').fill(petra.email)
  await client.page.locator('input[name=password]').fill(petra.password)
  await client.page.locator('input[name=password]').press('Enter')
  await client.page.waitForURL('**/second-factor**')
  await show()
  await client.page.getByText(m('problem_code_failed')).first().waitFor()
  await isWell(client.page, 'way-in-too-soon-360')

  const second = await enter('Aylin', 360)
  await openPerson(second, 'Petra Bergmann')
  await second.page.getByText(m('way_in_by', { name: 'Dr. Ingrid Lindqvist' })).waitFor()
  assert.equal(await second.page.locator('section code').count(), 0, 'the second one does not see the code')
  await isWell(second.page, 'way-in-confirm-360')
  await second.page.getByRole('button', { name: m('way_in_confirm') }).click()
  await second.page.getByText(m('way_in_works'), { exact: true }).waitFor()
  await second.page.getByText(/gültig bis \d+\. \S+ \d{4}, \d\d:\d\d ME(S)?Z/).waitFor()
  await isWell(second.page, 'way-in-confirmed-360')

  await show()
  await client.page.waitForURL('**/second-factor')
  await client.page.getByRole('heading', { name: m('second_factor_setup_title') }).waitFor()
  await boss.page.reload()
  await boss.page.getByRole('link', { name: m('way_in_make') }).waitFor()
  assert.deepEqual([...boss.faults, ...second.faults, ...client.faults], [])
  for (const one of [boss, second, client]) await one.close()
})
