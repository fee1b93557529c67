/**
 * A link as its reader meets it: the first page in a cold browser, and 200 visitors in one document on this machine.
 *
 * The first: from the address to the page drawn, in a browser context without cache, with the presses as soon as they can
 * be made. The second: visits were opened before; each asks for a page with its own mark burned in, once within ten seconds
 * (20 a second, which is 200 people who read a page for ten), and once all in the same instant.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { launchBrowser, openBrowser } from '../e2e/support/browser.ts'
import { type Maker, startMaker } from '../e2e/support/maker.ts'
import { words } from '../e2e/support/words.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { type Row, ms, percentile, printRows } from './row.ts'

const COLD_VISITS = 20
const VISITORS = 200
const ARRIVE_MS = 10_000
const m = words('de')

async function openCold(browser: Browser, origin: string, url: string): Promise<number> {
  const { page, close } = await openBrowser(browser, origin, { width: 360 })
  const started = performance.now()
  await page.goto(url)
  await page.getByLabel(m('visit_name')).fill('Berta Bank')
  await page.getByRole('button', { name: m('visit_open') }).click()
  await page.getByRole('button', { name: /Vertrag\.pdf/ }).click()
  await page.waitForFunction(() => {
    const image = document.querySelector<HTMLImageElement>('[data-no="1"] img')
    return image !== null && image.complete && image.naturalWidth > 300
  })
  const time = performance.now() - started
  await close()
  return time
}

/** The cookie of a visit that was opened at the API. */
async function openVisit(origin: string, link: { id: string; url: string }, name: string): Promise<string> {
  const answer = await fetch(`${origin}/api/v1/sharing/links/${link.id}/open`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ secret: new URL(link.url).hash.slice(1), name, password: null })
  })
  const cookie = answer.headers.get('set-cookie')?.split(';')[0]
  if (!cookie) throw new Error(`a visit was not opened: ${answer.status}`)
  return cookie
}

async function readOnce(address: string, cookie: string): Promise<number> {
  const started = performance.now()
  const answer = await fetch(address, { headers: { cookie } })
  const bytes = await answer.arrayBuffer()
  if (answer.status !== 200 || bytes.byteLength < 10_000) throw new Error(`no page: ${answer.status}`)
  return performance.now() - started
}

async function readTogether(stack: Stack, maker: Maker, document: string): Promise<Row[]> {
  const link = await maker.share({ thing_ids: [document] })
  const cookies: string[] = []
  for (let no = 0; no < VISITORS; no += 1) cookies.push(await openVisit(stack.origin, link, `Visitor ${no}`))
  const address = (no: number) =>
    `${stack.origin}/api/v1/sharing/visits/${link.id}/documents/${document}/pages/${no}/image`
  const spread = await Promise.all(
    cookies.map(async (cookie, no) => {
      await wait((no * ARRIVE_MS) / VISITORS)
      return readOnce(address(1 + (no % 10)), cookie)
    })
  )
  const at_once = await Promise.all(cookies.map((cookie, no) => readOnce(address(1 + (no % 10)), cookie)))
  const figure = (times: number[]) => `p50 ${ms(percentile(times, 0.5))}, p95 ${ms(percentile(times, 0.95))}`
  return [
    {
      what: '200 visitors, each reading a page for 10 s: a page with their mark',
      figure: figure(spread),
      must: 'p95 ≤ 800 ms',
      aim: 'p95 ≤ 400 ms',
      holds: percentile(spread, 0.95) <= 800
    },
    {
      what: '200 visitors in the same instant: a page with their mark',
      figure: figure(at_once),
      must: 'all answered',
      aim: 'p95 ≤ 800 ms',
      holds: at_once.length === VISITORS
    }
  ]
}

export async function run(): Promise<Row[]> {
  const stack = await startStack()
  const browser = await launchBrowser()
  try {
    const maker = await startMaker(stack)
    const paper = await maker.send('tracemonkey.pdf', 'Vertrag.pdf')
    const link = await maker.share({ thing_ids: [paper.id] })
    const times: number[] = []
    for (let no = 0; no < COLD_VISITS + 2; no += 1) {
      const time = await openCold(browser, stack.origin, link.url)
      if (no >= 2) times.push(time)
    }
    const p95 = percentile(times, 0.95)
    return [
      {
        what: 'link opened cold → first page on screen',
        figure: `p50 ${ms(percentile(times, 0.5))}, p95 ${ms(p95)}`,
        must: 'p95 ≤ 1.5 s',
        aim: 'p95 ≤ 800 ms',
        holds: p95 <= 1_500
      },
      ...(await readTogether(stack, maker, paper.id))
    ]
  } finally {
    await browser.close()
    await stack.stop()
  }
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}
