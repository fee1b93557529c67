/** The main job, in a real browser against the whole portal: send, see it arrive, read, and who saw it. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { enterAs, signInAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const corpus = process.env.PORTICO_CORPUS ?? '../shared/corpus'
const paper = join(corpus, 'pdf/tracemonkey.pdf')
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

test('a client sends a file, gets a receipt, and the firm reads page one without reloading', async () => {
  const client = await openBrowser(browser, stack.origin)
  const firm = await openBrowser(browser, stack.origin)
  await signInAs(client.page, stack.person('Petra'))
  await enterAs(firm.context, stack.origin, stack.person('Jonas'))
  await firm.page.goto('/')
  for (const { page } of [client, firm]) {
    await page
      .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
      .filter({ visible: true })
      .first()
      .click()
    await page.waitForURL('**/projects/**')
    await page.getByText('Belege').first().waitFor()
  }

  await client.page.locator('input[type=file]').first().setInputFiles(paper)
  const panel = client.page.getByRole('region', { name: m('upload_panel') })
  await panel.getByText('tracemonkey.pdf').first().waitFor()
  await panel.getByText(m('upload_receipt_seen_by')).waitFor()
  assert.match(await panel.innerText(), /Jonas Weber/, 'the receipt names who can see it')

  await firm.page.getByText('tracemonkey.pdf').first().waitFor({ timeout: 15_000 })
  await client.page.getByRole('button', { name: m('upload_receipt_ok') }).click()
  await firm.page.getByText(m('document_state_ready')).first().waitFor({ timeout: 20_000 })

  await firm.page
    .getByRole('link', { name: /tracemonkey/ })
    .first()
    .click()
  await firm.page.waitForURL('**/documents/**')
  await firm.page.waitForFunction(() => {
    const image = document.querySelector<HTMLImageElement>('main img')
    return image !== null && image.complete && image.naturalWidth > 1_000
  })
  assert.deepEqual(client.faults, [])
  assert.deepEqual(firm.faults, [])
  await client.close()
  await firm.close()
})

test('what is downloaded is byte for byte what was sent', async () => {
  const firm = await openBrowser(browser, stack.origin)
  await signInAs(firm.page, stack.person('Jonas'))
  await firm.page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .click()
  await firm.page
    .getByRole('link', { name: /tracemonkey/ })
    .first()
    .click()
  await firm.page.waitForURL('**/documents/**')
  const [download] = await Promise.all([
    firm.page.waitForEvent('download'),
    firm.page
      .getByRole('link', { name: m('document_download') })
      .first()
      .click()
  ])
  assert.equal(download.suggestedFilename(), 'tracemonkey.pdf')
  const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
  assert.equal(sha256(await download.path()), sha256(paper))
  await firm.close()
})

test('another client neither finds the project in the list nor behind its address', async () => {
  const owner = await openBrowser(browser, stack.origin)
  await enterAs(owner.context, stack.origin, stack.person('Tobias'))
  await owner.page.goto('/')
  await owner.page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .click()
  await owner.page.waitForURL('**/projects/**')
  const address = owner.page.url()
  await owner.close()
  const stranger = await openBrowser(browser, stack.origin, { locale: 'sv' })
  await enterAs(stranger.context, stack.origin, stack.person('Elin'))
  await stranger.page.goto('/')
  assert.equal(await stranger.page.getByText('Jahresabschluss').count(), 0)
  const answer = await stranger.page.goto(address)
  assert.equal(answer?.status(), 404)
  await stranger.close()
})
