/**
 * People and what they may do, by keyboard alone in each of the three languages: invited, in, locked out and in again; access
 * given for a while, looked at, undone and asked about; a guest.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { Folder } from '../../functions/_shared/contract/document.ts'
import { nextCode } from '../../infra/demo/app.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { choiceField } from './support/choose.ts'
import { keepsFocus, menu, pick, press, select, typePassword, write, writeDay } from './support/keys.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { linkMailedTo } from './support/mail.ts'
import { type Maker, startMaker } from './support/maker.ts'
import { enterAs } from './support/sign-in.ts'
import { type Locale, words } from './support/words.ts'

const LANGUAGES = { de: 'Deutsch', en: 'English', sv: 'Svenska' } as const
const CLIENT = 'Bergmann Maschinenbau GmbH'
const PASSWORD = 'sieben Schafe tanzen leise'
const OTHER_PASSWORD = 'acht Hasen lesen Zeitung'

let stack: Stack
let browser: Browser
let maker: Maker
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  maker = await startMaker(stack)
})
after(async () => {
  await browser?.close()
  await stack?.stop()
})

async function look(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

/** Somebody of the firm, in the language that they choose in their menu. */
async function openFirm(name: 'Ingrid' | 'Jonas', locale: Locale) {
  const opened = await openBrowser(browser, stack.origin)
  const { page, context } = opened
  await enterAs(context, stack.origin, stack.person(name))
  await page.goto('/')
  await press(page, page.locator('header summary', { hasText: stack.person(name).name }))
  await press(page, page.locator('header').getByRole('button', { name: LANGUAGES[locale] }))
  await page.locator(`html[lang=${locale}]`).waitFor()
  return opened
}

type Newcomer = { name: string; email: string; locale: Locale }

async function invite(page: Page, { name, email, locale }: Newcomer): Promise<void> {
  const m = words(locale)
  const dialog = page.getByRole('dialog')
  await press(page, page.getByRole('link', { name: m('nav_people') }).first())
  await press(page, page.getByRole('link', { name: m('act_invite') }).first())
  await write(page, dialog.getByLabel(m('person_name')), name)
  await write(page, dialog.getByLabel(m('person_email')), email)
  await pick(page, choiceField(dialog, m('organisation_label')), CLIENT)
  await select(page, dialog.getByLabel(m('invite_language')), LANGUAGES[locale])
  await look(page, `keys-invite-${locale}`)
  await press(page, dialog.getByRole('button', { name: m('act_send_invitation') }))
  await page.getByText(m('people_invited', { email })).first().waitFor()
  await keepsFocus(page, 'after an invitation')
}

async function leave(page: Page, { name, locale }: Newcomer): Promise<void> {
  const m = words(locale)
  await press(page, menu(page, m('nav_account_menu', { name })))
  await press(page, page.getByRole('button', { name: m('act_sign_out') }))
  await page.waitForURL('**/sign-in**')
}

/** From the mail to the start page, with an app and codes to keep. Gives the first two of these. */
async function join(page: Page, person: Newcomer): Promise<string[]> {
  const { email, locale } = person
  const m = words(locale)
  await page.goto(await linkMailedTo(stack.data, email, '/invitation/'))
  await press(page, page.getByRole('button', { name: m('act_open_invitation') }))
  await write(page, page.locator('input[name=password]'), PASSWORD)
  await press(page, page.getByRole('button', { name: m('act_continue') }))
  await page.waitForURL('**/second-factor')
  await press(page, page.locator('summary', { hasText: m('second_factor_by_hand') }))
  const secret = (await page.locator('details code').innerText()).replace(/\s/g, '')
  await write(page, page.locator('input[name=code]'), await nextCode(secret))
  await press(page, page.getByRole('button', { name: m('act_finish_setup') }))
  await page.waitForURL('**/second-factor/codes**')
  await press(page, page.getByRole('button', { name: m('recovery_make') }))
  await page.getByText(m('recovery_made_lead')).waitFor()
  await look(page, `keys-codes-${locale}`)
  const codes = await page.locator('ol code').allInnerTexts()
  await press(page, page.getByRole('link', { name: m('recovery_kept') }))
  await page.waitForURL((url) => url.pathname === '/')
  await leave(page, person)
  return codes
}

async function showSpareCode(page: Page, locale: Locale, code: string): Promise<void> {
  await press(page, page.getByRole('link', { name: words(locale)('recovery_enter_link') }))
  await page.waitForURL('**/second-factor/recovery')
  await write(page, page.locator('input[name=code]'), code)
  await page.keyboard.press('Enter')
}

async function forget(page: Page, { email, locale }: Newcomer, code: string): Promise<void> {
  const m = words(locale)
  await press(page, page.getByRole('link', { name: m('forgot_link') }))
  await write(page, page.getByLabel(m('person_email')), email)
  await press(page, page.getByRole('button', { name: m('forgot_send') }))
  await page.getByText(m('forgot_sent', { email })).waitFor()
  await page.goto(await linkMailedTo(stack.data, email, '/reset/'))
  await press(page, page.getByRole('button', { name: m('reset_open') }))
  await write(page, page.getByLabel(m('password_new')), OTHER_PASSWORD)
  await press(page, page.getByRole('button', { name: m('reset_save') }))
  await page.getByText(m('reset_done')).waitFor()
  await press(page, page.getByRole('link', { name: m('act_go_to_sign_in') }))
  await typePassword(page, email, OTHER_PASSWORD)
  await showSpareCode(page, locale, code)
  await page.waitForURL('**/account/security?recovered=9')
  await look(page, `keys-recovered-${locale}`)
}

