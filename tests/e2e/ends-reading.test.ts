/** Somebody signed in reads, and what they read is moved away, taken from them, or found infected meanwhile. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import type { Document } from '../../functions/_shared/contract/document.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { type PersonsBrowser, launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { type Maker, startMaker } from './support/maker.ts'
import { ownerOf } from './support/owner.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')

let stack: Stack
let browser: Browser
let maker: Maker
let owner: pg.Pool
let tobias: string
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  maker = await startMaker(stack)
  owner = ownerOf(stack)
  const { email } = stack.person('Tobias')
  tobias =
    (await owner.query<{ id: string }>('select id from person where email = $1', [email])).rows[0]?.id ?? ''
})
after(async () => {
  await owner?.end()
  await browser?.close()
  await stack?.stop()
})

async function look(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

type Reader = PersonsBrowser & { answers: Map<number, number> }

/** Tobias with a document before him. `deaf`: no news reach his page, so that only the next page can tell. */
async function reads(document: Document, deaf: boolean, width = 1280): Promise<Reader> {
  const reader = await openBrowser(browser, stack.origin, { width })
  await enterAs(reader.context, stack.origin, stack.person('Tobias'))
  if (deaf) await reader.context.route('**/events*', (route) => route.abort())
  const answers = new Map<number, number>()
  reader.page.on('response', (response) => {
    const no = /\/pages\/(\d+)\/image\?(?!.*thumbnail)/.exec(response.url())?.[1]
    if (no) answers.set(Number(no), response.status())
  })
  await reader.page.goto(`/documents/${document.id}`)
  await reader.page.waitForFunction(() => {
    const image = globalThis.document.querySelector<HTMLImageElement>('[data-no="1"] img')
    return image !== null && image.complete && image.naturalWidth > 300
  })
  assert.ok((answers.get(1) ?? 0) < 400)
  return { ...reader, answers }
}

/** Goes to a page whose image is not there yet. */
const readOn = (page: Page) => page.locator('[data-no="9"]').scrollIntoViewIfNeeded()

/** The way there leads past other pages: whichever is asked for first is refused. */
const refusals = (answers: Map<number, number>) => [
  ...new Set([...answers.values()].filter((status) => status >= 400))
]

async function isGone({ page, answers }: Reader, name: string): Promise<void> {
  await readOn(page)
  await page.getByRole('heading', { name: m('viewer_gone_title') }).waitFor()
  assert.deepEqual(refusals(answers), [404])
  assert.equal(await page.locator('[data-no] img').count(), 0, 'what was shown is taken away')
  await look(page, name)
}

/** A folder that only those see who are named on it. */
async function closedFolder(name: string): Promise<string> {
  const folder = await maker.client.call<{ id: string }>('POST', '/documents/folders', {
    parent_id: maker.project.id,
    name
  })
  await maker.client.call('PATCH', `/admin/things/${folder.id}/access`, { inherits: false, confirm: true })
  return folder.id
}

test('moved to where they may not see it: the next page is refused, and the page says that it is gone', async () => {
  const paper = await maker.send('tracemonkey.pdf', 'Verschoben.pdf')
  const inner = await closedFolder('Nur Kanzlei')
  const reader = await reads(paper, true, 360)
  await maker.client.call('POST', '/documents/things/move', { things: [paper.id], folder_id: inner })
  await isGone(reader, 'reading-gone-360')
  await reader.close()
})

test('the grant is taken while they read: the next page is refused, and the page says that it is gone', async () => {
  const paper = await maker.send('tracemonkey.pdf', 'Entzogen.pdf')
  const inner = await closedFolder('Mit Tobias')
  await maker.client.call('POST', '/documents/things/move', { things: [paper.id], folder_id: inner })
  const grant = await maker.client.call<{ id: string }>('POST', '/admin/grants', {
    thing_id: paper.id,
    principal_kind: 'person',
    principal_id: tobias,
    level: 'view'
  })
  const reader = await reads(paper, true)
  await maker.client.call('DELETE', `/admin/grants/${grant.id}`)
  await isGone(reader, 'reading-gone-1280')
  await reader.close()
})

test('found infected while they read: the next page is refused, and the page says why', async () => {
  const paper = await maker.send('tracemonkey.pdf', 'Befallen.pdf')
  const reader = await reads(paper, true)
  // What a second check would write: no door starts one.
  await owner.query(`update version set state = 'held', scan_result = 'infected' where id = $1`, [
    paper.version.id
  ])
  await readOn(reader.page)
  await reader.page.getByText(m('viewer_held_infected')).waitFor()
  assert.deepEqual(refusals(reader.answers), [409])
  assert.equal(await reader.page.locator('[data-no] img').count(), 0)
  await look(reader.page, 'reading-infected-1280')
  await reader.close()
})

test('whose page hears the news is told without reading on', async () => {
  const paper = await maker.send('tracemonkey.pdf', 'Live.pdf')
  const reader = await reads(paper, false)
  await maker.client.call('POST', '/documents/things/trash', { things: [paper.id] })
  await reader.page.getByRole('heading', { name: m('viewer_gone_title') }).waitFor()
  assert.equal(await reader.page.locator('[data-no] img').count(), 0)
  assert.deepEqual(reader.faults, [])
  await reader.close()
})
