/** Being told: a client sends three files, the firm's person hears of it in the portal and by mail, and stops the mail. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { nextCode } from '../../infra/demo/app.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { type PersonsBrowser, launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
/** Where pictures go, when somebody wants to look. */
const pictures = process.env.PORTICO_PICTURES

let stack: Stack
let browser: Browser
let client: PersonsBrowser
let staff: PersonsBrowser
let database: pg.Client
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  client = await openBrowser(browser, stack.origin)
  staff = await openBrowser(browser, stack.origin)
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

/** The news mails to an address that the embedded portal caught. */
function newsTo(address: string): string[] {
  const folder = join(stack.data, 'mail')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.eml'))
    .toSorted()
    .map((name) =>
      readFileSync(join(folder, name), 'utf8')
        .replace(/=\r?\n/g, '')
        .replaceAll('=3D', '=')
    )
    .filter((text) => text.includes(`To: ${address}`) && text.includes('List-Unsubscribe:'))
}

/** The two minutes in which mail gathers pass. */
const later = () => database.query('update notice set mail_at = now() where mail_at > now()')

/** Waits until what the demo firm sent is ready and told. */
async function demoIsQuiet(): Promise<void> {
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; await wait(200)) {
    const { rows } = await database.query(
      `select from version where state not in ('ready', 'held')
       union all select from job where kind = 'notices' and state in ('ready', 'active')
       union all select from audit a join clock_mark m on m.name = 'notices'
         where a.seq > (m.data->>'seq')::bigint and a.action = 'version.ready'`
    )
    if (rows.length === 0) return
  }
  throw new Error('the demo firm is not ready')
}

/** Waits until nothing is due by mail any more. */
async function mailIsOut(): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await wait(200)) {
    const { rows } = await database.query(
      `select from notice where mail_at <= now() and mailed_at is null
       union all select from job where kind = 'digest' and state in ('ready', 'active')`
    )
    if (rows.length === 0) return
  }
  throw new Error('mail waits')
}

async function send(page: Page, names: string[]): Promise<void> {
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles(
      names.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(`Inhalt von ${name}`) }))
    )
  await page.getByText(m('upload_receipt_seen_by')).waitFor({ timeout: 60_000 })
  await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
}

async function look(page: Page, name: string): Promise<void> {
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
  if (pictures) await takePicture(page, pictures, name)
}

test('three files of a client are one entry, live, and one mail that names nothing', async () => {
  const jonas = stack.person('Jonas')
  await enterAs(staff.context, stack.origin, jonas)
  await enterAs(client.context, stack.origin, stack.person('Petra'))
  await demoIsQuiet()
  await staff.page.goto('/inbox')
  const all = staff.page.getByRole('button', { name: m('inbox_all_read') })
  await all.click()
  await all.waitFor({ state: 'hidden' })
  await later()
  await mailIsOut()
  const before = newsTo(jonas.email).length

  await client.page.goto('/')
  await client.page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .click()
  await client.page.waitForURL('**/projects/**')
  // The start page has a field for files too, until the project is there.
  await client.page.getByRole('link', { name: m('project_tab_activity') }).waitFor()
  await send(client.page, ['Kontoauszug Mai.txt', 'Kontoauszug Juni.txt', 'Kontoauszug Juli.txt'])

  const entry = staff.page.getByRole('button', { name: /3 neue Dokumente.*Kontoauszug Mai/s })
  await entry.waitFor({ timeout: 60_000 })
  await staff.page.getByRole('link', { name: 'Neuigkeiten: 1 ungelesen' }).waitFor({ timeout: 20_000 })
  await look(staff.page, 'inbox-1280')
  await later()
  await mailIsOut()
  const mails = newsTo(jonas.email).slice(before)
  assert.equal(mails.length, 1)
  assert.match(mails[0] ?? '', /3[_ ]neue[_ ]Dokumente/)
  assert.doesNotMatch(mails[0] ?? '', /Kontoauszug|Jahresabschluss|Bergmann/)

  await entry.click()
  await staff.page.waitForURL('**/projects/**')
  await staff.page.getByRole('link', { name: m('nav_inbox'), exact: true }).waitFor({ timeout: 20_000 })
})

