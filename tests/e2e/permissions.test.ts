/** The permission screen by keyboard, in German, wide and on a phone: give, change, restrict, each shown before and undone. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import type { Grant, GrantPage } from '../../functions/_shared/contract/access.ts'
import type { Folder } from '../../functions/_shared/contract/document.ts'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { type Maker, startMaker } from './support/maker.ts'
import { words } from './support/words.ts'

const m = words('de')
/** More steps than any page has places for the focus before what one wants. */
const MOST_STEPS = 90

let stack: Stack
let browser: Browser
let maker: Maker
let aylin: ApiClient
before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  maker = await startMaker(stack)
  aylin = new ApiClient(stack.origin)
  await aylin.signIn(stack.person('Aylin'))
})
after(async () => {
  await browser?.close()
  await stack?.stop()
})

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await target.waitFor()
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement))
      return page.keyboard.press(key)
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never comes to ${target}`)
}

/** Reaches a choice and takes the option whose name begins so, as typing in it does. */
async function choose(page: Page, target: Locator, typed: string): Promise<void> {
  await press(page, target, 'Home')
  await page.keyboard.type(typed)
}

async function isWell(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

const grantsOf = (thing: string) => maker.client.call<GrantPage>('GET', `/admin/things/${thing}/grants`)

for (const [width, dark] of [
  [1280, false],
  [360, true]
] as const)
  test(`access is given, changed, restricted and taken by keyboard on ${width} px`, async () => {
    const { page, context, faults, close } = await openBrowser(browser, stack.origin, { width, dark })
    await maker.enter(context)
    const folder = await maker.client.call<Folder>('POST', '/documents/folders', {
      parent_id: maker.project.id,
      name: `Lohn ${width}`
    })
    const dialog = page.getByRole('dialog')
    /** Ten seconds are short where machines are slow: straight to the button, which Tab reaches once the dialog is shut. */
    const takeBack = async () => {
      await dialog.waitFor({ state: 'hidden' })
      const undo = page.getByRole('status').getByRole('button', { name: m('act_undo') })
      await undo.last().press('Enter')
    }

    // From the folder's own menu.
    await page.goto(`/projects/${maker.project.id}?folder=${folder.id}`)
    await page.getByRole('heading', { level: 2, name: folder.name }).waitFor()
    await press(page, page.locator(`summary[aria-label="${m('order_more')}"]`))
    await press(page, page.getByRole('link', { name: m('access_menu') }))
    await page
      .getByRole('heading', { level: 2, name: m('access_title_of', { name: `Ordner ${folder.name}` }) })
      .waitFor()
    await isWell(page, `permissions-${width}`)

    // Who is given what, shown before it is saved; an end before the beginning is refused and nothing typed is lost.
    await press(page, page.getByRole('link', { name: m('access_give') }))
    await choose(page, dialog.getByLabel(m('access_form_who')), 'Aylin')
    await choose(page, dialog.getByLabel(m('access_form_level')), m('access_level_manage'))
    await dialog.getByLabel(m('access_form_from')).fill('2031-03-07T18:00')
    await dialog.getByLabel(m('access_form_until')).fill('2031-03-07T17:00')
    await press(page, dialog.getByRole('button', { name: m('access_form_preview') }))
    await dialog.getByText(m('problem_field_window')).first().waitFor()
    await isWell(page, `permissions-window-${width}`)
    await dialog.getByLabel(m('access_form_from')).fill('')
    await dialog.getByLabel(m('access_form_until')).fill('2031-03-07T18:00')
    await press(page, dialog.getByRole('button', { name: m('access_form_preview') }))
    await dialog.getByText(/Wenn der Zugriff endet, 7\. März 2031, 18:00/).waitFor()
    await isWell(page, `permissions-trial-${width}`)
    await press(page, dialog.getByRole('button', { name: m('access_save') }))
    await page.getByText(m('access_given', { name: 'Aylin Demir' })).waitFor()
    await page
      .getByText(/Aylin Demir\s+darf alles, auch Zugriffe verwalten, bis 7\. März 2031, 18:00/)
      .waitFor()
    const given = (await grantsOf(folder.id)).items.find((one) => one.principal.name === 'Aylin Demir')
    assert.ok(given)

    // Two change it at once: the second learns what the first made of it.
    await press(page, page.getByRole('link', { name: m('access_change_of', { name: 'Aylin Demir' }) }))
    await dialog.getByLabel(m('access_form_note')).fill('bis zur Prüfung')
    const { level, revision } = given
    await aylin.call<Grant>('PATCH', `/admin/grants/${given.id}`, { level, revision, note: 'von mir' })
    await press(page, dialog.getByRole('button', { name: m('access_form_preview') }))
    await dialog.getByText(m('access_conflict', { name: 'Aylin Demir' })).waitFor()
    assert.equal(await dialog.getByLabel(m('access_form_note')).inputValue(), 'bis zur Prüfung')
    await isWell(page, `permissions-conflict-${width}`)
    await press(page, dialog.getByRole('button', { name: m('access_form_preview') }))
    await press(page, dialog.getByRole('button', { name: m('access_save') }))
    await page.getByText(m('access_changed', { name: 'Aylin Demir' })).waitFor()
    await page.getByText('bis zur Prüfung').waitFor()
    await takeBack()
    await page.getByText('bis zur Prüfung').waitFor({ state: 'detached' })

    // Only these people: who loses it is shown, whoever closes keeps it, and it can be taken back.
    await press(page, page.getByRole('link', { name: m('access_close_act') }))
    await dialog.getByText('Petra Bergmann').first().waitFor()
    await isWell(page, `permissions-close-${width}`)
    await press(page, dialog.getByRole('button', { name: m('access_close_act') }))
    await page.getByText(m('access_only_these')).first().waitFor()
    await page.getByText('Petra Bergmann').waitFor({ state: 'detached' })
    await isWell(page, `permissions-closed-${width}`)
    await takeBack()
    await page.getByText(m('access_open')).waitFor()

    // Taking away, and the way back.
    await press(page, page.getByRole('link', { name: m('access_take_of', { name: 'Aylin Demir' }) }))
    await dialog.getByText(m('access_loss')).first().waitFor()
    await isWell(page, `permissions-take-${width}`)
    await press(page, dialog.getByRole('button', { name: m('access_take'), exact: true }))
    await page.getByText(m('access_taken', { name: 'Aylin Demir' })).waitFor()
    await takeBack()
    await page.getByRole('link', { name: m('access_take_of', { name: 'Aylin Demir' }) }).waitFor()

    // The project's own screen names the folder that says something else.
    await page.goto(`/projects/${maker.project.id}/people`)
    await page.getByRole('link', { name: folder.name }).waitFor()
    await isWell(page, `permissions-project-${width}`)

    // A document's own screen, from its details.
    await page.goto(`/projects/${maker.project.id}`)
    await press(page, page.getByRole('link', { name: 'Belege', exact: true }))
    await page.getByRole('heading', { level: 2, name: 'Belege' }).waitFor()
    await press(page, page.getByRole('button', { name: /^Details zu/ }).first())
    await press(page, page.getByRole('link', { name: m('access_menu') }).first())
    await page.getByRole('heading', { level: 2, name: /Wer darf was: Dokument/ }).waitFor()
    await isWell(page, `permissions-document-${width}`)
    assert.deepEqual(faults, [])
    await close()
  })
