/** Sending large files as it goes wrong in life: paused, offline, reloaded, the wrong file picked, a folder. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { processesOf } from '../support/processes.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { type PersonsBrowser, launchBrowser, openBrowser } from './support/browser.ts'
import { signInAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
const MB = 1_000_000
const folder = mkdtempSync(join(tmpdir(), 'portico-sending-'))
const file = (name: string, size: number) => {
  writeFileSync(join(folder, name), randomBytes(size))
  return join(folder, name)
}

let stack: Stack
let browser: Browser
let client: PersonsBrowser
/** One session: the settings of several add up. */
let cdp: CDPSession | undefined
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  client = await openBrowser(browser, stack.origin)
  await signInAs(client.page, stack.person('Petra'))
  await client.page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .click()
  await client.page.waitForURL('**/projects/**')
  await client.page.getByRole('link', { name: m('project_tab_activity') }).waitFor()
})
after(async () => {
  await browser?.close()
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const panelOf = (page: Page) => page.getByRole('region', { name: m('upload_panel') })

/** A line as people have it at home: 8 MB/s up; 0 is none at all. */
async function line(bytes_per_second: number): Promise<void> {
  cdp ??= await client.context.newCDPSession(client.page)
  await cdp.send('Network.emulateNetworkConditions', {
    offline: bytes_per_second === 0,
    latency: 5,
    downloadThroughput: -1,
    uploadThroughput: bytes_per_second
  })
}

/** Picks a file for a left-over. */
async function pickAgain(page: Page, path: string): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    panelOf(page)
      .getByRole('button', { name: m('upload_left_over_pick') })
      .click()
  ])
  await chooser.setFiles(path)
}

test('a large file is paused, loses its line, survives a reload and arrives whole', async () => {
  const { page } = client
  const panel = panelOf(page)
  const large = file('Bilanz.bin', 120 * MB)
  const other = file('Urlaub.bin', 120 * MB)
  await line(8 * MB)
  await page.locator('input[type=file]').first().setInputFiles(large)
  await panel.getByText(m('upload_phase_sending')).waitFor()
  await page.getByRole('button', { name: m('upload_pause_file', { name: 'Bilanz.bin' }) }).click()
  await panel.getByText(m('upload_phase_paused')).waitFor()
  assert.deepEqual(await axeFindings(page), [])

  await page.getByRole('button', { name: m('upload_resume_file', { name: 'Bilanz.bin' }) }).click()
  await panel.getByText(m('upload_phase_sending')).waitFor()
  await line(0)
  await panel.getByText(/Keine Internetverbindung|antwortet gerade nicht/).waitFor()
  await line(8 * MB)
  await panel.getByText(/Keine Internetverbindung|antwortet gerade nicht/).waitFor({ state: 'hidden' })
  await page.waitForTimeout(6_000) // a part of 16 MiB gets through

  const warns = await page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })))
  assert.ok(warns, 'closing the page now would ask first')
  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  await panel.getByText('Bilanz.bin').first().waitFor()
  await line(-1)
  await pickAgain(page, other)
  await panel.getByText(m('upload_wrong_name', { picked: 'Urlaub.bin', name: 'Bilanz.bin' })).waitFor()
  const sent: string[] = []
  page.on('request', (request) => void (request.method() === 'PUT' && sent.push(request.url())))
  await pickAgain(page, large)
  await panel.getByText(m('upload_receipt_seen_by')).waitFor({ timeout: 60_000 })
  assert.ok(sent.length > 0 && sent.length < 8, `${sent.length} of 8 parts went after the reload`)
  await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
  await page.getByRole('link', { name: 'Bilanz.bin' }).waitFor()
})

test('a folder is picked with what is in it, and becomes folders', async () => {
  const { page } = client
  mkdirSync(join(folder, 'Akten/2025'), { recursive: true })
  file('Akten/Übersicht.txt', 20)
  file('Akten/2025/Rechnung.txt', 0)
  await page.locator('input[webkitdirectory]').setInputFiles(join(folder, 'Akten'))
  await panelOf(page).getByText(m('upload_receipt_seen_by')).waitFor()
  await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
  await page.getByRole('link', { name: 'Akten' }).click()
  await page.getByRole('link', { name: 'Übersicht.txt' }).waitFor()
  await page.getByRole('link', { name: '2025', exact: true }).click()
  await page.getByRole('link', { name: 'Rechnung.txt' }).waitFor()
  assert.deepEqual(client.faults, [])
})

/** Milliseconds for which a part of the portal hangs, which is worse than being gone: nothing refuses. */
const AWAY = 60_000

const PARTS = {
  store: () => processesOf((line) => line.includes('minio') && line.includes(stack.data)),
  database: () => {
    const pid = readFileSync(join(stack.data, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]
    return processesOf(() => true, Number(pid))
  }
}

/** False: it has ended since it was found. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

for (const part of ['store', 'database'] as const)
  test(`the ${part} hangs for a minute: a person sees it, and the file arrives by itself, once`, async () => {
    const { page } = client
    const panel = panelOf(page)
    const name = `Haengt-${part}.bin`
    await line(8 * MB)
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles(file(name, 60 * MB))
    await panel.getByText(m('upload_phase_sending')).waitFor()
    await page.waitForTimeout(3_000)
    const since = Date.now()
    // Found now: of the database's processes some end by themselves while one waits.
    const pids = PARTS[part]().filter((pid) => signal(pid, 'SIGSTOP'))
    assert.ok(pids.length > 0)
    try {
      await panel.getByText(m('upload_sky_away')).waitFor({ timeout: AWAY })
    } finally {
      await page.waitForTimeout(Math.max(0, since + AWAY - Date.now()))
      for (const pid of pids) signal(pid, 'SIGCONT')
    }
    await line(-1)
    await panel.getByText(m('upload_receipt_seen_by')).waitFor({ timeout: 120_000 })
    await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
    // Live, without a reload, though the news of it may have been missed meanwhile.
    await page.getByRole('link', { name }).first().waitFor()
    assert.equal(await page.getByRole('link', { name }).count(), 1)
  })
