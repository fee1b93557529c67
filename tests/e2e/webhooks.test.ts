/** An administrator tells another program: made, tried out, told, at rest, told again; by a real browser and a real receiver. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Webhook as Judge } from 'standardwebhooks'
import type { Browser, Page } from 'playwright-core'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { enterAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
process.env.OUTGOING_ALLOW = '127.0.0.1'

let stack: Stack
let browser: Browser
const receiver = await startReceiver()
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

for (const [width, dark] of [
  [360, false],
  [1280, true]
] as const)
  test(`a program is told from its making to its replay, at ${width} px`, async () => {
    const look = `${width}${dark ? '-dark' : ''}`
    const path = `/hook-${width}`
    const window = await openBrowser(browser, stack.origin, { width, dark })
    await enterAs(window.context, stack.origin, stack.person('Ingrid'))
    const { page, faults } = window

    await page.goto('/settings')
    await page.getByRole('link', { name: m('webhooks_title') }).click()
    await page.getByRole('textbox', { name: m('webhooks_name'), exact: true }).fill(`Buchhaltung ${width}`)
    await page.getByRole('button', { name: m('webhooks_create') }).click()
    await page.getByRole('alert').waitFor()
    assert.equal(
      await page.getByRole('textbox', { name: m('webhooks_name'), exact: true }).inputValue(),
      `Buchhaltung ${width}`
    )
    await page.getByRole('textbox', { name: m('webhooks_url') }).fill(receiver.url(path))
    await page.getByLabel(m('webhooks_group_places')).check()
    await page.getByText(m('webhooks_types_single', { count: 1, of: 16 })).click()
    await isWell(page, `webhooks-new-${look}`)
    await page.getByRole('button', { name: m('webhooks_create') }).click()
    await page.getByRole('heading', { name: m('webhooks_secret') }).waitFor()
    const judge = new Judge(await page.locator('section[aria-labelledby=made] code').innerText())
    await isWell(page, `webhooks-made-${look}`)

    await page.getByRole('link', { name: `Buchhaltung ${width}` }).click()
    await page.getByRole('heading', { name: m('webhooks_deliveries') }).waitFor()
    assert.equal(await page.getByText('whsec_').count(), 0, 'a secret is shown once')
    await page.getByRole('button', { name: m('webhooks_test') }).click()
    await page.getByText('webhook.test').first().waitFor()
    await page.getByText(m('webhooks_delivered')).first().waitFor()
    const [tried] = receiver.at(path)
    assert.ok(tried && judge.verify(tried.body, tried.headers))

    receiver.does(path, (response) => void response.writeHead(410).end())
    const ingrid = new ApiClient(stack.origin)
    await ingrid.signIn(stack.person('Ingrid'))
    await ingrid.call('POST', '/documents/projects', { name: `Neu ${width}` })
    await page.getByText(m('webhooks_state_gone')).waitFor()
    await page.getByText('project.created').first().waitFor()
    await isWell(page, `webhooks-gone-${look}`)
    await page.goto('/inbox')
    await page.getByText(m('webhooks_inbox', { name: `Buchhaltung ${width}` })).waitFor()
    await isWell(page, `webhooks-inbox-${look}`)
    await page.getByRole('link', { name: m('webhooks_look') }).click()

    receiver.does(path, null)
    await page.getByRole('button', { name: m('webhooks_switch_on') }).click()
    await page.getByText(m('webhooks_state_on')).waitFor()
    await page.getByRole('button', { name: m('webhooks_since_act'), exact: true }).click()
    await page.getByText(m('webhooks_show_failed', { count: 0 })).waitFor()
    await isWell(page, `webhooks-back-${look}`)
    const told = receiver.at(path).filter((one) => one.body.includes('project.created'))
    assert.equal(new Set(told.map((one) => one.headers['webhook-id'])).size, 1)
    assert.equal(told.length, 2)

    await page.getByRole('link', { name: m('webhooks_renew') }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: m('webhooks_renew') })
      .click()
    await page.getByRole('heading', { name: m('webhooks_secret') }).waitFor()
    await page.getByRole('link', { name: m('webhooks_remove') }).click()
    await page.getByText(m('webhooks_remove_why')).waitFor()
    await isWell(page, `webhooks-remove-${look}`)
    await page
      .getByRole('dialog')
      .getByRole('button', { name: m('webhooks_remove') })
      .click()
    await page.waitForURL('**/settings/webhooks')
    assert.equal(await page.getByText(`Buchhaltung ${width}`).count(), 0)
    assert.deepEqual(faults, [])
    await window.close()
  })
