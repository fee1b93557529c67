/** Four eyes, a lock by time and a place for own uploads only, as people meet them. */
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

async function openAs(person: string, options: { width?: number; dark?: boolean } = {}) {
  const opened = await openBrowser(browser, stack.origin, options)
  await enterAs(opened.page.context(), stack.origin, stack.person(person))
  await opened.page.goto('/')
  return opened
}
async function openProject(page: Page, name: string): Promise<void> {
  await page
    .locator('main a[href^="/projects/"]', { hasText: name })
    .filter({ visible: true })
    .first()
    .click()
  await page.waitForURL('**/projects/**')
  await page.getByRole('link', { name: m('project_tab_activity') }).waitFor()
}
async function send(page: Page, name: string): Promise<string> {
  const file = { name, mimeType: 'text/plain', buffer: Buffer.from(name) }
  await page.locator('input[type=file]').first().setInputFiles([file])
  await page.getByText(m('upload_receipt_seen_by')).waitFor()
  const receipt = await page.getByText(m('upload_receipt_seen_by')).locator('..').innerText()
  await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
  await row(page, name).waitFor()
  return receipt
}

test('with four eyes a client sees a paper of the firm when a colleague has released it', async () => {
  const jonas = await openAs('Jonas')
  await openProject(jonas.page, 'Lohnbuchhaltung')
  await jonas.page.getByText(m('order_more'), { exact: true }).click()
  await look(jonas.page, 'locks-project-menu-1280')
  await jonas.page.getByRole('button', { name: m('four_eyes_on') }).click()
  await look(jonas.page, 'locks-four-eyes-1280')
  assert.deepEqual(await axeFindings(jonas.page), [])
  await jonas.page
    .getByRole('dialog')
    .getByRole('button', { name: m('four_eyes_on') })
    .click()
  await jonas.page.getByText(m('four_eyes_note')).waitFor()
  const receipt = await send(jonas.page, 'Bescheid.txt')
  assert.match(receipt, /Aylin Demir/)
  assert.doesNotMatch(receipt, /Petra/)
  await row(jonas.page, 'Bescheid.txt').getByText(m('show_state')).waitFor()
  await row(jonas.page, 'Bescheid.txt').getByRole('button').click()
  await jonas.page.getByText(m('show_own')).waitFor()
  assert.equal(await jonas.page.getByRole('button', { name: m('show_do') }).count(), 0)
  await look(jonas.page, 'locks-waits-1280')
  assert.deepEqual(await axeFindings(jonas.page), [])

  const petra = await openAs('Petra', { width: 360, dark: true })
  await openProject(petra.page, 'Lohnbuchhaltung')
  assert.equal(await row(petra.page, 'Bescheid.txt').count(), 0)

  const aylin = await openAs('Aylin')
  await aylin.page.goto('/?list=us')
  await aylin.page.getByText(m('dashboard_release', { name: 'Jonas Weber' })).waitFor()
  await look(aylin.page, 'locks-dashboard-1280')
  await openProject(aylin.page, 'Lohnbuchhaltung')
  await row(aylin.page, 'Bescheid.txt').getByRole('button').click()
  await aylin.page.getByRole('button', { name: m('show_do') }).click()
  await aylin.page
    .getByRole('dialog')
    .getByRole('button', { name: m('show_do') })
    .click()
  await aylin.page.getByText(m('show_done')).waitFor()
  await row(petra.page, 'Bescheid.txt').waitFor()
  assert.equal(await sidewaysScroll(petra.page), 0)
  for (const one of [jonas, petra, aylin]) {
    assert.deepEqual(one.faults, [])
    await one.close()
  }
})

