/** Somebody is away: a colleague is named, works in their place, is seen to, and it ends; with and without scripts. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { choose } from './support/choose.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

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

async function isWell(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}
async function enter(name: string, looks: Parameters<typeof openBrowser>[2] = {}) {
  const window = await openBrowser(browser, stack.origin, looks)
  await enterAs(window.context, stack.origin, stack.person(name))
  return window
}

const PHONE = { width: 360, dark: true }
const PROJECT = 'Markenanmeldung NORD'
const nameOf = (person: string) => stack.person(person).name
const line = (page: Page, person: string) => page.getByText(`Sie vertreten ${nameOf(person)} bis`)
const projectLink = (page: Page) =>
  page.locator('main a[href^="/projects/"]', { hasText: PROJECT }).filter({ visible: true }).first()

test('Aylin names Jonas, who works in her place and is seen to; she ends it, and it is as before', async () => {
  const [jonas, aylin] = [await enter('Jonas', PHONE), await enter('Aylin', { width: 1280 })]
  await jonas.page.goto('/')
  await jonas.page.getByRole('heading', { name: m('nav_projects') }).waitFor()
  assert.equal(await projectLink(jonas.page).count(), 0)
  assert.equal(await line(jonas.page, 'Aylin').count(), 0)

  // What is wrong is said at its field, and what was typed stays.
  const { page } = aylin
  await page.goto('/account')
  await isWell(page, 'deputies-account-1280')
  await page.getByRole('link', { name: m('deputies_act') }).click()
  await page.getByText(m('deputies_mine_none')).waitFor()
  await isWell(page, 'deputies-none-1280')
  await page.getByLabel(m('access_form_until')).fill('2020-01-01T12:00')
  const name = page.getByRole('button', { name: m('deputies_act') })
  await name.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await page.getByText(m('problem_field_deputy')).first().waitFor()
  await isWell(page, 'deputies-wrong-1280')
  assert.equal(await page.getByLabel(m('access_form_until')).inputValue(), '2020-01-01T12:00')
  const who = page.getByLabel(m('deputies_who'), { exact: true })
  await who.selectOption({ label: nameOf('Jonas') })
  const jonasId = await who.inputValue()
  await name.click()
  await page.getByText(m('problem_field_past')).first().waitFor()
  assert.equal(await who.inputValue(), jonasId)
  await page.getByLabel(m('access_form_until')).fill('2099-01-01T12:00')
  await name.click()
  await page.getByText(m('problem_field_too_far')).first().waitFor()
  assert.equal(await who.inputValue(), jonasId, 'a second refusal takes no choice away')
  const until = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10)
  await page.getByLabel(m('access_form_until')).fill(`${until}T18:00`)
  await name.click()
  await page.getByText(m('deputies_state_now')).waitFor()
  await isWell(page, 'deputies-named-1280')

  // He is told at once, without asking; the zone stands by the time.
  await line(jonas.page, 'Aylin').waitFor()
  assert.match(await line(jonas.page, 'Aylin').innerText(), /18:00 ME(S)?Z/)
  await isWell(jonas.page, 'deputies-home-360-dark')
  await jonas.page.goto('/inbox')
  const told = { by: nameOf('Aylin'), deputy: nameOf('Jonas'), absent: nameOf('Aylin') }
  await jonas.page.getByText(m('deputies_told', told)).waitFor()
  await isWell(jonas.page, 'deputies-inbox-360-dark')
  await jonas.page.getByRole('button', { name: m('deputies_told_look') }).click()
  await jonas.page.waitForURL('**/account/deputies')
  await jonas.page.goto('/inbox')
  await jonas.page.getByRole('heading', { name: m('nav_inbox') }).waitFor()
  assert.equal(
    await jonas.page.getByText(m('deputies_told', told)).count(),
    0,
    'who looked at it has read it'
  )
  await jonas.page.goto('/people')
  await line(jonas.page, 'Aylin').waitFor()
  await isWell(jonas.page, 'deputies-people-360-dark')
  await jonas.page.goto('/account/deputies')
  await jonas.page.getByText(nameOf('Aylin')).first().waitFor()
  await isWell(jonas.page, 'deputies-page-360-dark')

  await jonas.page.goto('/')
  await projectLink(jonas.page).click()
  await jonas.page.waitForURL('**/projects/**')
  const address = new URL(jonas.page.url()).pathname
  await jonas.page.goto(`${address}/people`)
  await jonas.page
    .getByText(`in Vertretung von ${nameOf('Aylin')}`)
    .first()
    .waitFor()
  await isWell(jonas.page, 'deputies-who-360-dark')
  const id = address.split('/').at(-1)
  const made = await jonas.page.evaluate(async (project) => {
    const body = JSON.stringify({ parent_id: project, name: 'Fristen' })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch('/api/v1/documents/folders', { method: 'POST', headers, body })
    return answer.status
  }, id)
  assert.equal(made, 201)

  // A link of hers is among those that he can end.
  const shared = await page.evaluate(async (project) => {
    const tree = await (await fetch(`/api/v1/documents/projects/${project}`)).json()
    const body = JSON.stringify({ thing_ids: [tree.folders[0].id], recipient: 'Patentamt München' })
    const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
    const answer = await fetch('/api/v1/sharing/links', { method: 'POST', headers, body })
    return answer.status
  }, id)
  assert.equal(shared, 201)
  await jonas.page.goto('/account/deputies')
  await jonas.page.getByRole('link', { name: m('links_mine') }).click()
  await jonas.page.getByRole('heading', { level: 2, name: PROJECT }).waitFor()
  await isWell(jonas.page, 'deputies-links-360-dark')
  await jonas.page.getByRole('button', { name: m('links_revoke_of', { name: 'Patentamt München' }) }).click()
  const dialog = jonas.page.getByRole('dialog')
  await dialog.getByRole('button', { name: m('links_revoke'), exact: true }).click()
  await jonas.page.getByText(m('links_state_revoked'), { exact: true }).waitFor()

  await page.goto(`${address}/activity`)
  await page
    .getByText(m('activity_deputy_of', { name: nameOf('Aylin') }))
    .first()
    .waitFor()
  await isWell(page, 'deputies-activity-1280')
  await page.goto(`${address}/people`)
  await page.getByRole('link', { name: m('simulation_title') }).click()
  await choose(page, m('simulation_who'), nameOf('Jonas'))
  await page.getByRole('button', { name: m('simulation_ask') }).click()
  await page.getByText(m('simulation_in_place_of', { name: nameOf('Aylin') })).waitFor()
  await isWell(page, 'deputies-simulator-1280')

  await page.goto('/account/deputies')
  await page.getByRole('button', { name: m('deputies_end_deputy', { name: nameOf('Jonas') }) }).click()
  await page.getByText(m('deputies_mine_none')).waitFor()
  assert.equal((await jonas.page.goto(address))?.status(), 404)
  await jonas.page.goto('/')
  await jonas.page.getByRole('heading', { name: m('nav_projects') }).waitFor()
  assert.equal(await line(jonas.page, 'Aylin').count(), 0)
  for (const one of [jonas, aylin]) {
    assert.deepEqual(one.faults, [])
    await one.close()
  }
})

