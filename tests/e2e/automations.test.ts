/** A rule made by hand: tried out, saved, and it renames, tags, files and sends on what rclone put there. */
import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { startPortico } from '../support/portico-command.ts'
import { emptyHome, noS3Tools, toolsAsking } from '../support/s3-tools.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { choose } from './support/choose.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { linkMailedTo } from './support/mail.ts'
import { type Maker, startMaker } from './support/maker.ts'
import { words } from './support/words.ts'

const m = words('de')
const skip = noS3Tools

let stack: Stack
let browser: Browser
let maker: Maker
before(async () => {
  if (skip) return
  stack = await startStack()
  browser = await launchBrowser()
  maker = await startMaker(stack)
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
async function open(looks: Parameters<typeof openBrowser>[2]) {
  const window = await openBrowser(browser, stack.origin, looks)
  await maker.enter(window.context)
  return window
}
/** As a machine of the firm does it: rclone asks `portico s3` for credentials, which asks with a key made for that. */
async function copyByRclone(from: string): Promise<void> {
  const { token } = await maker.client.call<{ token: string }>('POST', '/admin/keys', {
    ...{ name: 'Scanner', scopes: ['upload'], days: 1, project_id: maker.project.id }
  })
  const key_file = join(emptyHome(), 'scanner.key')
  writeFileSync(key_file, token, { mode: 0o600 })
  const where = { project_id: maker.project.id, address: stack.origin, key_file }
  const asked = await startPortico([
    ...['s3', '--project', where.project_id, '--address', where.address, '--key-file', key_file]
  ]).said
  assert.equal(asked.code, 0, asked.stderr)
  const { Endpoint: endpoint, Prefix: prefix }: { Endpoint: string; Prefix: string } = JSON.parse(
    asked.stdout
  )
  const { rclone } = toolsAsking({ ...where, endpoint, prefix })
  const copied = await rclone('copy', from, 'portico:')
  assert.equal(copied.code, 0, copied.err)
}

test('a rule by hand, at a desk: wrong, tried out, saved; then it does its work', { skip }, async () => {
  const folder = await maker.client.call<{ id: string }>('POST', '/documents/folders', {
    parent_id: maker.project.id,
    name: 'Rechnungen'
  })
  await maker.send('tracemonkey.pdf', 'Rechnung 11.pdf')
  const { page, faults, close } = await open({ width: 1280 })
  await page.goto('/automations')
  await page.getByText(m('rules_none')).waitFor()
  await isWell(page, 'rules-none-1280')
  await page.getByRole('link', { name: m('rule_new') }).click()
  await choose(page, m('rule_where'), maker.project.name)
  await isWell(page, 'rules-where-1280')
  await page.getByRole('button', { name: m('act_continue') }).click()
  await page.waitForURL('**/automations/new?project=*')

  assert.equal(await page.getByLabel(m('rule_call')).count(), 0, 'no function offers itself')
  // Nothing to do, and an address that is none: said at the fields, and what was typed stays.
  await page.getByLabel(m('rule_name'), { exact: true }).fill('Rechnungen ablegen')
  await page.getByLabel(m('rule_pattern'), { exact: true }).fill('rechnung*')
  await page.getByLabel(m('rule_link_to'), { exact: true }).fill('bank')
  await page.getByRole('button', { name: m('act_save') }).click()
  await page.getByRole('alert').waitFor()
  assert.equal(await page.getByLabel(m('rule_pattern'), { exact: true }).inputValue(), 'rechnung*')
  await isWell(page, 'rules-wrong-1280')

  await page.getByLabel(m('rule_link_to'), { exact: true }).fill('bank@example.com')
  await page.getByLabel(m('rule_recipient'), { exact: true }).fill('Sparkasse')
  await page.getByLabel(m('rule_rename_to'), { exact: true }).fill('Beleg {name}')
  await page.getByLabel(m('rule_tags'), { exact: true }).fill('Rechnung, 2026')
  await page.getByLabel(m('rule_folder'), { exact: true }).selectOption(folder.id)
  await page.getByRole('button', { name: m('rule_try') }).click()
  await page.getByRole('heading', { name: m('rule_trial') }).waitFor()
  await page.getByText('Beleg Rechnung 11.pdf').first().waitFor()
  await isWell(page, 'rules-trial-1280')
  await page.getByRole('button', { name: m('act_save') }).click()
  await page.getByRole('link', { name: /Rechnungen ablegen/ }).waitFor()
  await isWell(page, 'rules-1280')

  const scans = emptyHome()
  const corpus = process.env.PORTICO_CORPUS ?? '../shared/corpus'
  copyFileSync(join(corpus, 'pdf/tracemonkey.pdf'), join(scans, 'Rechnung 12.pdf'))
  await copyByRclone(scans)
  await page.goto('/automations')
  await page.getByRole('link', { name: /Rechnungen ablegen/ }).click()
  const ran = page.getByRole('link', { name: 'Beleg Rechnung 12.pdf' })
  for (let look = 0; look < 60 && (await ran.count()) === 0; look += 1) {
    await page.waitForTimeout(500)
    await page.reload()
  }
  await isWell(page, 'rule-1280')
  await ran.click()
  await page.waitForURL('**/documents/**')
  // It is Jonas', whose key rclone came with.
  await page.goto(`/projects/${maker.project.id}/activity`)
  await page.getByText('über eine Schnittstelle gesendet').first().waitFor()
  assert.deepEqual(faults, [])
  await close()
  assert.match(await linkMailedTo(stack.data, 'bank@example.com'), /\/l\//)
})

test('on a phone, in the dark: switched off, and ended after a question', { skip }, async () => {
  const { page, faults, close } = await open({ width: 360, dark: true })
  await page.goto('/automations')
  await isWell(page, 'rules-360-dark')
  await page.getByRole('link', { name: /Rechnungen ablegen/ }).click()
  await page.getByLabel(m('rule_active')).uncheck()
  await page.getByRole('button', { name: m('act_save') }).click()
  await page.getByText(m('saved')).first().waitFor()
  await isWell(page, 'rule-360-dark')
  await page.goto('/automations')
  await page.getByText(m('rule_off')).waitFor()
  await page.getByRole('link', { name: /Rechnungen ablegen/ }).click()
  await page
    .getByRole('button', { name: m('rule_end') })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(m('rule_end_hint')).waitFor()
  await dialog.getByRole('button', { name: m('rule_end') }).click()
  await page.getByText(m('rules_none')).waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test(
  'a function that offers itself is chosen from a list; that it is not there stands in the log',
  { skip },
  async (t) => {
    const offering = await startStack({ env: { RULE_FUNCTIONS: 'reader=Rechnungen lesen' } })
    t.after(() => offering.stop())
    const other = await startMaker(offering)
    for (const looks of [{ width: 1280 }, { width: 360, dark: true }] as const) {
      const { context, page, faults, close } = await openBrowser(browser, offering.origin, looks)
      await other.enter(context)
      await page.goto(`/automations/new?project=${other.project.id}`)
      await page.getByLabel(m('rule_call')).selectOption({ label: 'Rechnungen lesen' })
      await isWell(page, `rule-function-${looks.width}`)
      if (looks.width === 1280) {
        await page.getByLabel(m('rule_name'), { exact: true }).fill('Lesen lassen')
        await page.getByRole('button', { name: m('act_save') }).click()
        await page.getByRole('link', { name: /Lesen lassen/ }).waitFor()
        await other.send('tracemonkey.pdf', 'Rechnung 13.pdf')
      }
      await page.goto('/automations')
      await page.getByRole('link', { name: /Lesen lassen/ }).click()
      const said = page.getByText(`${m('rule_act_call')}: ${m('rule_function_not_there')}`)
      for (let look = 0; look < 60 && (await said.count()) === 0; look += 1) {
        await page.waitForTimeout(500)
        await page.reload()
      }
      assert.equal(await page.getByLabel(m('rule_call')).inputValue(), 'reader')
      await isWell(page, `rule-function-ran-${looks.width}`)
      assert.deepEqual(faults, [])
      await close()
    }
  }
)
