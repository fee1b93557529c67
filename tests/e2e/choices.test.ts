/** A firm with more projects than a list can hold: whoever chooses one finds each, by words of its name. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { choiceField, choose } from './support/choose.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { ownerOf } from './support/owner.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
const COUNT = 1_200
/** Made first, so it is the last of the list, which begins with the newest. */
const NAME = 'Akte 0001 Kündigungsschutz und Abfindungsverhandlung der früheren Geschäftsführung'
const CLIENT = 'Mandant 0001 Vermögensverwaltungsgesellschaft mbH'
const LINE = `${NAME} · ${CLIENT}`

let stack: Stack
let browser: Browser
let project: string
before(async () => {
  stack = await startStack()
  const owner = ownerOf(stack)
  try {
    await owner.query(
      `insert into organisation (name)
       select 'Mandant ' || lpad(n::text, 4, '0') || case n when 1 then ' Vermögensverwaltungsgesellschaft mbH' else ' GmbH' end
         from generate_series(1, $1::int) n`,
      [COUNT]
    )
    await owner.query(
      `insert into node (kind, parent_id, name, client_id, created_at)
       select 'project', firm.id,
              'Akte ' || substr(o.name, 9, 4)
                || case when o.name = $2 then substr($1, 10) else ' Bauvorhaben' end,
              o.id, now() - interval '2000 days' + substr(o.name, 9, 4)::int * interval '1 day'
         from organisation o, node firm where firm.kind = 'firm' and o.name ~ '^Mandant \\d{4} '`,
      [NAME, CLIENT]
    )
    await owner.query(
      `insert into access_grant (person_id, node_id, level, given_by)
       select p.id, firm.id, 4, p.id from person p, node firm where p.email = $1 and firm.kind = 'firm'`,
      [stack.person('Ingrid').email]
    )
    const { rows } = await owner.query<{ id: string }>('select id from node where name = $1', [NAME])
    project = rows[0]?.id ?? ''
    assert.ok(project)
  } finally {
    await owner.end()
  }
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await stack?.stop()
})

async function enter(looks: Parameters<typeof openBrowser>[2]) {
  const window = await openBrowser(browser, stack.origin, looks)
  await enterAs(window.context, stack.origin, stack.person('Ingrid'))
  return window
}

async function isWell(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

const option = (page: Page) => page.getByRole('listbox').getByRole('option', { name: NAME })

test('the log is narrowed to one of very many projects by keyboard alone', async () => {
  const { page, faults, close } = await enter({ width: 1280 })
  await page.goto('/log')
  const choice = choiceField(page, m('log_project'))
  await choice.focus()
  await page.keyboard.press('ArrowDown')
  await page
    .getByText(m('choice_more', { count: '50' }))
    .last()
    .waitFor()
  await isWell(page, 'choice-first-1280')
  await page.keyboard.press('Escape')
  assert.equal(await choice.inputValue(), m('log_all'), 'Escape leaves it as it was')

  await choice.fill('kündigung 0001')
  await option(page).waitFor()
  assert.equal(await page.getByRole('listbox').getByRole('option').count(), 1)
  await isWell(page, 'choice-found-1280')
  await page.keyboard.press('Enter')
  assert.equal(await choice.inputValue(), LINE)
  assert.equal(new URL(page.url()).search, '', 'picking is not sending')
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.searchParams.get('project_id') === project)
  assert.equal(await choice.inputValue(), LINE, 'the page names what it is narrowed to')

  // Words that fit nothing pick nothing; an emptied field picks all.
  await choice.fill('gibt es nicht')
  await page.getByText(m('choice_none')).last().waitFor()
  await isWell(page, 'choice-none-1280')
  await page.keyboard.press('Tab')
  assert.equal(await choice.inputValue(), LINE)
  await choice.fill('')
  await page.keyboard.press('Tab')
  assert.equal(await choice.inputValue(), m('log_all'))
  await choice.press('Enter')
  await page.waitForURL((url) => !url.searchParams.get('project_id'))
  await page.goBack()
  await page.waitForURL((url) => url.searchParams.get('project_id') === project)
  await page.locator(`input[name=project_id][value="${project}"]`).waitFor({ state: 'attached' })
  assert.equal(await choice.inputValue(), LINE, 'so does the one before, when one goes back')
  assert.deepEqual(faults, [])
  await close()
})

