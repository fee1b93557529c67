/** A link for somebody without an account: made in the portal, read on a phone, ended while it is open, renewed. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { linkMailedTo } from './support/mail.ts'
import { type Maker, startMaker } from './support/maker.ts'
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

async function look(page: Page, name: string): Promise<void> {
  if (process.env.PORTICO_PICTURES) await takePicture(page, process.env.PORTICO_PICTURES, name)
  assert.deepEqual(await axeFindings(page), [], name)
  assert.equal(await sidewaysScroll(page), 0, name)
}

const pageIsDrawn = (page: Page) =>
  page.waitForFunction(() => {
    const image = document.querySelector<HTMLImageElement>('main img')
    return image !== null && image.complete && image.naturalWidth > 300
  })

async function mailsTo(address: string, text: RegExp): Promise<string[]> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await wait(200)) {
    const folder = join(stack.data, 'mail')
    const found = readdirSync(folder)
      .map((name) =>
        readFileSync(join(folder, name), 'utf8')
          .replace(/=\r?\n/g, '')
          .replaceAll('=3D', '=')
      )
      .filter((mail) => mail.includes(`To: ${address}`) && text.test(mail))
    if (found.length > 0) return found
  }
  throw new Error(`no such mail came for ${address}`)
}

/** Through the dialog; the link and the password, as they are shown once. */
async function shareByHand(page: Page): Promise<string[]> {
  await page.goto(`/projects/${maker.project.id}`)
  const share = page.getByRole('button', { name: m('share_act'), exact: true })
  await page
    .getByRole('button', { name: m('project_details_of', { name: 'Vertrag.pdf' }) })
    .first()
    .click()
  await share.click()
  await page.getByLabel(m('share_who')).fill('Sparkasse Musterstadt')
  await page.getByText(m('share_more')).click()
  await page.getByRole('button', { name: m('share_password_generate') }).click()
  await page.getByLabel(m('share_note')).fill('Wie besprochen.')
  await page.getByText(/Sparkasse Musterstadt kann Vertrag\.pdf bis .* ansehen, nicht speichern\./).waitFor()
  await look(page, 'share-dialog-1280')
  await page.getByRole('button', { name: m('share_create') }).click()
  await page.getByText(m('share_made_lead')).waitFor()
  await page.getByLabel(m('share_mail_to')).fill('berta@bank.example')
  await page.getByRole('button', { name: m('share_mail_send') }).click()
  await page.getByText(m('share_mail_sent', { to: 'berta@bank.example' })).waitFor()
  await look(page, 'share-made-1280')
  return page.locator('dialog[open] code').allInnerTexts()
}