test('an administrator names one for somebody who is away already, without scripts; the deputy ends it', async () => {
  const ingrid = await enter('Ingrid', { width: 360, scripts: false })
  const { page } = ingrid
  await page.goto('/people')
  await page.getByRole('link', { name: nameOf('Aylin') }).click()
  await page.getByText(m('deputies_new')).first().click()
  assert.equal(await page.getByRole('option', { name: nameOf('Ingrid') }).count(), 0)
  await page.getByLabel(m('deputies_who'), { exact: true }).selectOption({ label: nameOf('Jonas') })
  await page.getByRole('button', { name: m('deputies_act') }).click()
  const list = { name: m('deputies_mine_of', { name: nameOf('Aylin') }) }
  await page.getByRole('heading', list).waitFor()
  assert.equal(await sidewaysScroll(page), 0)
  if (process.env.PORTICO_PICTURES)
    await takePicture(page, process.env.PORTICO_PICTURES, 'deputies-person-360-plain')

  const jonas = await enter('Jonas', { width: 1280, dark: true })
  await jonas.page.goto('/account/deputies')
  await jonas.page.getByText(m('deputies_named_by', { name: nameOf('Ingrid') })).waitFor()
  await isWell(jonas.page, 'deputies-page-1280-dark')
  await jonas.page.getByRole('button', { name: m('deputies_end_absent', { name: nameOf('Aylin') }) }).click()
  await jonas.page.getByText(m('deputies_absent_none')).waitFor()
  const admin = await enter('Ingrid', { width: 1280 })
  const people = new URL(page.url()).pathname
  await admin.page.goto(people)
  await admin.page.getByText(m('deputies_new')).first().click()
  await isWell(admin.page, 'deputies-person-1280')
  assert.equal(await admin.page.getByRole('heading', list).count(), 0)

  // Clients have no such place.
  const petra = await enter('Petra', { width: 360 })
  assert.equal((await petra.page.goto('/account/deputies'))?.status(), 404)
  for (const one of [ingrid, jonas, admin, petra]) await one.close()
  assert.deepEqual([...jonas.faults, ...admin.faults], [])
})
