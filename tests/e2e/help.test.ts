/** First steps of somebody new, help beside each page, and the keyboard's ways. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const shots = process.env.PORTICO_SHOTS
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

/** Fits, reads well, and, when asked for, is kept as a picture. */
async function looksRight(page: Page, name: string): Promise<void> {
  assert.equal(await sidewaysScroll(page), 0, name)
  assert.deepEqual(await axeFindings(page), [], name)
  if (shots) await takePicture(page, shots, name)
}

test('a new client reads, skips, chooses, and can call the first steps again', async () => {
  const { page, context, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  await enterAs(context, stack.origin, stack.person('Tobias'))
  const title = page.getByRole('heading', { name: m('first_steps_title'), exact: true })
  const step = (key: string) => page.getByRole('listitem').filter({ hasText: m(`first_step_${key}`) })

  await page.goto('/')
  await title.waitFor()
  await looksRight(page, 'first-steps-360')
  await page.getByRole('link', { name: m('first_step_read') }).click()
  await page.waitForURL('**/projects/**')
  await page.goto('/')
  await page.getByRole('link', { name: 'Lohnjournal Oktober.pdf' }).click()
  await page.waitForURL('**/documents/**')
  await page.locator('main img').first().waitFor()
  await page.goto('/')
  await step('read').getByText(m('first_step_is_done')).waitFor()
  assert.equal(await page.getByRole('link', { name: m('first_step_read') }).count(), 0)

  await step('send').getByRole('button').click()
  await step('send').getByText(m('first_step_skipped')).waitFor()
  await page.getByRole('link', { name: m('first_step_notices') }).click()
  await page.waitForURL('**/account/notices')
  await page.getByRole('button', { name: m('act_save') }).click()
  await page.getByText(m('saved')).first().waitFor()
  await page.goto('/')
  await page.getByRole('heading', { level: 1 }).waitFor()
  assert.equal(await title.count(), 0, 'nothing is left to do')

  await page.goto('/help')
  await page.getByRole('button', { name: m('first_steps_again') }).click()
  await title.waitFor()
  await step('send').getByRole('button').waitFor()
  await page.getByRole('button', { name: m('first_steps_skip_all') }).click()
  await title.waitFor({ state: 'detached' })
  assert.deepEqual(faults, [])
  await close()
})

test('first steps need no script, and show well in the dark and wide', async () => {
  const looks = { dark: true, scripts: false }
  const { page, context, close } = await openBrowser(browser, stack.origin, looks)
  await enterAs(context, stack.origin, stack.person('Karl'))
  await page.goto('/')
  const names = words('en')
  const steps = page.getByRole('listitem').filter({ has: page.getByRole('button') })
  assert.equal(await steps.count(), 3)
  if (shots) await takePicture(page, shots, 'first-steps-1280-dark')
  await steps
    .filter({ hasText: names('first_step_send') })
    .getByRole('button')
    .click()
  await page.getByText(names('first_step_skipped')).waitFor()
  await close()
})

test('every page of the portal leads to its own help, and each help page stands up', async () => {
  const { page, context, faults, close } = await openBrowser(browser, stack.origin)
  await enterAs(context, stack.origin, stack.person('Jonas'))
  await page.goto('/')
  const project = await page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .getAttribute('href')
  const places = [
    ['/', '/help'],
    [`${project}`, '/help/send'],
    [`${project}/people`, '/help/give-access'],
    [`${project}/activity`, '/help/who-can-see'],
    ['/search', '/help/search'],
    ['/inbox', '/help/notices'],
    ['/people', '/help/invite'],
    ['/account', '/help/sign-in'],
    ['/account/keys', '/help/api']
  ] as const
  for (const [from, to] of places) {
    await page.goto(from)
    await page
      .locator('header')
      .getByRole('link', { name: m('help_title') })
      .click()
    await page.waitForURL(`**${to}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await looksRight(page, `help${to.slice(5).replace('/', '-')}-1280`)
    for (const picture of await page.locator('article img').all()) {
      await picture.scrollIntoViewIfNeeded()
      assert.ok(
        await picture.evaluate((image: HTMLImageElement) =>
          image.decode().then(() => image.naturalWidth > 0)
        ),
        to
      )
    }
  }
  assert.deepEqual(faults, [])
  await close()
})

test('on a phone in the dark, the menu leads to help', async () => {
  const { page, context, faults, close } = await openBrowser(browser, stack.origin, {
    width: 360,
    dark: true
  })
  await enterAs(context, stack.origin, stack.person('Petra'))
  await page.goto('/search')
  await page.locator('summary').click()
  await page
    .getByRole('link', { name: m('help_title') })
    .filter({ visible: true })
    .click()
  await page.waitForURL('**/help/search')
  await looksRight(page, 'help-search-360-dark')
  await page.getByRole('link', { name: m('help_all') }).click()
  await page.waitForURL('**/help')
  assert.equal(await page.getByRole('link', { name: 'Jemanden einladen' }).count(), 0)
  await looksRight(page, 'help-360-dark')
  await page.goto('/help/nothing')
  await page.getByRole('heading', { name: m('error_not_found_title') }).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('who is not signed in gets help with the door, and for the rest is asked to sign in', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  await page.goto('/sign-in')
  await page.getByRole('link', { name: m('help_title'), exact: true }).click()
  await page.waitForURL('**/help/sign-in')
  await looksRight(page, 'help-sign-in-360')
  await page.getByRole('link', { name: 'Code aus Ihrer App' }).click()
  await page.waitForURL('**/help/second-factor')
  await page.goto('/help')
  await page.getByRole('link', { name: 'Einen Link öffnen' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Dokumente senden' }).count(), 0)
  await page.goto('/help/send')
  await page.waitForURL('**/sign-in?next=%2Fhelp%2Fsend')
  assert.deepEqual(faults, [])
  await close()
})

test('a question mark lists the keys of the page, Ctrl+K jumps to client, project and document', async () => {
  const { page, context, faults, close } = await openBrowser(browser, stack.origin)
  await enterAs(context, stack.origin, stack.person('Jonas'))
  await page.goto('/')
  await page.getByRole('heading', { level: 1 }).waitFor()
  const dialog = page.getByRole('dialog', { name: m('keyboard_title') })
  // The page stands before its scripts listen.
  for (let tries = 0; tries < 20 && !(await dialog.isVisible()); tries += 1) {
    await page.locator('#main').press('?')
    await page.waitForTimeout(250)
  }
  await dialog.getByText(m('keyboard_jump')).waitFor()
  await looksRight(page, 'keys-1280')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })

  await page.keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: m('jump_title') })
  await field.fill('bergmann')
  await page
    .getByRole('option', { name: m('home_client') })
    .first()
    .waitFor()
  await looksRight(page, 'jump-1280')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/?q=Bergmann*')
  assert.equal(
    await page.getByRole('searchbox', { name: m('home_search') }).inputValue(),
    'Bergmann Maschinenbau GmbH'
  )

  await page.keyboard.press('Control+k')
  await field.fill('lohnb')
  await page.getByRole('option', { name: 'Lohnbuchhaltung' }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/projects/**')
  await page.keyboard.press('Control+k')
  await field.fill('xylophonschule')
  await page.getByText(m('jump_none', { text: 'xylophonschule' })).waitFor()
  assert.deepEqual(faults, [])
  await close()
})