test('shared, read on a phone, ended while it is open, asked for again, renewed', async () => {
  await maker.send('tracemonkey.pdf', 'Vertrag.pdf')
  const firm = await openBrowser(browser, stack.origin)
  await maker.enter(firm.context)
  const [link = '', password = ''] = await shareByHand(firm.page)
  assert.match(link, /\/l\/[\w-]+#[\w-]{43}$/)
  assert.match(password, /^([a-z2-9]{4}-){3}[a-z2-9]{4}$/)
  assert.equal(await linkMailedTo(stack.data, 'berta@bank.example'), link)
  const [mail = ''] = await mailsTo('berta@bank.example', /./)
  assert.ok(!mail.includes(password) && !/Vertrag|Jahresabschluss|Weber/.test(mail))

  const phone = await openBrowser(browser, stack.origin, { width: 360 })
  const { page } = phone
  const addresses: string[] = []
  page.on('request', (request) => addresses.push(`${request.url()} ${request.headers().referer ?? ''}`))
  await page.goto(link)
  await page.getByText('Vertrag.pdf').waitFor()
  await page.getByText('Wie besprochen.').waitFor()
  await look(page, 'visit-door-360')
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByText(words('en')('visit_from', { sender: 'Jonas Weber' })).waitFor()
  await page.getByRole('button', { name: 'Deutsch' }).click()
  await page.getByText(m('visit_from', { sender: 'Jonas Weber' })).waitFor()
  await page.getByLabel(m('visit_name')).fill('Berta Bank')
  await page.getByLabel(m('person_password'), { exact: true }).fill('falsch geraten')
  await page.getByRole('button', { name: m('visit_open') }).click()
  await page.getByText(m('problem_link_password')).waitFor()
  await page.getByLabel(m('person_password'), { exact: true }).fill(password)
  await page.getByRole('button', { name: m('visit_open') }).click()
  await page.getByRole('heading', { name: m('visit_documents') }).waitFor()
  assert.equal(new URL(page.url()).hash, '', 'the secret has left the address')
  await look(page, 'visit-list-360')
  await page.getByRole('button', { name: /Vertrag\.pdf/ }).click()
  await pageIsDrawn(page)
  await look(page, 'visit-reader-360')
  await page.locator('main').evaluate((main) => main.scrollBy(0, 1_200))
  await page.locator('[data-no="3"] img').waitFor()
  await page.reload()
  await page.getByRole('button', { name: /Vertrag\.pdf/ }).click()
  await pageIsDrawn(page)
  const secret = new URL(link).hash.slice(1)
  assert.ok(addresses.length > 10 && addresses.every((address) => !address.includes(secret)))

  const { page: own } = firm
  await own.goto(`/projects/${maker.project.id}/links`)
  await own.getByText(m('links_visits'), { exact: true }).first().click()
  await own.getByText('Berta Bank').waitFor()
  await own.getByText(m('links_device_computer')).waitFor()
  await look(own, 'links-1280')
  await own.getByRole('button', { name: m('links_revoke_of', { name: 'Sparkasse Musterstadt' }) }).click()
  await own
    .locator('dialog[open]')
    .getByRole('button', { name: m('links_revoke'), exact: true })
    .click()
  await page.getByText(m('visit_ended_revoked')).waitFor({ timeout: 20_000 })
  assert.equal(await page.locator('main img').count(), 0, 'what was shown is taken away')
  await look(page, 'visit-ended-after-reload-360')
  assert.equal(await page.getByRole('button', { name: m('visit_ask') }).count(), 0, 'its secret is gone')

  await page.goto('about:blank')
  await page.goto(link)
  await page.getByText(m('visit_ended_revoked')).waitFor()
  assert.equal(await page.getByText('Vertrag.pdf').count(), 0)
  await page.getByRole('button', { name: m('visit_ask') }).click()
  await page.getByText(m('visit_asked', { sender: 'Jonas Weber' })).waitFor()
  await look(page, 'visit-asked-360')
  const [wish = ''] = await mailsTo(stack.person('Jonas').email, /Verl=C3=A4ngerung|Verl.ngerung/)
  assert.ok(!/Sparkasse|Vertrag|Berta/.test(wish))
  await own.goto('/inbox')
  await own
    .getByRole('button', { name: /Bitte um Verlängerung eines Links/ })
    .first()
    .click({ timeout: 30_000 })
  await own.waitForURL('**/links')
  await look(own, 'links-asked-1280')
  await own.getByRole('button', { name: m('links_extend_of', { name: 'Sparkasse Musterstadt' }) }).click()
  await own.getByText(m('links_state_open')).waitFor()

  await page.goto('about:blank')
  await page.goto(link)
  await page
    .getByRole('button', { name: m('visit_open') })
    .or(page.getByText(m('visit_documents')))
    .first()
    .waitFor()
  assert.deepEqual(phone.faults, [])
  assert.deepEqual(firm.faults, [])
  await phone.close()
  await firm.close()
})

/** Once the browser has been told of a file, its bytes. */
async function saved(page: Page, press: () => Promise<void>): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()])
  return readFileSync(await download.path())
}

