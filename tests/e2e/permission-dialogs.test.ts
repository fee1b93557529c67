/** Dialogs that give access, when things are otherwise than one thought: a grant is gone, many people, a document waits. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import type { Grant, GrantPage } from '../../functions/_shared/contract/access.ts'
import type { Folder } from '../../functions/_shared/contract/document.ts'
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

async function isWell(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

const newFolder = (name: string) =>
  maker.client.call<Folder>('POST', '/documents/folders', { parent_id: maker.project.id, name })
const grantsOf = async (thing: string) =>
  (await maker.client.call<GrantPage>('GET', `/admin/things/${thing}/grants`)).items

test('a grant that was taken away while it was being changed: what was typed stays, and can be given anew', async () => {
  const folder = await newFolder('Gutachten')
  const { rows } = await owner.query<{ id: string }>(`select id from person where name = 'Tobias Krämer'`)
  const grant = await maker.client.call<Grant>('POST', '/admin/grants', {
    thing_id: folder.id,
    principal_kind: 'person',
    principal_id: rows[0]?.id,
    level: 'view'
  })
  const { page, context, faults, close } = await openBrowser(browser, stack.origin, {
    width: 360,
    dark: true
  })
  await maker.enter(context)
  const dialog = page.getByRole('dialog')
  await page.goto(`/projects/${maker.project.id}/people?thing=${folder.id}&ask=change&grant=${grant.id}`)
  await dialog.getByLabel(m('access_form_level')).selectOption('allow:download')
  await dialog.getByLabel(m('access_form_until')).fill('2031-03-07T18:00')
  await dialog.getByLabel(m('access_form_note')).fill('bis zum Termin')
  await maker.client.call('DELETE', `/admin/grants/${grant.id}`)
  await dialog.getByRole('button', { name: m('access_form_preview') }).click()
  await dialog.getByText(m('access_gone_kept')).waitFor()
  assert.equal(await dialog.getByLabel(m('access_form_note')).inputValue(), 'bis zum Termin')
  assert.equal(await dialog.getByLabel(m('access_form_until')).inputValue(), '2031-03-07T18:00')
  assert.equal(await dialog.getByLabel(m('access_form_level')).inputValue(), 'allow:download')
  await isWell(page, 'permissions-gone-360')
  await dialog.getByRole('button', { name: m('access_form_preview') }).click()
  await dialog.getByRole('button', { name: m('access_save') }).waitFor()
  assert.equal(await dialog.getByLabel(m('access_form_note')).inputValue(), 'bis zum Termin')
  await dialog.getByRole('button', { name: m('access_save') }).click()
  await page.getByText(m('access_given', { name: 'Tobias Krämer' })).waitFor()
  const [given] = (await grantsOf(folder.id)).filter((one) => one.principal.name === 'Tobias Krämer')
  assert.deepEqual([given?.level, given?.note], ['download', 'bis zum Termin'])
  assert.deepEqual(faults, [])
  await close()
})

test('among 1,500 people the one is found by name, and what was typed meanwhile stays', async () => {
  await owner.query(
    `insert into person (name, email, email_key, password_hash, joined_at, locale)
     select 'Mandant ' || n, n || '@many.example', n || '@many.example', 'x', now(), 'de' from generate_series(1, 1500) n
     union all select 'Zita Zuletzt', 'zita@many.example', 'zita@many.example', 'x', now(), 'de'`
  )
  const folder = await newFolder('Viele')
  const { page, context, faults, close } = await openBrowser(browser, stack.origin)
  await maker.enter(context)
  const dialog = page.getByRole('dialog')
  await page.goto(`/projects/${maker.project.id}/people?thing=${folder.id}&ask=give`)
  await dialog.getByText(m('access_find_more')).waitFor()
  assert.equal(await dialog.getByRole('option', { name: 'Zita Zuletzt' }).count(), 0)
  await dialog.getByLabel(m('access_form_note')).fill('für die Prüfung')
  await isWell(page, 'permissions-many-1280')
  await dialog.getByLabel(m('access_find')).fill('niemand so')
  await dialog.getByText(m('access_find_none')).waitFor()
  await dialog.getByLabel(m('access_find')).fill('zita')
  await dialog.getByRole('option', { name: 'Zita Zuletzt' }).waitFor({ state: 'attached' })
  await dialog.getByLabel(m('access_form_who')).selectOption({ label: 'Zita Zuletzt' })
  // Another look does not forget whom one chose.
  await dialog.getByLabel(m('access_find')).fill('Mandant 77')
  await dialog.getByRole('option', { name: 'Mandant 777' }).waitFor({ state: 'attached' })
  assert.equal(
    await dialog
      .getByLabel(m('access_form_who'))
      .evaluate((one: HTMLSelectElement) => one.selectedOptions[0]?.label),
    'Zita Zuletzt'
  )
  assert.equal(await dialog.getByLabel(m('access_form_note')).inputValue(), 'für die Prüfung')
  await isWell(page, 'permissions-found-1280')
  await dialog.getByRole('button', { name: m('access_form_preview') }).click()
  await dialog.getByText(m('access_gain')).first().waitFor()
  await dialog.getByRole('button', { name: m('access_save') }).click()
  await page.getByText(m('access_given', { name: 'Zita Zuletzt' })).waitFor()
  assert.equal(
    (await grantsOf(folder.id)).find((one) => one.principal.name === 'Zita Zuletzt')?.note,
    'für die Prüfung'
  )
  assert.deepEqual(faults, [])
  await close()
})

test('whoever shares a document that waits for a second person is told that visitors will not see it yet', async () => {
  const folder = await newFolder('Zwei Unterschriften')
  await maker.client.call('PUT', `/documents/places/${folder.id}/four-eyes`, { four_eyes: true })
  const sent = await maker.client.upload(folder.id, [
    { name: 'Schriftsatz.txt', type: 'text/plain', bytes: Buffer.from('Entwurf') }
  ])
  const document = sent.outcomes[0]?.document
  assert.ok(document)
  const { page, context, faults, close } = await openBrowser(browser, stack.origin, { width: 360 })
  await maker.enter(context)
  const dialog = page.getByRole('dialog').filter({ hasText: m('share_title') })
  await page.goto(`/projects/${maker.project.id}?folder=${folder.id}`)
  await page
    .getByRole('button', { name: m('share_act'), exact: true })
    .first()
    .click()
  await dialog.getByText(m('share_waits_folder', { names: 'Zwei Unterschriften' })).waitFor()
  await isWell(page, 'share-four-eyes-360')
  await dialog.getByRole('button', { name: m('act_cancel') }).click()

  await page.goto(`/documents/${document.id}`)
  await page
    .getByRole('button', { name: m('share_act') })
    .first()
    .click()
  await dialog.getByText(m('share_waits', { names: 'Schriftsatz.txt' })).waitFor()
  await dialog.getByLabel(m('share_who')).fill('Gericht')
  await dialog.getByRole('button', { name: m('share_create') }).click()
  await page.getByText(m('share_made_lead')).waitFor()
  const [url = ''] = await page.locator('dialog[open] code').allInnerTexts()

  // And so it is.
  const visitor = await openBrowser(browser, stack.origin)
  await visitor.page.goto(url)
  await visitor.page.getByLabel(m('visit_name')).fill('Grete Gericht')
  await visitor.page.getByRole('button', { name: m('visit_open') }).click()
  await visitor.page.getByText(m('visit_empty')).waitFor()
  assert.equal(await visitor.page.getByText('Schriftsatz.txt').count(), 0)
  assert.deepEqual([...faults, ...visitor.faults], [])
  await visitor.close()
  await close()
})