test('a key is made for one of very many projects on a phone', async () => {
  const { page, faults, close } = await enter({ width: 360, dark: true })
  await page.goto('/account/keys')
  await page.getByLabel(m('keys_name'), { exact: true }).fill('Scanner im Flur')
  const choice = choiceField(page, m('keys_project'))
  await choice.tap()
  await page.getByRole('listbox').getByRole('option').first().waitFor()
  await isWell(page, 'choice-first-360')
  await choice.fill('0001 vermögens')
  await option(page).tap()
  assert.equal(await choice.inputValue(), LINE)
  await isWell(page, 'choice-picked-360')
  await page.getByRole('button', { name: m('act_new_key') }).click()
  await page.getByText(NAME).first().waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('the search is limited to one of them at once', async () => {
  const { page, faults, close } = await enter({ width: 360 })
  await page.goto('/search?q=Bergmann')
  const choice = choiceField(page, m('search_in_project'))
  await choice.tap()
  await choice.fill('0001')
  await option(page).tap()
  await page.waitForURL((url) => url.searchParams.get('project') === project)
  await isWell(page, 'choice-search-360')
  await page.reload()
  assert.equal(await choice.inputValue(), LINE)
  assert.deepEqual(faults, [])
  await close()
})

test('a rule begins with a project, or says in so many words that it is for all', async () => {
  const { page, faults, close } = await enter({ width: 1280, dark: true })
  await page.goto('/automations/new')
  await page.getByRole('button', { name: m('act_continue') }).click()
  await page.getByText(m('rule_where_missing')).waitFor()
  await isWell(page, 'choice-rule-1280')
  const choice = choiceField(page, m('rule_where'))
  await choice.fill('0001')
  await option(page).click()
  await page.getByRole('button', { name: m('act_continue') }).click()
  await page.waitForURL((url) => url.searchParams.get('project') === project)
  await page.getByText(NAME).first().waitFor()

  await page.goto('/automations/new')
  await page.getByRole('link', { name: m('rule_everywhere') }).click()
  await page.getByLabel(m('rule_name'), { exact: true }).waitFor()
  assert.equal(await page.getByText(NAME).count(), 0)
  assert.deepEqual(faults, [])
  await close()
})

test('without scripts the first ones can be chosen, and the page says that these are not all', async () => {
  const { page, close } = await enter({ width: 360, scripts: false })
  await page.goto(`/log?project_id=${project}`)
  const list = page.getByLabel(m('log_project'))
  assert.equal(await list.inputValue(), project, 'what the page is narrowed to stays chosen')
  const said = page.locator('noscript p').first() // getByText does not look in there
  await said.waitFor()
  assert.equal(await said.textContent(), m('choice_without_scripts', { count: '50' }))
  await list.selectOption({ index: 2 })
  await page.getByRole('button', { name: m('log_narrow') }).click()
  assert.notEqual(new URL(page.url()).searchParams.get('project_id'), project)
  await close()
})

test('the start page finds each of very many projects, and a new one its client', async () => {
  const { page, faults, close } = await enter({ width: 1280 })
  await page.goto('/')
  const rows = page.getByRole('main').getByRole('row')
  await page.getByRole('link', { name: m('project_more') }).click()
  await page.getByRole('link', { name: m('access_first_page') }).waitFor()
  assert.equal(await page.getByRole('link', { name: NAME }).count(), 0)
  await page.getByRole('searchbox', { name: m('home_search') }).fill('0001 kündigung')
  await page.getByRole('link', { name: NAME }).waitFor()
  assert.equal(await rows.count(), 2, 'the heading and the one')
  await isWell(page, 'home-found-1280')
  await page.getByRole('searchbox', { name: m('home_search') }).fill('gibt es nicht')
  await page.getByText(m('home_search_none', { text: 'gibt es nicht' })).waitFor()
  await page.getByRole('searchbox', { name: m('home_search') }).fill('')
  await page.getByRole('link', { name: m('project_more') }).waitFor()

  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: m('jump_title') }).fill('0001 vermögens')
  await page.getByRole('option', { name: NAME }).waitFor()
  await page.keyboard.press('Escape')

  await page.getByRole('link', { name: m('act_new_project') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(m('new_project_name')).fill('Zweite Akte')
  await choose(dialog, m('organisation_label'), m('organisation_new'))
  await dialog.getByLabel(m('organisation_name')).waitFor()
  await choose(dialog, m('organisation_label'), CLIENT)
  await dialog.getByLabel(m('organisation_name')).waitFor({ state: 'detached' })
  await isWell(page, 'new-project-1280')
  await dialog.getByRole('button', { name: m('act_create_project') }).click()
  await page.getByRole('heading', { level: 1, name: 'Zweite Akte' }).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('somebody is invited to one of them on a phone', async () => {
  const { page, faults, close } = await enter({ width: 360 })
  await page.goto('/people?invite')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(m('person_name')).fill('Maria Vogel')
  await dialog.getByLabel(m('person_email')).fill('maria@vogel.example')
  await choose(dialog, m('organisation_label'), CLIENT)
  await choiceField(dialog, m('home_project')).fill('0001')
  await dialog.getByRole('option', { name: NAME }).waitFor()
  await isWell(page, 'invite-choose-360')
  await dialog.getByRole('option', { name: NAME }).tap()
  await isWell(page, 'invite-360')
  await dialog.getByRole('button', { name: m('act_send_invitation') }).click()
  await page
    .getByText(m('people_invited', { email: 'maria@vogel.example' }))
    .first()
    .waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('a program is told of one of them, and mails of one come daily', async () => {
  const { page, faults, close } = await enter({ width: 360, dark: true })
  await page.goto('/settings/webhooks')
  await page.getByRole('textbox', { name: m('webhooks_name'), exact: true }).fill('Buchhaltung')
  await page.getByRole('textbox', { name: m('webhooks_url') }).fill('keine')
  await choose(page, m('webhooks_project_add'), NAME)
  const box = page.getByRole('checkbox', { name: LINE })
  assert.equal(await box.isChecked(), true)
  assert.equal(await choiceField(page, m('webhooks_project_add')).inputValue(), m('webhooks_project_add'))
  await page.getByRole('button', { name: m('webhooks_create') }).click()
  await page.getByRole('alert').waitFor()
  assert.equal(await box.isChecked(), true, 'what was chosen stays when the form is refused')
  await isWell(page, 'webhook-choice-360')
  await page.getByRole('textbox', { name: m('webhooks_url') }).fill('https://192.0.2.1/hook')
  await page.getByRole('button', { name: m('webhooks_create') }).click()
  await page.getByRole('heading', { name: m('webhooks_secret') }).waitFor()
  await page.getByRole('link', { name: 'Buchhaltung' }).click()
  await page.getByRole('heading', { name: m('webhooks_deliveries') }).waitFor()
  assert.equal(await page.getByRole('checkbox', { name: new RegExp(NAME) }).isChecked(), true)

  await page.goto('/account/notices')
  await page.getByRole('searchbox', { name: m('home_search') }).fill('0001 kündigung')
  await page.getByLabel(LINE).selectOption('daily')
  await isWell(page, 'notices-found-360')
  await page.getByRole('button', { name: m('act_save') }).click()
  await page.getByText(m('saved')).first().waitFor()
  await page.reload()
  assert.equal(await page.getByLabel(LINE).inputValue(), 'daily')
  assert.deepEqual(faults, [])
  await close()
})