test('a folder with downloads, shared from the viewer’s side and from a folder: what comes later is there, a new version is told', async () => {
  const folder = await maker.client.call<{ id: string }>('POST', '/documents/folders', {
    parent_id: maker.project.id,
    name: 'Für die Bank'
  })
  const first = await maker.send('tracemonkey.pdf', 'Bilanz.pdf')
  await maker.client.call('POST', '/documents/things/move', { things: [first.id], folder_id: folder.id })
  const firm = await openBrowser(browser, stack.origin)
  await maker.enter(firm.context)
  await firm.page.goto(`/documents/${first.id}`)
  await firm.page.locator('[data-no="1"] img').waitFor()
  await firm.page.getByRole('button', { name: m('share_act') }).click()
  await firm.page.getByLabel(m('share_who')).fill('Bank Süd')
  await firm.page.getByRole('button', { name: m('share_create') }).click()
  await firm.page.getByText(m('share_made_lead')).waitFor()
  const [seen = ''] = await firm.page.locator('dialog[open] code').allInnerTexts()
  await firm.page.goto(seen)
  await firm.page.getByText('Bilanz.pdf').waitFor()

  await firm.page.goto(`/projects/${maker.project.id}?folder=${folder.id}`)
  await firm.page.getByText('Bilanz.pdf').waitFor()
  await firm.page
    .getByRole('button', { name: m('share_act'), exact: true })
    .first()
    .click()
  await firm.page.getByLabel(m('share_who')).fill('Bank Nord')
  await firm.page.getByLabel(m('share_level_download')).check()
  await firm.page.getByRole('button', { name: m('share_create') }).click()
  await firm.page.getByText(m('share_made_lead')).waitFor()
  const [url = ''] = await firm.page.locator('dialog[open] code').allInnerTexts()

  const visitor = await openBrowser(browser, stack.origin, { width: 1280, dark: true })
  const { page } = visitor
  await page.goto(url)
  await page.getByLabel(m('visit_name')).fill('Nils Nord')
  await look(page, 'visit-door-download-1280')
  await page.getByRole('button', { name: m('visit_open') }).click()
  await page.getByRole('heading', { name: 'Für die Bank' }).waitFor()
  await look(page, 'visit-folder-1280')
  const bytes = await saved(page, () =>
    page.getByRole('link', { name: m('visit_download', { name: 'Bilanz.pdf' }) }).click()
  )
  assert.deepEqual(
    bytes,
    readFileSync(join(process.env.PORTICO_CORPUS ?? '../shared/corpus', 'pdf/tracemonkey.pdf'))
  )

  const later = await maker.send('basicapi.pdf', 'Nachtrag.pdf')
  await maker.client.call('POST', '/documents/things/move', { things: [later.id], folder_id: folder.id })
  await page.reload()
  await page.getByText('Nachtrag.pdf').waitFor()

  await page.getByRole('button', { name: /Bilanz\.pdf/ }).click()
  await pageIsDrawn(page)
  await look(page, 'visit-reader-1280')
  await maker.client.upload(folder.id, [
    {
      name: 'Bilanz.pdf',
      type: 'application/pdf',
      bytes: readFileSync(join(process.env.PORTICO_CORPUS ?? '../shared/corpus', 'pdf/basicapi.pdf')),
      document_id: first.id
    }
  ])
  await page.getByText(m('visit_new_version')).waitFor({ timeout: 60_000 })
  await pageIsDrawn(page)
  assert.equal(await page.locator('[data-no]').count(), 3, 'the new version has three pages')

  await firm.page.goto(`/projects/${maker.project.id}/activity`)
  await firm.page
    .getByText(/wurde vollständig an/)
    .first()
    .waitFor({ timeout: 60_000 })
  assert.deepEqual([...visitor.faults, ...firm.faults], [])
  await visitor.close()
  await firm.close()
})

test('without cookies, and without scripts, a visitor is told what is missing', async () => {
  const paper = await maker.send('basicapi.pdf', 'Anlage.pdf')
  const link = await maker.share({ thing_ids: [paper.id] })
  const blocked = await openBrowser(browser, stack.origin, { width: 360 })
  // As a browser that takes none: what is set is gone at once.
  await blocked.context.route('**/api/v1/sharing/links/**', async (route) => {
    const answer = await route.fetch()
    const { 'set-cookie': _, ...headers } = answer.headers()
    await blocked.context.clearCookies()
    await route.fulfill({ response: answer, headers })
  })
  await blocked.page.goto(link.url)
  await blocked.page.getByLabel(m('visit_name')).fill('Berta Bank')
  await blocked.page.getByRole('button', { name: m('visit_open') }).click()
  await blocked.page.getByText(m('problem_cookies_blocked')).waitFor()
  await look(blocked.page, 'visit-no-cookies-360')
  await blocked.close()

  const bare = await browser.newContext({ javaScriptEnabled: false, locale: 'de' })
  const page = await bare.newPage()
  await page.goto(link.url)
  assert.ok((await page.content()).includes(m('link_needs_script')))
  await bare.close()
})
