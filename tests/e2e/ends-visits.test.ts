/** Visits of links: several in one browser, each with its own end, and the ways back in. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { type Maker, startMaker } from './support/maker.ts'
import { ownerOf } from './support/owner.ts'
import { words } from './support/words.ts'

const m = words('de')

let stack: Stack
let browser: Browser
let maker: Maker
let owner: pg.Pool
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  maker = await startMaker(stack)
  owner = ownerOf(stack)
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

async function enter(page: Page): Promise<void> {
  await page.getByLabel(m('visit_name')).fill('Berta Bank')
  await page.getByRole('button', { name: m('visit_open') }).click()
  await page.getByRole('heading', { name: m('visit_documents') }).waitFor()
}

const end = (link_id: string) =>
  owner.query('update visit set expires_at = now() where link_id = $1', [link_id])

test('two links in one browser: neither ends the other’s visit, and the end of one leaves the other open', async () => {
  const papers = [
    await maker.send('basicapi.pdf', 'Bilanz.pdf'),
    await maker.send('rotation.pdf', 'Vertrag.pdf')
  ]
  const links = await Promise.all(papers.map((paper) => maker.share({ thing_ids: [paper.id] })))
  const [one, two] = links
  assert.ok(one && two)
  const bank = await openBrowser(browser, stack.origin, { width: 360 })
  const other = await bank.context.newPage()
  await bank.page.goto(one.url)
  await enter(bank.page)
  await other.goto(two.url)
  await enter(other)
  await bank.page.reload()
  await bank.page.getByRole('button', { name: /Bilanz\.pdf/ }).click()
  await bank.page.waitForFunction(() => {
    const image = document.querySelector<HTMLImageElement>('main img')
    return image !== null && image.complete && image.naturalWidth > 300
  })
  await maker.client.call('POST', `/sharing/links/${two.id}/revoke`)
  await other.getByText(m('visit_ended_revoked')).waitFor({ timeout: 20_000 })
  await bank.page.reload()
  await bank.page.getByRole('button', { name: /Bilanz\.pdf/ }).waitFor()
  assert.deepEqual(bank.faults, [])
  await bank.close()
})

test('a visit that is over says so, also after a reload, and is opened again by a press or by the pasted link', async () => {
  const paper = await maker.send('basicapi.pdf', 'Anlage.pdf')
  const link = await maker.share({ thing_ids: [paper.id] })
  const { page, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  await page.goto(link.url)
  await enter(page)
  await end(link.id)
  await page.getByText(m('visit_ended_over')).waitFor({ timeout: 20_000 })
  await look(page, 'visit-over-360')
  await page.getByRole('button', { name: m('visit_open_again') }).click()
  await enter(page)

  await end(link.id)
  await page.reload()
  await page.getByText(m('visit_ended_over')).waitFor()
  assert.equal(await page.getByText(m('visit_cut')).count(), 0)
  await page.getByLabel(m('visit_paste')).fill('https://anderswo.example/l/1#2')
  await page.getByRole('button', { name: m('visit_paste_act') }).click()
  await page.getByText(m('visit_paste_wrong')).waitFor()
  await look(page, 'visit-over-reloaded-360')
  await page.getByLabel(m('visit_paste')).fill(`Guten Tag,\n${link.url}\n`)
  await page.getByRole('button', { name: m('visit_paste_act') }).click()
  await enter(page)
  await page.getByText('Anlage.pdf').waitFor()

  await maker.client.call('POST', `/sharing/links/${link.id}/revoke`)
  await page.reload()
  await page.getByText(m('visit_ended_revoked')).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('a link whose # became %23 on its way opens, one that was cut off says so and takes the whole one', async () => {
  const paper = await maker.send('basicapi.pdf', 'Zusage.pdf')
  const link = await maker.share({ thing_ids: [paper.id] })
  const { page, faults, close } = await openBrowser(browser, stack.origin, { dark: true })
  await page.goto(link.url.replace('#', '%23'))
  await page.getByText('Zusage.pdf').waitFor()
  assert.equal(page.url(), link.url)
  await page.goto('about:blank')
  await page.goto(link.url.slice(0, -3))
  await page.getByText(m('visit_cut')).waitFor()
  await look(page, 'visit-cut-1280')
  await page.getByLabel(m('visit_paste')).fill(link.url)
  await page.getByRole('button', { name: m('visit_paste_act') }).click()
  await page.getByText('Zusage.pdf').waitFor()
  await enter(page)
  assert.deepEqual(faults, [])
  await close()
})
