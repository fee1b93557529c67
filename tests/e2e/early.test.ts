/** The moments between a page and its scripts, and between its content and its news: nothing that happens in them is lost. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, BrowserContext } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { type Maker, startMaker } from './support/maker.ts'
import { words } from './support/words.ts'

const m = words('de')

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

/** As on a slow line: scripts come when the returned function is called. */
async function holdScripts(context: BrowserContext): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  await context.route('**/_app/immutable/**/*.js', async (route) => {
    await promise
    await route.continue()
  })
  return resolve
}

test('what is pressed before the page’s scripts run is done once they do', async () => {
  await maker.send('basicapi.pdf', 'Vertrag.pdf')
  const { page, context, faults, close } = await openBrowser(browser, stack.origin)
  await maker.enter(context)
  const release = await holdScripts(context)
  await page.goto(`/projects/${maker.project.id}`, { waitUntil: 'commit' })
  const share = page.getByRole('button', { name: m('share_act'), exact: true })
  const details = page.getByRole('button', { name: m('project_details_of', { name: 'Vertrag.pdf' }) }).first()
  await details.click()
  await details.click()
  assert.equal(await share.count(), 0, 'without its scripts the page cannot do it')
  release()
  await share.waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('what is chosen, typed and sent before the page’s scripts run is sent by them', async () => {
  const { page, context, faults, close } = await openBrowser(browser, stack.origin)
  await maker.enter(context)
  const release = await holdScripts(context)
  await page.goto(`/projects/${maker.project.id}/access`, { waitUntil: 'commit' })
  await page
    .getByLabel(m('simulation_who'))
    .selectOption({ label: 'Petra Bergmann · Bergmann Maschinenbau GmbH' })
  await page.getByLabel(m('simulation_at')).fill('2027-03-05T18:00')
  const ask = page.getByRole('button', { name: m('simulation_ask') })
  await ask.click()
  await ask.click()
  const { href } = new URL(page.url())
  await wait(500)
  assert.equal(page.url(), href, 'it waits for its scripts')
  release()
  await page.getByText(/Petra Bergmann darf am .*2027, 18:00.*senden/).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('what is opened before the page’s scripts run stays open', async () => {
  const paper = await maker.send('basicapi.pdf', 'Auszug.pdf')
  await maker.share({ thing_ids: [paper.id] })
  const { page, context, faults, close } = await openBrowser(browser, stack.origin)
  await maker.enter(context)
  const release = await holdScripts(context)
  await page.goto(`/projects/${maker.project.id}/links`, { waitUntil: 'commit' })
  await page.getByText(m('links_visits'), { exact: true }).first().click()
  release()
  await page.getByText(m('links_no_visits')).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('a form is sent without the page’s scripts when they do not come', async () => {
  const { page, context, close } = await openBrowser(browser, stack.origin)
  await maker.enter(context)
  await context.route('**/_app/immutable/**/*.js', (route) => route.abort())
  await page.goto(`/projects/${maker.project.id}/access`)
  await page
    .getByLabel(m('simulation_who'))
    .selectOption({ label: 'Petra Bergmann · Bergmann Maschinenbau GmbH' })
  await page.getByRole('button', { name: m('simulation_ask') }).click()
  await page.waitForURL('**/access?*who=*')
  await page.getByText(/Petra Bergmann darf .*senden/).waitFor()
  await close()
})

test('files that are picked before the page’s scripts run are sent', async () => {
  const { page, context, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  await maker.enter(context)
  const release = await holdScripts(context)
  await page.goto(`/projects/${maker.project.id}`, { waitUntil: 'commit' })
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name: 'Früh.txt', mimeType: 'text/plain', buffer: Buffer.from('Vor den Skripten.') })
  release()
  await page.getByText(m('upload_receipt_seen_by')).waitFor({ timeout: 60_000 })
  assert.deepEqual(faults, [])
  await close()
})

test('what changes between a page’s content and its stream of news is shown', async () => {
  const paper = await maker.send('basicapi.pdf', 'Vorher.pdf')
  const { page, context, faults, close } = await openBrowser(browser, stack.origin)
  await maker.enter(context)
  const { promise, resolve } = Promise.withResolvers<void>()
  const asked = page.waitForRequest(/\/events\?topic=project/)
  await context.route('**/events?*', async (route) => {
    await promise
    await route.continue()
  })
  await page.goto(`/projects/${maker.project.id}`)
  await page.getByText('Vorher.pdf').first().waitFor()
  await asked
  await maker.client.call('PATCH', `/documents/things/${paper.id}`, { name: 'Nachher.pdf' })
  await wait(1_000) // told to all who listen by now
  resolve()
  await page.getByText('Nachher.pdf').first().waitFor({ timeout: 10_000 })
  assert.deepEqual(faults, [])
  await close()
})

test('a page without a framework keeps nothing back', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin)
  await page.goto('/sign-in')
  assert.equal(await page.evaluate(() => 'early' in window), false)
  await page.goto('/sign-in?next=/__sveltekit_')
  assert.equal(await page.evaluate(() => 'early' in window), false, 'whatever its address says')
  await page.goto('/imprint')
  assert.ok(await page.evaluate(() => 'early' in window))
  assert.deepEqual(faults, [])
  await close()
})
