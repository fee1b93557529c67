/** A session ends when its person has been away, however much happens meanwhile on the page that was left open. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import type { Browser } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { ownerOf } from './support/owner.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
/** A page counts what it asks so long after an act to that act (web/src/lib/passive.ts), and a little more. */
const STILL_MS = 10_500

let stack: Stack
let browser: Browser
let db: pg.Pool
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  db = ownerOf(stack)
})
after(async () => {
  await db?.end()
  await browser?.close()
  await stack?.stop()
})

test('news keep no session alive, a press does, and when the idle end has passed news lead to the door', async () => {
  const jonas = stack.person('Jonas')
  const { page, close } = await openBrowser(browser, stack.origin)
  await enterAs(page.context(), stack.origin, jonas)
  await page.goto('/')
  // The moment from which its scripts run may come seconds after its address: until then it is still being loaded, an act.
  const listens = page.waitForResponse(/\/events\?topic=project/)
  await page.locator('main a[href^="/projects/"]').filter({ visible: true }).first().click()
  await page.waitForURL('**/projects/**')
  await listens
  const project = new URL(page.url()).pathname.split('/')[2] ?? ''

  const leftFor = (time: string) =>
    db.query(
      `update session set last_used_at = now() - $2::interval
        where person_id = (select id from person where email = $1)`,
      [jonas.email, time]
    )
  const idleFor = async () =>
    (
      await db.query<{ seconds: number }>(
        `select min(extract(epoch from now() - s.last_used_at))::int as seconds
           from session s join person p on p.id = s.person_id where p.email = $1`,
        [jonas.email]
      )
    ).rows[0]?.seconds ?? 0
  const news = () => db.query('select announce($1)', [`project:${project}`])

  await wait(STILL_MS)
  await leftFor('1 hour')
  const asked = page.waitForResponse(/__data\.json/)
  await news()
  assert.equal((await asked).status(), 200)
  assert.ok((await idleFor()) >= 3_600)

  await page.getByRole('link', { name: m('project_tab_activity') }).click()
  await page.waitForURL('**/activity')
  assert.ok((await idleFor()) < 60)

  await wait(STILL_MS)
  await leftFor('7 hours 59 minutes 58 seconds')
  await news()
  await wait(2_500)
  await news()
  await page.waitForURL('**/sign-in**')
  await close()
})
