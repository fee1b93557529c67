/** What administrators and auditors do in the office: reading the firm's log. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
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

test('an administrator narrows the log, takes it along, and finds that in the log', async () => {
  const { page, faults, close } = await enter('Ingrid')
  await page.goto('/')
  await page
    .getByRole('link', { name: m('nav_log'), exact: true })
    .first()
    .click()
  await page.getByRole('heading', { name: m('nav_log') }).waitFor()
  await isWell(page, 'log')
  await page.getByLabel(m('log_group'), { exact: true }).selectOption('office')
  await page.getByRole('button', { name: m('log_narrow') }).click()
  await page.waitForURL(/group=office/)
  const waiting = page.waitForEvent('download')
  await page.getByRole('link', { name: m('log_export') }).click()
  const text = readFileSync(await (await waiting).path(), 'utf8')
  assert.match(text, /^\uFEFFnumber;time;action/)
  assert.ok(text.includes('log.exported') && !text.includes('project.created'))
  await page.reload()
  assert.equal(await page.getByLabel(m('log_group'), { exact: true }).inputValue(), 'office')
  await page
    .getByText(m('activity_log_exported', { who: '' }).trim())
    .first()
    .waitFor()
  await page.getByLabel(m('log_until'), { exact: true }).fill('2020-01-01')
  await page.getByRole('button', { name: m('log_narrow') }).click()
  await page.getByText(m('log_none')).waitFor()
  await isWell(page, 'log-none')
  assert.deepEqual(faults, [])
  await close()
})

test('the log fits a phone and the dark, and is not there for others', async () => {
  for (const [name, looks] of [
    ['phone', { width: 360 }],
    ['phone-dark', { width: 360, dark: true }],
    ['dark', { dark: true }]
  ] as const) {
    const { page, faults, close } = await enter('Ingrid', looks)
    await page.goto('/log')
    await page.getByRole('heading', { name: m('nav_log') }).waitFor()
    await isWell(page, `log-${name}`)
    assert.deepEqual(faults, [])
    await close()
  }
  const { page, close } = await enter('Jonas')
  assert.equal((await page.goto('/log'))?.status(), 404)
  assert.equal(await page.getByRole('link', { name: m('nav_log'), exact: true }).count(), 0)
  await close()
})

test('imprint and privacy are written by the administrator and read by everybody, in their language', async () => {
  const { page, faults, close } = await enter('Ingrid')
  await page.goto('/settings')
  // In German alone: whoever reads another language gets that one.
  const german = '# Kanzlei Lindqvist\n\nMusterstraße 1\n10115 Berlin\n\n<b>kein HTML</b>'
  for (const [language, text] of [
    ['Deutsch', german],
    ['English', ''],
    ['Svenska', '']
  ] as const) {
    await page
      .getByRole('group', { name: m('legal_imprint') })
      .getByText(language, { exact: true })
      .click()
    await page.getByLabel(`${m('legal_imprint')}, ${language}`).fill(text)
  }
  await page.getByRole('button', { name: m('act_save') }).click()
  await page.getByText(m('saved')).waitFor()
  await isWell(page, 'settings')
  await close()

  // A form that went out without its texts would delete them.
  const plain = await enter('Ingrid', { scripts: false })
  await plain.page.goto('/settings')
  assert.equal(await plain.page.getByLabel(`${m('legal_imprint')}, Deutsch`).inputValue(), german)
  const saved = plain.page.waitForResponse((answer) => answer.request().method() === 'POST')
  await plain.page.getByRole('button', { name: m('act_save') }).click()
  assert.equal((await saved).status(), 200)
  await plain.page.goto('/settings')
  assert.equal(await plain.page.getByLabel(`${m('legal_imprint')}, Deutsch`).inputValue(), german)
  await plain.close()

  const visitor = await openBrowser(browser, stack.origin, { width: 360, dark: true, locale: 'en' })
  await visitor.page.goto('/imprint')
  await visitor.page.getByRole('heading', { name: 'Kanzlei Lindqvist' }).waitFor()
  await visitor.page.getByText('<b>kein HTML</b>').waitFor()
  assert.equal(await visitor.page.locator('[lang=de] h2').count(), 1)
  await isWell(visitor.page, 'imprint-360-dark')
  // The demo firm says its own in each language.
  await visitor.page.goto('/privacy')
  await visitor.page.getByRole('heading', { name: 'Who sees the data' }).waitFor()
  await isWell(visitor.page, 'privacy-360-dark')
  assert.deepEqual([...faults, ...visitor.faults], [])
  await visitor.close()
})

test('an administrator sees what the portal gave up, and lets it begin anew', async () => {
  const database = new pg.Client({
    connectionString: readFileSync(join(stack.data, 'mounts/connector/db-pipeline'), 'utf8').trim()
  })
  await database.connect()
  // A kind that no connector knows: nothing works on it behind the page's back.
  // First more of them than are listed at once.
  await database.query(`select job_add('rehearsal', '{}') from generate_series(1, 450)`)
  await database.query(
    `select job_fail(id, token, 'store_away', 0, true) from job_claim('rehearsal', 30, 450)`
  )
  await database.query(`select job_add('rehearsal', '{}')`)
  const { rows } = await database.query<{ id: string; token: string }>(
    `select id, token from job_claim('rehearsal', 30)`
  )
  await database.query(`select job_calls($1, $2, 'preview')`, [rows[0]?.id, rows[0]?.token])
  await database.query(`select job_fail($1, $2, 'store_away', 0, true)`, [rows[0]?.id, rows[0]?.token])

  const { page, faults, close } = await enter('Ingrid')
  await page.goto('/jobs')
  const list = page.getByRole('list', { name: m('jobs_dead') })
  await list.getByText('store_away').first().waitFor()
  await database.query(
    `insert into reconciliation (ended_at, objects, versions, inbox_rows, redrawn, acts, dangling, orphans, drops, leftovers, findings)
     values (now(), 1234567, 234567, 3, 2, 1, 1, 0, 1, 40,
             '[{"kind": "dangling", "key": "0199/0198", "document_id": "01890000-0000-7000-8000-00000000000a"},
               {"kind": "drop", "key": "irgendwo/Rechnung.pdf", "document_id": null}]')`
  )
  await page.reload()
  const walk = page.getByRole('region', { name: m('jobs_walk') })
  await walk.getByText(m('jobs_walk_lost')).waitFor()
  await walk.getByText(m('jobs_walk_which', { count: 2 })).click()
  await walk.getByRole('link', { name: m('jobs_walk_document') }).waitFor()
  await page.getByRole('cell', { name: /^rehearsal store_away, .* preview: store_away,/ }).waitFor()
  await isWell(page, 'jobs')
  await list.getByRole('link', { name: 'rehearsal' }).first().click()
  const history = page.getByRole('list', { name: m('jobs_history') })
  await history.getByText('store_away').waitFor()
  await history.getByText('preview').waitFor()
  await isWell(page, 'job-history')
  await page.goto('/jobs')
  await list
    .getByRole('button', { name: m('jobs_again') })
    .first()
    .click()
  await page.getByRole('cell', { name: 'rehearsal', exact: true }).waitFor()
  await page.getByRole('button', { name: m('jobs_again_all') }).click()
  await page.getByText(m('jobs_none_dead')).waitFor()
  await page.getByRole('row', { name: 'rehearsal 451 0' }).waitFor()
  assert.deepEqual(faults, [])
  await close()

  const phone = await enter('Ingrid', { width: 360, dark: true })
  await phone.page.goto('/jobs')
  await phone.page.getByRole('heading', { name: m('jobs_title') }).waitFor()
  await isWell(phone.page, 'jobs-phone-dark')
  await phone.close()
  const staff = await enter('Jonas')
  assert.equal((await staff.page.goto('/jobs'))?.status(), 404)
  await staff.close()
  await database.query(`delete from job where kind = 'rehearsal'`)
  await database.end()
})
