/**
 * The store, then the database, hangs for a minute in the middle of a day: connections stay open and nothing answers.
 * Nothing is lost, nothing is there twice, what was typed stays, and whoever waits is told. Linux: parts are found by /proc.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import type { Document } from '../../functions/_shared/contract/document.ts'
import { launchBrowser, openBrowser } from '../e2e/support/browser.ts'
import { type Maker, startMaker } from '../e2e/support/maker.ts'
import { signInAs } from '../e2e/support/sign-in.ts'
import { words } from '../e2e/support/words.ts'
import { processesOf } from '../support/processes.ts'
import { type Stack, startStack } from '../support/stack.ts'

const corpus = process.env.PORTICO_CORPUS ?? '../shared/corpus'
const AWAY = 60_000
/** What a call takes at most until its caller is told; the gateway gives up after a minute. */
const TOLD = 90_000
const m = words('de')

let stack: Stack
let browser: Browser
let maker: Maker
let contract: Document
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  maker = await startMaker(stack)
  contract = await maker.send('tracemonkey.pdf', 'Vertrag.pdf')
})
after(async () => {
  await browser?.close()
  await stack?.stop()
})

/** Everything of one kind stands still until it is told to go on. */
function hang(fits: (line: string) => boolean): () => void {
  const found = processesOf(fits, stack.process.pid)
  assert.ok(found.length > 0, 'the part was found')
  for (const pid of found) process.kill(pid, 'SIGSTOP')
  return () => {
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGCONT')
      } catch {
        // A connection's own process may have ended.
      }
    }
  }
}

const isStore = (line: string) => /\bminio\b.*\bserver\b/.test(line)
const isDatabase = (line: string) => /postgres/.test(line) && !/\.ts|\.mjs/.test(line)

async function openProject(page: Page): Promise<void> {
  await page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .click()
  await page.waitForURL('**/projects/**')
  await page.getByText('Vertrag.pdf').first().waitFor()
}

async function namesInProject(): Promise<string[]> {
  const { items } = await maker.client.call<{ items: Document[] }>(
    'GET',
    `/documents/folders/${maker.project.id}/documents?limit=200`
  )
  return items.map((one) => one.name)
}

test('the store is silent for a minute: a file on its way arrives once, a visitor reads on', async () => {
  const client = await openBrowser(browser, stack.origin)
  await signInAs(client.page, stack.person('Petra'))
  await openProject(client.page)
  const link = await maker.share({ thing_ids: [contract.id] })
  const visitor = await openBrowser(browser, stack.origin, { width: 360 })
  await visitor.page.goto(link.url)
  await visitor.page.getByLabel(m('visit_name')).fill('Berta Bank')
  await visitor.page.getByRole('button', { name: m('visit_open') }).click()

  const goOn = hang(isStore)
  try {
    await client.page.locator('input[type=file]').first().setInputFiles(join(corpus, 'pdf/freeculture.pdf'))
    const panel = client.page.getByRole('region', { name: m('upload_panel') })
    await panel.getByText('freeculture.pdf').first().waitFor()
    await visitor.page.getByRole('button', { name: /Vertrag\.pdf/ }).click()
    await wait(AWAY)
    assert.equal(
      await panel.getByText(m('upload_receipt_seen_by')).count(),
      0,
      'no receipt without the store'
    )
  } finally {
    goOn()
  }
  const panel = client.page.getByRole('region', { name: m('upload_panel') })
  await panel.getByText(m('upload_receipt_seen_by')).waitFor({ timeout: 180_000 })
  const again = visitor.page.getByRole('button', { name: m('act_try_again') }).first()
  if (await again.isVisible()) await again.click()
  await visitor.page.waitForFunction(() => {
    const image = document.querySelector<HTMLImageElement>('[data-no="1"] img')
    return image !== null && image.complete && image.naturalWidth > 300
  })
  assert.equal((await namesInProject()).filter((name) => name.startsWith('freeculture')).length, 1)
  await client.close()
  await visitor.close()
})

test('the database is silent for a minute: who writes is told, the words stay, and are there once', async () => {
  const firm = await openBrowser(browser, stack.origin)
  await signInAs(firm.page, stack.person('Jonas'))
  await firm.page.goto(`/documents/${contract.id}`)
  const field = firm.page.getByLabel(m('comments_label')).first()
  // A press that comes before the page's scripts is lost: a person presses again.
  while (!(await field.isVisible())) {
    await firm.page
      .getByRole('button', { name: m('viewer_details') })
      .first()
      .click()
    await field.waitFor({ timeout: 3_000 }).catch(() => undefined)
  }
  await field.fill('Bitte bis Freitag unterschreiben.')

  const goOn = hang(isDatabase)
  try {
    await firm.page.getByRole('button', { name: m('comments_send') }).click()
    await wait(AWAY)
  } finally {
    goOn()
  }
  // Either it was written when the database went on, or it is said and a second press writes it.
  for (const deadline = Date.now() + TOLD; Date.now() < deadline; await wait(500)) {
    if ((await field.inputValue()) === '') break
    const button = firm.page.getByRole('button', { name: m('comments_send') })
    if (await button.isEnabled()) await button.click()
  }
  assert.equal(await field.inputValue(), '')
  const found = await maker.client.call<{ items: { text: string }[] }>(
    'GET',
    `/documents/documents/${contract.id}/comments`
  )
  assert.deepEqual(
    found.items.map((one) => one.text),
    ['Bitte bis Freitag unterschreiben.']
  )
  await firm.close()
})