test('several papers that wait are released in one act, chosen by keyboard', async () => {
  const jonas = await openAs('Jonas')
  await openProject(jonas.page, 'Lohnbuchhaltung')
  for (const name of ['Anlage 1.txt', 'Anlage 2.txt']) await send(jonas.page, name)
  await jonas.page.getByRole('button', { name: m('order_select'), exact: true }).click()
  await jonas.page.getByLabel(m('order_select_one', { name: 'Anlage 1.txt' })).click()
  await jonas.page.getByText(/^1 ausgewählt$/).waitFor()
  assert.equal(await jonas.page.getByRole('button', { name: m('show_several', { count: 1 }) }).count(), 0)

  const aylin = await openAs('Aylin', { width: 360, dark: true })
  await openProject(aylin.page, 'Lohnbuchhaltung')
  await row(aylin.page, 'Anlage 2.txt').waitFor()
  await aylin.page.getByRole('button', { name: m('order_select'), exact: true }).click()
  // Keys mean something else until the rows can be chosen.
  await aylin.page.getByLabel(m('order_select_one', { name: 'Anlage 1.txt' })).waitFor()
  await row(aylin.page, 'Anlage 1.txt').getByRole('link').focus()
  await aylin.page.keyboard.press(' ')
  await aylin.page.keyboard.press('Shift+ArrowDown')
  await aylin.page.keyboard.press('Shift+ArrowDown')
  await aylin.page.getByText(/^3 ausgewählt$/).waitFor()
  await aylin.page.getByRole('button', { name: m('show_several', { count: 2 }) }).focus()
  await look(aylin.page, 'locks-show-several-bar-360-dark')
  assert.equal(await sidewaysScroll(aylin.page), 0)
  await aylin.page.keyboard.press('Enter')
  const dialog = aylin.page.getByRole('dialog')
  await dialog.getByText(m('show_several_others', { count: 1 })).waitFor()
  await look(aylin.page, 'locks-show-several-360-dark')
  assert.deepEqual(await axeFindings(aylin.page), [])
  await dialog.getByRole('button', { name: m('show_do') }).focus()
  await aylin.page.keyboard.press('Enter')
  await aylin.page.getByText(m('show_several_done', { count: 2 })).waitFor()
  await row(aylin.page, 'Anlage 1.txt').getByText(m('show_state')).waitFor({ state: 'detached' })

  const petra = await openAs('Petra')
  await openProject(petra.page, 'Lohnbuchhaltung')
  for (const name of ['Anlage 1.txt', 'Anlage 2.txt']) await row(petra.page, name).waitFor()
  for (const one of [jonas, petra, aylin]) {
    assert.deepEqual(one.faults, [])
    await one.close()
  }
})

test('a document is locked by keyboard, the client is told when, and whoever manages lifts it', async () => {
  const { page, faults, close } = await openAs('Jonas')
  await openProject(page, 'Lohnbuchhaltung')
  await send(page, 'Vertrag.txt')
  await row(page, 'Vertrag.txt').getByRole('button').click()
  await page.getByRole('complementary').getByText(m('order_more')).click()
  await page.getByRole('button', { name: m('lock_menu') }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByText(m('lock_notice_hint')).waitFor()
  await look(page, 'locks-dialog-1280')
  assert.deepEqual(await axeFindings(page), [])
  await dialog.getByLabel(m('lock_choose_upload')).focus()
  await page.keyboard.press(' ')
  await dialog.getByLabel(m('lock_days'), { exact: true }).fill('10')
  await dialog.getByText('10 Tage nach dem Hochladen nur noch ansehen').waitFor()
  await page.keyboard.press('Enter')
  await page.getByText(m('lock_set')).waitFor()
  await row(page, 'Vertrag.txt')
    .getByText(/nur ansehen/)
    .filter({ visible: true })
    .first()
    .waitFor()
  await page.getByText(/Ab .* kann es nur noch angesehen werden/).waitFor()
  await look(page, 'locks-row-1280')

  await page.goto('/locks')
  await page.getByText('Vertrag.txt').first().waitFor()
  await look(page, 'locks-page-1280')
  assert.deepEqual(await axeFindings(page), [])
  await page.getByRole('button', { name: m('lock_lift_of', { name: 'Vertrag.txt' }) }).click()
  await page.getByText(m('locks_empty')).waitFor()
  await page
    .getByRole('button', { name: m('act_undo') })
    .first()
    .click()
  await page.getByRole('button', { name: m('lock_lift_of', { name: 'Vertrag.txt' }) }).waitFor()

  await page.goto('/')
  await openProject(page, 'Lohnbuchhaltung')
  await row(page, 'Vertrag.txt').getByRole('button').click()
  await page.getByRole('button', { name: m('lock_pass_over') }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: m('lock_pass_over') })
    .click()
  await page.getByText(m('lock_passed_over')).waitFor()
  await page.getByText(/kann es nur noch angesehen werden/).waitFor({ state: 'detached' })
  assert.deepEqual(faults, [])
  await close()
})

