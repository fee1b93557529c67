/** Settings, Backups as an administrator meets it in each state, and the one line that a client reads. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { superuserUrl } from '../../infra/backup/running.ts'
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
let database: pg.Client
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  database = new pg.Client({ connectionString: superuserUrl(stack.data) })
  await database.connect()
})
after(async () => {
  await browser?.close()
  await database?.end()
  await stack?.stop()
})

/** Nothing sticks out, nothing for axe, at a phone's width in the dark too. */
async function look(page: Page, name: string): Promise<void> {
  for (const [width, scheme] of [
    [1280, 'light'],
    [1280, 'dark'],
    [360, 'light'],
    [360, 'dark']
  ] as const) {
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    assert.equal(await sidewaysScroll(page), 0, `${name} at ${width} px`)
    await page.waitForTimeout(300) // colours change softly
    assert.deepEqual(await axeFindings(page), [], `${name} at ${width} px, ${scheme}`)
    if (pictures) await takePicture(page, pictures, `backups-${name}-${width}-${scheme}`)
  }
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.emulateMedia({ colorScheme: 'light' })
}

async function openAs(person: string, path: string): Promise<Page> {
  const { page } = await openBrowser(browser, stack.origin)
  await enterAs(page.context(), stack.origin, stack.person(person))
  await page.goto(path)
  return page
}

/** As a backup tells of itself. */
async function made(ago: string, problem: string | null): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `insert into backup (begun_at, ended_at, every_minutes, run, problem, database_bytes, database_added, objects_bytes, objects_added, kept)
     values (now() - $1::interval, now() - $1::interval, 120, $2, $3, 48123456, 1234567, 8123456789, 23456789, 24)
     returning id`,
    [ago, problem === null ? 'a run' : null, problem]
  )
  return rows[0]?.id ?? ''
}
const drilled = (id: string, problem: string | null) =>
  database.query(
    'insert into backup_drill (backup_id, begun_at, problem, log_rows, documents) values ($1, now(), $2, 4711, 20)',
    [id, problem]
  )
const recent = (ago: string, documents_ago: string, problem: string | null) =>
  database.query(
    `insert into backup_recent (every_seconds, at, documents_at, problem)
     values (120, now() - $1::interval, now() - $2::interval, $3)
     on conflict (id) do update set at = excluded.at, documents_at = excluded.documents_at, problem = excluded.problem`,
    [ago, documents_ago, problem]
  )
const time = (at: Date): string =>
  new Intl.DateTimeFormat('de', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Berlin' }).format(at)

test('an administrator reads how the backups stand, in each state', async () => {
  const page = await openAs('Ingrid', '/settings')
  await page.getByRole('link', { name: m('backups_title') }).click()
  await page.getByText(m('backups_never')).waitFor()
  await page.getByText('npx portico backup --to').waitFor()
  await look(page, 'none')

  await database.query(
    `insert into backup_running (begun_at, step, part) values (now() - interval '4 minutes', 'objects', 0.42)`
  )
  await page.reload()
  await page.getByText(m('backups_first')).waitFor()
  await page.getByText('42 %').waitFor()
  await look(page, 'first')
  await database.query(`update backup_running set step = 'drill', part = null, told_at = now()`)
  await page
    .locator('[aria-current=step]')
    .filter({ hasText: m('backups_step_drill') })
    .waitFor()
  await database.query('delete from backup_running')

  const first = await made('3 hours', null)
  await drilled(first, null)
  await made('65 minutes', 'target_away')
  const id = await made('50 minutes', null)
  await drilled(id, null)
  await page.reload()
  await page.getByText(m('backups_in_time')).waitFor()
  assert.equal(await page.getByText(m('backups_recent_in_time')).count(), 0, 'what is not done is not shown')

  await recent('1 minute', '1 minute', null)
  await page.reload()
  await page.getByText(m('backups_recent_in_time')).waitFor()
  const { rows } = await database.query<{ at: Date }>('select at from backup_recent')
  const line = page.getByText(/^Datenbank und Dokumente: bis /)
  assert.match(await line.innerText(), new RegExp(`${time(rows[0]?.at ?? new Date(0))} MEZ`))
  await page.getByText(m('backups_drill_done')).waitFor()
  await page.getByText(m('backups_problem_target_away')).waitFor()
  await look(page, 'fine')

  await recent('6 minutes', '9 minutes', 'target_away')
  await page.reload()
  await page.getByText(m('backups_recent_failed')).waitFor()
  assert.match(await page.getByText(/^Datenbank: bis /).innerText(), / MEZ\.$/)
  await page.getByText(/^Dokumente: bis .* MEZ\.$/).waitFor()
  await look(page, 'behind')

  await drilled(await made('1 minute', null), 'documents')
  await page.reload()
  await page.getByText(m('backups_drill_failed')).waitFor()
  await page.getByText(m('backups_problem_documents')).waitFor()
  await look(page, 'drill-failed')

  await page
    .locator('header')
    .getByRole('link', { name: m('help_title') })
    .click()
  await page.waitForURL('**/help/backups')
  await page.getByRole('heading', { level: 1, name: m('backups_title') }).waitFor()
  await page.context().close()
})

test('a client reads in one line when everything was last saved', async () => {
  await recent('2 minutes', '4 minutes', null)
  const page = await openAs('Petra', '/account')
  const line = page.getByText(m('account_saved_last'))
  await line.waitFor()
  // The whole one is the newest here: what goes out between two counts where it is newer.
  assert.match(await line.innerText(), /gerade eben|vor 1 Minute/)
  const section = page.getByRole('region', { name: m('account_saved') })
  assert.doesNotMatch(await section.innerText(), /Ziel|Datenbank|sftp/)
  await look(page, 'client')
  assert.equal((await page.goto('/settings/backups'))?.status(), 404)
  await page.context().close()
})

test('one that is late says so', async () => {
  await database.query('set session_replication_role = replica')
  await database.query('delete from backup_drill')
  await database.query('delete from backup')
  await database.query('set session_replication_role = origin')
  await database.query('delete from backup_recent')
  await made('9 hours', null)
  await made('2 hours', 'target_full')
  const page = await openAs('Ingrid', '/settings/backups')
  await page.getByText(m('backups_late')).waitFor()
  await page.getByText(m('backups_problem_target_full')).waitFor()
  await page.getByText(m('backups_drill_none')).waitFor()
  await look(page, 'late')
  await page.context().close()
})
