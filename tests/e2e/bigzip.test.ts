/** A project that is too large to be taken home at once: ordered, made in the background, told of, fetched. */
import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { type PersonsBrowser, launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
/** Where pictures go, when somebody wants to look. */
const pictures = process.env.PORTICO_PICTURES
/** Bytes: more than a ZIP that streams at once may have. */
const SIZE = 270 * 1024 * 1024

let stack: Stack
let browser: Browser
let petra: PersonsBrowser
let database: pg.Client
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  petra = await openBrowser(browser, stack.origin)
  await enterAs(petra.context, stack.origin, stack.person('Petra'))
  database = new pg.Client({
    connectionString: readFileSync(join(stack.data, 'mounts/connector/db-pipeline'), 'utf8').trim()
  })
  await database.connect()
})
after(async () => {
  await database?.end()
  await browser?.close()
  await stack?.stop()
})

async function look(page: Page, name: string): Promise<void> {
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
  if (pictures) await takePicture(page, pictures, name)
}

/** Waits until everything that was sent is ready to be taken along. */
async function allIsReady(): Promise<void> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await wait(250)) {
    const { rows } = await database.query(`select from version where state not in ('ready', 'held')`)
    if (rows.length === 0) return
  }
  throw new Error('not everything is ready')
}

/** By a script as Petra: how a browser sends is another journey's business, and here it would be most of the time. */
async function sendLarge(project_id: string): Promise<void> {
  const client = new ApiClient(stack.origin)
  client.cookie = (await petra.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const bytes = Buffer.alloc(SIZE, 'Belege ')
  await client.upload(project_id, [{ name: 'Belege 2025.bin', type: 'application/octet-stream', bytes }])
}

test('too large for now: the dialog offers the background, the page follows it live, the ZIP is fetched', async () => {
  const { page } = petra
  await page.goto('/')
  await page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .click()
  await page.waitForURL('**/projects/**')
  await sendLarge(page.url().split('/').at(-1) ?? '')
  await allIsReady()

  await page.getByRole('button', { name: m('archive_take') }).click()
  const order = page.getByRole('button', { name: m('archive_order') })
  await order.waitFor()
  await look(page, 'order-1280-light')
  await order.click()
  await page.getByText(m('archive_ordered')).waitFor()
  await page.getByRole('link', { name: m('archives_title') }).click()
  await page.waitForURL('**/archives')
  const row = page.getByRole('listitem').filter({ hasText: 'Jahresabschluss 2025.zip' })
  await row.getByText(m('archives_ready'), { exact: true }).waitFor({ timeout: 120_000 })

  const take = row.getByRole('button', { name: /^Herunterladen/ })
  const [download] = await Promise.all([page.waitForEvent('download'), take.click()])
  assert.equal(download.suggestedFilename(), 'Jahresabschluss 2025.zip')
  assert.equal(await download.failure(), null)
  const path = await download.path()
  assert.ok(statSync(path).size > SIZE)
  const head = Buffer.alloc(4)
  const file = openSync(path, 'r')
  readSync(file, head, 0, 4, 0)
  closeSync(file)
  assert.ok(head.equals(Buffer.from('PK\u0003\u0004')))
  assert.deepEqual(petra.faults, [])
})

test('the inbox tells that it is ready and leads to it; the store’s word that it was sent is in the log', async () => {
  const { page } = petra
  await page.goto('/inbox')
  const entry = page.getByRole('button', { name: m('notice_archives') })
  await entry.waitFor({ timeout: 30_000 })
  await entry.click()
  await page.waitForURL('**/archives')
  for (const deadline = Date.now() + 30_000; ; await wait(250)) {
    const { rows } = await database.query(`select from audit where action = 'archive.delivered'`)
    if (rows.length === 1) break
    assert.ok(Date.now() < deadline, 'the delivery is written down')
  }
})

/** Two more orders, and then one of each: ready with something missing, waiting for room, failed. */
async function oneOfEach(): Promise<void> {
  const { rows } = await database.query<{ folder_id: string }>('select folder_id from archive')
  for (let turn = 0; turn < 2; turn += 1) {
    const answer = await petra.page.request.post('/api/v1/documents/archives/orders', {
      data: { folder: rows[0]?.folder_id },
      headers: { origin: stack.origin }
    })
    assert.equal(answer.status(), 201)
  }
  for (const deadline = Date.now() + 120_000; ; await wait(250)) {
    const open = await database.query(`select from archive where state in ('waiting', 'making')`)
    if (open.rows.length === 0) break
    assert.ok(Date.now() < deadline, 'they are made')
  }
  await database.query(
    `with a as (select id, row_number() over (order by id) as n from archive)
     update archive x
        set state = (array['ready', 'making', 'failed'])[a.n], trouble = (array[null, 'store_full', 'damaged'])[a.n],
            done_size = x.size / 3
       from a where a.id = x.id`
  )
  await database.query(
    `update archive_file set state = 'left_out', why = 'replaced', zip_offset = null, crc = null
      where archive_id = (select min(id::text)::uuid from archive) and place <= 2`
  )
}

test('the list says how each is, fits a phone and the dark; made anew, deleted', async () => {
  await oneOfEach()
  for (const dark of [false, true])
    for (const width of [360, 1280]) {
      const reader = await openBrowser(browser, stack.origin, { width, dark })
      await enterAs(reader.context, stack.origin, stack.person('Petra'))
      await reader.page.goto('/archives')
      await reader.page.getByText(m('archives_store_full')).waitFor()
      await reader.page.getByText('2 Dokumente fehlen darin').click()
      await look(reader.page, `archives-${width}-${dark ? 'dark' : 'light'}`)
      await reader.close()
    }
  const { page } = petra
  await page.goto('/archives')
  await page.getByRole('button', { name: /^Neu erstellen/ }).click()
  await page.getByText(m('archives_damaged')).waitFor({ state: 'hidden' })
  await page
    .locator('main li')
    .first()
    .getByText(m('archives_ready'), { exact: true })
    .waitFor({ timeout: 120_000 })
  const away = page.getByRole('button', { name: /^(Löschen|Abbrechen)/ })
  for (let left = await away.count(); left > 0; left -= 1) {
    await away.first().click()
    await away.nth(left - 1).waitFor({ state: 'detached' })
  }
  await page.getByText(m('archives_empty')).waitFor()
  assert.deepEqual(petra.faults, [])
})
