/** Lists longer than a page: groups and links are all there, page after page, and found by words. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { choiceField, choose } from './support/choose.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { ownerOf } from './support/owner.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
const GROUP = 'Gruppe 0230 Vermögensnachfolge und Unternehmensbewertung'
/** The oldest, so it stands at the end. */
const RECIPIENT = 'Kreissparkasse Oberlausitz-Niederschlesien, Firmenkunden'

let stack: Stack
let browser: Browser
let project: string
before(async () => {
  stack = await startStack()
  const owner = ownerOf(stack)
  try {
    await owner.query(
      `insert into groups (name)
       select 'Gruppe ' || lpad(n::text, 4, '0') || case n when 230 then $1 else ' Steuern' end
         from generate_series(1, 230) n`,
      [GROUP.slice(11)]
    )
    const { rows } = await owner.query<{ id: string }>(
      `select n.id from access_grant g join node n on n.id = g.node_id join person p on p.id = g.person_id
        where n.kind = 'project' and g.level = 4 and p.email = $1 order by n.id limit 1`,
      [stack.person('Jonas').email]
    )
    project = rows[0]?.id ?? ''
    assert.ok(project)
    await owner.query(
      `with made as (
         insert into link (made_by, project_id, recipient, secret_hash, valid_until)
         select p.id, $1, case n when 1 then $3 else 'Amtsgericht ' || n end, sha256(n::text::bytea),
                now() + interval '9 days'
           from generate_series(1, 230) n, person p where p.email = $2 order by n
         returning id, made_by)
       insert into access_grant (link_id, node_id, level, given_by) select made.id, $1, 1, made.made_by from made`,
      [project, stack.person('Jonas').email, RECIPIENT]
    )
  } finally {
    await owner.end()
  }
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await stack?.stop()
})

async function enter(looks: Parameters<typeof openBrowser>[2]) {
  const window = await openBrowser(browser, stack.origin, looks)
  await enterAs(window.context, stack.origin, stack.person('Jonas'))
  return window
}

async function isWell(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

for (const looks of [{ width: 1280 }, { width: 360, dark: true }] as const)
  test(`groups beyond the first page at ${looks.width} px`, async () => {
    const { page, faults, close } = await enter(looks)
    await page.goto('/groups')
    const group = page.getByRole('link', { name: GROUP })
    assert.equal(await group.count(), 0)
    await page.getByRole('link', { name: m('project_more') }).click()
    await group.waitFor()
    await isWell(page, `groups-next-${looks.width}`)
    await page.getByRole('link', { name: m('access_first_page') }).click()
    await page.getByRole('link', { name: 'Gruppe 0001 Steuern' }).waitFor()
    await page.getByRole('searchbox', { name: m('groups_search') }).fill('unternehmens')
    await group.waitFor()
    assert.equal(await page.getByRole('link', { name: /^Gruppe \d/ }).count(), 1)
    await isWell(page, `groups-found-${looks.width}`)
    await page.getByRole('searchbox', { name: m('groups_search') }).fill('gibt es nicht')
    await page.getByText(m('home_search_none', { text: 'gibt es nicht' })).waitFor()
    assert.deepEqual(faults, [])
    await close()
  })

for (const looks of [{ width: 1280, dark: true }, { width: 360 }] as const)
  test(`links beyond the first page at ${looks.width} px, and what one of them opens`, async () => {
    const { page, faults, close } = await enter(looks)
    for (const place of ['/links', `/projects/${project}/links`]) {
      await page.goto(place)
      const link = page.getByRole('listitem').filter({ hasText: RECIPIENT })
      assert.equal(await link.count(), 0)
      await page.getByRole('link', { name: m('project_more') }).click()
      await link.waitFor()
      await page.goto(place)
      await page.getByRole('searchbox', { name: m('links_search') }).fill('oberlausitz KREIS')
      await link.waitFor()
      assert.equal(await page.getByRole('listitem').filter({ hasText: 'Amtsgericht' }).count(), 0)
      await isWell(page, `links-found-${looks.width}${place === '/links' ? '' : '-project'}`)
    }
    await page.getByRole('link', { name: m('links_simulate_of', { name: RECIPIENT }) }).click()
    await page.getByRole('heading', { name: m('simulation_why') }).waitFor()
    assert.equal(
      await choiceField(page, m('simulation_who')).inputValue(),
      `${RECIPIENT} · ${m('link_word')}`
    )
    // Another one is found by words, among the links of this project.
    await choose(page, m('simulation_who'), 'Amtsgericht 137')
    await page.getByRole('button', { name: m('simulation_ask') }).click()
    await page.getByText(/^Amtsgericht 137 darf am /).waitFor()
    await isWell(page, `links-check-${looks.width}`)
    assert.deepEqual(faults, [])
    await close()
  })