test("the mail's link survives sign-in and second factor; a way to another site does not", async () => {
  const link = /https?:\/\/\S+\/projects\/[\w-]+/.exec(newsTo(stack.person('Jonas').email).at(-1) ?? '')?.[0]
  assert.ok(link)
  const fresh = await openBrowser(browser, stack.origin)
  const { page } = fresh
  const jonas = stack.person('Jonas')
  const come = async (to: string) => {
    await page.goto(to)
    await page.waitForURL('**/sign-in**')
    await page.locator('input[name=email]').fill(jonas.email)
    await page.locator('input[name=password]').fill(jonas.password)
    await page.locator('input[name=password]').press('Enter')
    await page.waitForURL('**/second-factor**')
    await page.locator('input[name=code]').fill(await nextCode(jonas.totp_secret))
    await page.waitForURL((url) => !/sign-in|second-factor/.test(url.pathname))
    return new URL(page.url())
  }
  assert.equal((await come(link)).href, link)
  await fresh.context.clearCookies()
  const astray = await come('/sign-in?next=//evil.example/x')
  assert.deepEqual([astray.origin, astray.pathname], [stack.origin, '/'])
  await fresh.close()
})

test('a press without signing in stops the mail, and the inbox goes on', async () => {
  const jonas = stack.person('Jonas')
  const mail = newsTo(jonas.email).at(-1) ?? ''
  const page_link = /https?:\/\/\S+(\/unsubscribe\/[\w.-]+)/.exec(mail.slice(mail.indexOf('text/plain')))?.[0]
  assert.ok(page_link)
  for (const dark of [false, true])
    for (const width of [360, 1280]) {
      const reader = await openBrowser(browser, stack.origin, { width, dark })
      await reader.page.goto(page_link)
      await look(reader.page, `unsubscribe-${width}-${dark ? 'dark' : 'light'}`)
      await reader.close()
    }
  const reader = await openBrowser(browser, stack.origin, { width: 360, scripts: false })
  await reader.page.goto(page_link)
  await reader.page.getByRole('button', { name: m('unsubscribe_act') }).click()
  await reader.page.getByRole('heading', { name: m('unsubscribe_done') }).waitFor()
  await reader.close()

  const before = newsTo(jonas.email).length
  await send(client.page, ['Nachtrag.txt'])
  await staff.page.goto('/inbox')
  await staff.page.getByRole('button', { name: /1 neues Dokument.*Nachtrag/s }).waitFor({ timeout: 60_000 })
  await later()
  await mailIsOut()
  assert.equal(newsTo(jonas.email).length, before)
  await staff.page.goto('/account/notices')
  assert.equal(await staff.page.getByLabel(m('notices_all')).inputValue(), 'off')
  await staff.page.getByLabel(m('notices_all')).selectOption('daily')
  await staff.page.getByRole('button', { name: m('act_save') }).click()
  await staff.page.getByText(m('saved')).waitFor()
  await staff.page.reload()
  assert.equal(await staff.page.getByLabel(m('notices_all')).inputValue(), 'daily')
})

test('inbox and preferences fit a phone and the dark', async () => {
  for (const dark of [false, true])
    for (const width of [360, 1280]) {
      const reader = await openBrowser(browser, stack.origin, { width, dark })
      await enterAs(reader.context, stack.origin, stack.person('Jonas'))
      for (const path of ['inbox', 'account/notices', 'account']) {
        await reader.page.goto(`/${path}`)
        await reader.page.getByRole('heading', { level: 1 }).waitFor()
        await wait(500)
        await look(reader.page, `${path.replace('/', '-')}-${width}-${dark ? 'dark' : 'light'}`)
      }
      assert.deepEqual(reader.faults, [])
      await reader.close()
    }
  assert.deepEqual(staff.faults, [])
  assert.deepEqual(client.faults, [])
})
