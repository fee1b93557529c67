/** "What may this person do on Friday at 18:00, and why?": asked on a page, answered in sentences, kept in the address. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { choose } from './support/choose.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { type Maker, startMaker } from './support/maker.ts'
import { enterAs } from './support/sign-in.ts'
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

for (const [width, dark] of [
  [360, true],
  [1280, false]
] as const)
  test(`somebody’s access is asked and explained on ${width} px`, async () => {
    const { page, context, close } = await openBrowser(browser, stack.origin, { width, dark })
    await maker.enter(context)
    await page.goto(`/projects/${maker.project.id}/people`)
    await page.getByRole('link', { name: m('simulation_title') }).click()
    await page.waitForURL('**/access?thing=*')
    await choose(page, m('simulation_who'), 'Petra Bergmann')
    await page.getByLabel(m('simulation_at')).fill('2027-03-05T18:00')
    await page.getByRole('button', { name: m('simulation_ask') }).click()
    await page.getByText(/Petra Bergmann darf am .*2027, 18:00.*senden/).waitFor()
    await page.getByText(/Erlaubt, über Bergmann/).waitFor()
    assert.match(page.url(), /at=2027-03-05T18/, 'the question is in the address')
    if (process.env.PORTICO_PICTURES)
      await takePicture(page, process.env.PORTICO_PICTURES, `simulator-${width}`)
    assert.deepEqual(await axeFindings(page), [])
    assert.equal(await sidewaysScroll(page), 0)
    await close()
  })

test('also of somebody who sees nothing here yet, and by whoever manages no more than a folder', async () => {
  const folder = await maker.client.call<{ id: string }>('POST', '/documents/folders', {
    parent_id: maker.project.id,
    name: 'Gutachten'
  })
  const { items } = await maker.client.call<{ items: { id: string; name: string }[] }>(
    'GET',
    '/admin/people?q=aylin'
  )
  const aylin = items[0]
  assert.ok(aylin)
  await maker.client.call('POST', '/admin/grants', {
    thing_id: folder.id,
    principal_kind: 'person',
    principal_id: aylin.id,
    level: 'manage'
  })
  const { page, context, faults, close } = await openBrowser(browser, stack.origin)
  await enterAs(context, stack.origin, stack.person('Aylin'))
  await page.goto(`/projects/${maker.project.id}/people?thing=${folder.id}`)
  await page.getByRole('link', { name: m('simulation_title') }).click()
  await page.getByRole('button', { name: m('simulation_ask') }).click()
  await page.getByText(m('choice_placeholder')).first().waitFor()
  await choose(page, m('simulation_who'), 'Elin')
  await page.getByRole('button', { name: m('simulation_ask') }).click()
  await page.getByText(m('simulation_nothing')).waitFor()
  assert.deepEqual(await axeFindings(page), [])
  assert.deepEqual(faults, [])
  await close()
})