/** An administrator makes a code; who has lost every factor comes in with it and sets one up anew. */
async function letIn(admin: Page, page: Page, person: Newcomer): Promise<void> {
  const { name, email, locale } = person
  const m = words(locale)
  await press(admin, admin.getByRole('link', { name, exact: true }))
  await press(admin, admin.getByRole('link', { name: m('way_in_make') }))
  await press(admin, admin.getByRole('dialog').getByRole('button', { name: m('act_close') }))
  await keepsFocus(admin, 'after a question that was not answered')
  await press(admin, admin.getByRole('link', { name: m('way_in_make') }))
  await press(admin, admin.getByRole('dialog').getByRole('button', { name: m('way_in_make') }))
  await admin.getByText(m('way_in_once')).waitFor()
  await keepsFocus(admin, 'after a one-time code was made')
  await look(admin, `keys-way-in-${locale}`)
  const code = await admin.locator('section code').innerText()
  await typePassword(page, email, OTHER_PASSWORD)
  await showSpareCode(page, locale, code)
  await page.getByRole('heading', { name: m('second_factor_setup_title') }).waitFor()
}

for (const locale of ['de', 'en', 'sv'] as const)
  test(`invited, in, forgotten, locked out and in again by keyboard alone: ${locale}`, async () => {
    const person = { name: `Nora Neu ${locale}`, email: `nora-${locale}@bergmann.example`, locale }
    const admin = await openFirm('Ingrid', locale)
    await invite(admin.page, person)
    const own = await openBrowser(browser, stack.origin, { locale, width: 360, dark: locale === 'sv' })
    const [code = ''] = await join(own.page, person)
    await forget(own.page, person, code)
    await leave(own.page, person)
    await letIn(admin.page, own.page, person)
    assert.deepEqual([...admin.faults, ...own.faults], [])
    await own.close()
    await admin.close()
  })

async function giveForAWhile(page: Page, locale: Locale, folder: Folder): Promise<void> {
  const m = words(locale)
  const dialog = page.getByRole('dialog')
  const given = page.getByRole('link', { name: m('access_take_of', { name: 'Aylin Demir' }) })
  await page.goto(`/projects/${maker.project.id}?folder=${folder.id}`)
  await page.getByRole('heading', { level: 2, name: folder.name }).waitFor()
  await press(page, menu(page, m('order_more')))
  await press(page, page.getByRole('link', { name: m('access_menu') }))
  const give = page.getByRole('link', { name: m('access_give') })
  await press(page, give)
  await press(page, dialog.getByRole('link', { name: m('act_cancel') }))
  await keepsFocus(page, 'after cancelling')
  await press(page, give)
  await select(page, dialog.getByLabel(m('access_form_who')), 'Aylin')
  await select(page, dialog.getByLabel(m('access_form_level')), m('access_level_manage'))
  await writeDay(page, dialog.getByLabel(m('access_form_from')), '03', 2031)
  await writeDay(page, dialog.getByLabel(m('access_form_until')), '05', 2031)
  await press(page, dialog.getByRole('button', { name: m('access_form_preview') }))
  await dialog.getByText(m('access_gain')).first().waitFor()
  await look(page, `keys-trial-${locale}`)
  await press(page, dialog.getByRole('button', { name: m('access_save') }))
  await page.getByText(m('access_given', { name: 'Aylin Demir' })).waitFor()
  await given.waitFor()
  await keepsFocus(page, 'after access was given')
  await page.keyboard.press('ControlOrMeta+z')
  await given.waitFor({ state: 'detached' })
  await keepsFocus(page, 'after access was undone')
}

async function askWhatSomebodyMay(page: Page, locale: Locale): Promise<void> {
  const m = words(locale)
  await press(page, page.getByRole('link', { name: m('simulation_title') }))
  await page.waitForURL('**/access?thing=*')
  await pick(page, choiceField(page, m('simulation_who')), 'Petra Bergmann')
  await press(page, page.getByRole('button', { name: m('simulation_ask') }))
  await page.locator('section[aria-live]').getByText('Petra Bergmann').first().waitFor()
  await look(page, `keys-check-${locale}`)
}

async function inviteGuest(page: Page, locale: Locale): Promise<void> {
  const m = words(locale)
  const dialog = page.getByRole('dialog')
  const name = `Dr. Eva Sommer ${locale}`
  const tabs = page.getByRole('navigation', { name: m('project_tabs') })
  await press(page, tabs.getByRole('link', { name: m('project_tab_people') }))
  await press(page, page.getByRole('link', { name: m('guests_title') }))
  await press(page, page.getByRole('link', { name: m('guest_invite') }))
  await write(page, dialog.getByLabel(m('person_name')), name)
  await write(page, dialog.getByLabel(m('person_email')), `eva-${locale}@gutachten.example`)
  await press(page, dialog.getByRole('button', { name: m('act_send_invitation') }))
  await page.getByRole('listitem').filter({ hasText: name }).waitFor()
  await keepsFocus(page, 'after a guest was invited')
  await press(page, page.getByRole('link', { name: m('guest_stay_of', { name }) }))
  await press(page, dialog.getByRole('button', { name: m('guest_stay') }))
  await page.getByRole('listitem').filter({ hasText: name }).waitFor({ state: 'detached' })
  await keepsFocus(page, 'after a guest became more than one')
}

for (const locale of ['de', 'en', 'sv'] as const)
  test(`access for a while, undone and asked about, and a guest, by keyboard alone: ${locale}`, async () => {
    const folder = await maker.client.call<Folder>('POST', '/documents/folders', {
      parent_id: maker.project.id,
      name: `Lohn ${locale}`
    })
    const { page, faults, close } = await openFirm('Jonas', locale)
    await giveForAWhile(page, locale, folder)
    await askWhatSomebodyMay(page, locale)
    await inviteGuest(page, locale)
    assert.deepEqual(faults, [])
    await close()
  })
