/** A client looks after its own people; the firm groups people and separates its staff by client. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { choiceField, choose } from './support/choose.ts'
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

test("a client's administrator is named by the firm, lets an employee in for one project and locks the account", async () => {
  const ingrid = await enter('Ingrid', { width: 1280 })
  await ingrid.page.goto('/people')
  await ingrid.page.getByRole('link', { name: 'Bergmann Maschinenbau GmbH' }).click()
  await ingrid.page.getByRole('heading', { level: 1, name: 'Bergmann Maschinenbau GmbH' }).waitFor()
  const row = ingrid.page.getByRole('listitem').filter({ hasText: 'Petra Bergmann' })
  await row.getByRole('button', { name: m('organisation_let_administer') }).click()
  await row.getByText(m('organisation_administers')).waitFor()
  await isWell(ingrid.page, 'organisation-firm')

  const { page, faults, close } = await enter('Petra', { width: 360 })
  await page.goto('/')
  await page
    .getByRole('link', { name: m('nav_organisation') })
    .last()
    .click()
  await page.getByText(m('organisation_lead')).waitFor()
  await isWell(page, 'organisation-client-phone')
  await page.getByRole('link', { name: m('organisation_invite_employee') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(m('person_name')).fill('Klara Vogt')
  await dialog.getByLabel(m('person_email')).fill('klara@bergmann.example')
  await dialog.locator('select[name^=level_]').first().selectOption('view')
  await isWell(page, 'organisation-employee-phone')
  await dialog.getByRole('button', { name: m('act_send_invitation') }).click()
  const klara = page.getByRole('listitem').filter({ hasText: 'Klara Vogt' })
  await klara.getByText(m('organisation_sub_account', { name: 'Petra Bergmann' })).waitFor()
  await page.getByText(m('organisation_no_share')).waitFor({ state: 'detached' })
  await isWell(page, 'organisation-employees-phone')

  await klara.getByRole('link', { name: m('organisation_lock_of', { name: 'Klara Vogt' }) }).click()
  await dialog.getByText(m('organisation_lock_why', { name: 'Klara Vogt' })).waitFor()
  await dialog.getByRole('button', { name: m('organisation_lock'), exact: true }).click()
  await klara.getByText(m('people_inactive')).waitFor()
  assert.deepEqual([faults, ingrid.faults], [[], []])
  await ingrid.close()
  await close()
})

test('the firm assigns staff to a client, excludes somebody, and fills and dissolves a group', async () => {
  const { page, faults, close } = await enter('Ingrid', { width: 1280, dark: true })
  await page.goto('/people')
  await page.getByRole('link', { name: 'Bergmann Maschinenbau GmbH' }).click()
  await page.getByRole('link', { name: m('organisation_team_add') }).click()
  const dialog = page.getByRole('dialog')
  await choose(dialog, m('organisation_team_who'), 'Jonas Weber')
  await isWell(page, 'organisation-team-dark')
  await dialog.getByRole('button', { name: m('organisation_team_add') }).click()
  await page.getByRole('button', { name: m('organisation_team_end_of', { name: 'Jonas Weber' }) }).waitFor()
  await page.getByRole('link', { name: m('organisation_exclude') }).click()
  await choose(dialog, m('organisation_team_who'), 'Aylin Demir')
  await dialog.getByLabel(m('organisation_exclude_reason')).fill('War dort angestellt')
  await dialog.getByRole('button', { name: m('organisation_exclude') }).click()
  await page.getByText('War dort angestellt').waitFor()
  await isWell(page, 'organisation-dark')
  await page.getByRole('button', { name: m('organisation_lift_of', { name: 'Aylin Demir' }) }).click()
  await page.getByText('War dort angestellt').waitFor({ state: 'detached' })

  await page.goto('/people')
  await page.getByRole('link', { name: m('groups_title') }).click()
  await page.getByRole('link', { name: m('group_new') }).click()
  await dialog.getByLabel(m('group_name')).fill('Lohnbuchhaltung')
  await dialog.getByRole('button', { name: m('group_make') }).click()
  await page.getByRole('heading', { level: 1, name: 'Lohnbuchhaltung' }).waitFor()
  await page.getByRole('link', { name: m('group_add') }).click()
  const who = choiceField(dialog, m('access_form_who'))
  await who.fill('bergmann')
  await dialog.getByRole('option', { name: 'Petra Bergmann' }).waitFor()
  await isWell(page, 'group-choose-dark')
  // Whoever opens it again before the page has followed the first wish gets it.
  await page.route('**/__data.json*', async (route) => {
    await wait(600)
    await route.continue().catch(() => undefined)
  })
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' }) // the first closes the list, the second the dialog
  await page.getByRole('link', { name: m('group_add') }).click()
  await choose(dialog, m('access_form_who'), 'Petra Bergmann')
  await page.unroute('**/__data.json*')
  await dialog.getByText(m('group_gain_none')).waitFor()
  await dialog.getByLabel(m('access_form_until')).fill('2031-01-31T18:00')
  await isWell(page, 'group-add-dark')
  await dialog.getByRole('button', { name: m('group_add') }).click()
  const out = page.getByRole('link', { name: m('group_out_of', { name: 'Petra Bergmann' }) })
  await out.waitFor()
  await isWell(page, 'group-dark')
  await out.click()
  await dialog.getByText(m('group_loss_none')).waitFor()
  await isWell(page, 'group-out-dark')
  await dialog.getByRole('button', { name: m('group_out'), exact: true }).click()
  await page.getByText(m('group_nobody')).waitFor()
  await page.getByRole('link', { name: m('group_end') }).click()
  await dialog.getByRole('button', { name: m('group_end') }).click()
  await page.getByText(m('groups_none')).waitFor()
  await page.goto('/settings')
  await isWell(page, 'settings-dark')
  await page.goto('/log?group=office')
  await page.getByText(/Petra Bergmann aus einer Gruppe genommen/).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('staff invite a guest for a while, change the end, and keep them; a colleague takes over when somebody leaves', async () => {
  const { page, faults, close } = await enter('Jonas', { width: 360 })
  await page.goto('/')
  await page.locator('a[href^="/projects/"]').first().click()
  // The main navigation has a link of the same name.
  const tabs = page.getByRole('navigation', { name: m('project_tabs') })
  await tabs.getByRole('link', { name: m('project_tab_people') }).click()
  await page.getByRole('link', { name: m('guests_title') }).click()
  await page.getByText(m('guests_none')).waitFor()
  await page.getByRole('link', { name: m('guest_invite') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(m('person_name')).fill('Dr. Eva Sommer')
  await dialog.getByLabel(m('person_email')).fill('eva@gutachten.example')
  await dialog.getByLabel(m('access_form_until')).fill('2020-01-01T12:00')
  await dialog.getByRole('button', { name: m('act_send_invitation') }).click()
  await dialog.getByText(m('guest_until_wrong', { days: '180' })).waitFor()
  await isWell(page, 'guest-invite-phone')
  const month = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 16)
  await dialog.getByLabel(m('access_form_until')).fill(month)
  await dialog.getByRole('button', { name: m('act_send_invitation') }).click()
  await page.getByRole('listitem').filter({ hasText: 'Dr. Eva Sommer' }).waitFor()
  await isWell(page, 'guests-phone')
  await page.getByRole('link', { name: m('guest_stay_of', { name: 'Dr. Eva Sommer' }) }).click()
  await dialog.getByRole('button', { name: m('guest_stay') }).click()
  await page.getByText(m('guests_none')).waitFor()
  assert.deepEqual(faults, [])
  await close()

  const ingrid = await enter('Ingrid', { width: 1280 })
  await ingrid.page.goto('/people')
  await ingrid.page.getByRole('link', { name: 'Jonas Weber' }).click()
  await ingrid.page.getByRole('link', { name: m('account_lock') }).click()
  const ask = ingrid.page.getByRole('dialog')
  await ask.getByLabel(m('hand_over_to')).selectOption({ label: 'Aylin Demir' })
  await isWell(ingrid.page, 'hand-over')
  await ask.getByRole('button', { name: m('account_lock'), exact: true }).click()
  await ingrid.page.getByText(m('people_inactive'), { exact: true }).waitFor()
  await ingrid.page.goto('/log?group=office')
  await ingrid.page.getByText(/übergeben, was Jonas Weber hatte/).waitFor()

  // Aylin is locked first, and what she holds is handed over from her page afterwards.
  const open = async (name: string) => {
    await ingrid.page.goto('/people')
    await ingrid.page.getByRole('link', { name }).click()
    await ingrid.page.getByRole('heading', { name, level: 1 }).waitFor()
  }
  await open('Aylin Demir')
  await ingrid.page.getByRole('link', { name: m('account_lock') }).click()
  await ask.getByRole('button', { name: m('account_lock'), exact: true }).click()
  await ingrid.page.getByText(m('people_inactive'), { exact: true }).waitFor()
  await open('Jonas Weber')
  await ingrid.page.getByRole('button', { name: m('account_unlock') }).click()
  await ingrid.page.getByText(m('account_opened')).waitFor()
  await open('Aylin Demir')
  await ingrid.page.getByRole('link', { name: m('hand_over_act') }).click()
  await ask.getByLabel(m('hand_over_to')).selectOption({ label: 'Jonas Weber' })
  await isWell(ingrid.page, 'hand-over-closed')
  await ask.getByRole('button', { name: m('hand_over_act') }).click()
  await ingrid.page.getByText(m('hand_over_done')).waitFor()
  await ingrid.page.getByRole('link', { name: m('hand_over_act') }).waitFor({ state: 'detached' })
  assert.deepEqual(ingrid.faults, [])
  await ingrid.close()
})