test('whoever may lift a lock sees and mends the grants of what it takes out of sight', async () => {
  const { page, faults, close } = await openAs('Jonas')
  await openProject(page, 'Lohnbuchhaltung')
  await send(page, 'Gutachten.txt')
  await row(page, 'Gutachten.txt').getByRole('button').click()
  await page.getByRole('complementary').getByText(m('order_more')).click()
  await page.getByRole('button', { name: m('lock_menu') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(m('lock_hides'), { exact: false }).check()
  await dialog.getByLabel(m('lock_at'), { exact: true }).fill('')
  await dialog.getByRole('button', { name: m('lock_do') }).click()
  await row(page, 'Gutachten.txt').waitFor({ state: 'detached' })

  await page.goto('/locks')
  await look(page, 'locks-access-link-1280')
  await page.getByRole('link', { name: m('locks_access_of', { name: 'Gutachten.txt' }) }).click()
  await page.getByRole('heading', { name: 'Gutachten.txt' }).waitFor()
  await page.getByText(m('access_nobody_here')).waitFor()
  await look(page, 'locks-access-1280')
  assert.deepEqual(await axeFindings(page), [])
  await page.getByRole('link', { name: m('access_give') }).click()
  await page.getByRole('dialog').getByLabel(m('access_form_who'), { exact: false }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: m('locks_of_project') }).click()
  await page.getByRole('button', { name: m('lock_lift_of', { name: 'Gutachten.txt' }) }).click()
  await page.getByText(m('lock_lifted')).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('a project goes out of sight on a phone, and comes back from the page of locks', async () => {
  const { page, faults, close } = await openAs('Jonas', { width: 360, dark: true })
  await openProject(page, 'Lohnbuchhaltung')
  const address = page.url()
  await page.getByText(m('order_more'), { exact: true }).click()
  await page.getByRole('button', { name: m('lock_menu') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(m('lock_hides'), { exact: false }).check()
  await dialog.getByLabel(m('lock_at'), { exact: true }).fill('')
  await dialog.getByText(/ab sofort außer Sicht/).waitFor()
  await look(page, 'locks-dialog-360-dark')
  assert.deepEqual(await axeFindings(page), [])
  assert.equal(await sidewaysScroll(page), 0)
  await dialog.getByRole('button', { name: m('lock_do') }).click()
  await page.waitForURL('**/locks')
  assert.equal((await page.goto(address))?.status(), 404)

  await page.goto('/locks')
  await look(page, 'locks-page-360-dark')
  assert.equal(await sidewaysScroll(page), 0)
  assert.deepEqual(await axeFindings(page), [])

  // Who may do what there is mended meanwhile.
  await page.getByRole('link', { name: m('locks_access_of', { name: 'Lohnbuchhaltung' }) }).click()
  await page.getByText(m('locks_project_hidden')).waitFor()
  await look(page, 'locks-project-access-360-dark')
  assert.equal(await sidewaysScroll(page), 0)
  assert.deepEqual(await axeFindings(page), [])
  await page.getByRole('link', { name: m('access_give') }).click()
  await page.getByRole('dialog').getByLabel(m('access_form_who'), { exact: false }).waitFor()
  await page.keyboard.press('Escape')
  await page
    .getByRole('navigation')
    .getByRole('link', { name: m('locks_title') })
    .first()
    .click()

  await page.getByRole('button', { name: m('lock_lift_of', { name: 'Lohnbuchhaltung' }) }).click()
  await page.getByText(m('lock_lifted')).waitFor()
  assert.equal((await page.goto(address))?.status(), 200)
  assert.deepEqual(
    faults.filter((fault) => !/404/.test(fault)),
    []
  )
  await close()
})

test('who may only see own uploads sees nothing of others, and is told so', async () => {
  const jonas = await openAs('Jonas')
  await openProject(jonas.page, 'Lohnbuchhaltung')
  await send(jonas.page, 'Intern.txt')
  const project = new URL(jonas.page.url()).pathname.split('/').at(-1) ?? ''
  const elin = stack.person('Elin')
  const given = await jonas.page.evaluate(
    async ([thing_id, email]) => {
      const people = await (await fetch('/api/v1/admin/people')).json()
      const person = people.items.find((one: { email: string }) => one.email === email)
      const body = {
        thing_id,
        principal_kind: 'person',
        principal_id: person.id,
        level: 'contribute',
        own_only: true
      }
      const headers = { 'content-type': 'application/json' }
      return (await fetch('/api/v1/admin/grants', { method: 'POST', headers, body: JSON.stringify(body) }))
        .status
    },
    [project, elin.email] as const
  )
  assert.equal(given, 201)
  await jonas.page.goto(`/projects/${project}/people`)
  await jonas.page.getByText(m('access_own_only')).first().waitFor()
  await look(jonas.page, 'locks-people-1280')
  await jonas.close()

  const { page, faults, close } = await openAs('Elin', { width: 360 })
  const sv = words('sv')
  await page.goto(`/projects/${project}`)
  await page.getByText(sv('own_only_note')).waitFor()
  assert.equal(await page.getByText('Intern.txt').count(), 0)
  const file = { name: 'Kvitto.txt', mimeType: 'text/plain', buffer: Buffer.from('Kvitto') }
  await page.locator('input[type=file]').first().setInputFiles([file])
  await page.getByText(sv('upload_receipt_seen_by')).waitFor()
  await page.getByRole('button', { name: sv('upload_receipt_ok') }).click()
  await page.getByRole('link', { name: 'Kvitto.txt' }).first().waitFor()
  assert.equal(await page.getByText('Intern.txt').count(), 0)
  await look(page, 'locks-own-only-360')
  assert.equal(await sidewaysScroll(page), 0)
  assert.deepEqual(await axeFindings(page), [])
  assert.deepEqual(faults, [])
  await close()
})
