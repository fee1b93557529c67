/** What the firm's own people and their programs do: keys, and the API as the guide shows it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
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

/** No finding of axe, nothing that sticks out. PORTICO_PICTURES names a folder for pictures to look at. */
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

/** The commands of the guide, as they stand there. */
function commandsOf(guide: string): string {
  const text = readFileSync(new URL(`../../docs/guide/${guide}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)].map((block) => block[1]).join('\n')
}

test('somebody makes a key, a program does with it what the guide says, and is out once it is revoked', async () => {
  const { page, faults, close } = await enter('Jonas', { width: 360 })
  await page.goto('/')
  const project = (await page.locator('a[href^="/projects/"]').first().getAttribute('href'))
    ?.split('/')
    .at(-1)
  await page.goto('/account')
  await page.getByRole('link', { name: m('keys_link') }).click()
  await page.getByText(m('keys_none')).waitFor()
  await isWell(page, 'keys-empty')
  await page.getByLabel(m('keys_name')).fill('Scanner im Sekretariat')
  await page.getByLabel(m('keys_scope_upload')).check()
  await page.getByRole('button', { name: m('act_new_key') }).click()
  await page.getByRole('heading', { name: m('keys_made', { name: 'Scanner im Sekretariat' }) }).waitFor()
  await isWell(page, 'keys-made')
  const key = await page.locator('code').innerText()

  const folder = mkdtempSync(join(tmpdir(), 'portico-guide-'))
  const env = { ...process.env, PORTICO: stack.origin, KEY: key, PROJECT: project }
  const shell = promisify(execFile)
  await shell('bash', ['-euo', 'pipefail', '-c', commandsOf('api.md')], { cwd: folder, env, timeout: 60_000 })
  assert.equal(readFileSync(join(folder, 'back.txt'), 'utf8'), 'Hello from a program\n')
  rmSync(folder, { recursive: true })

  await page.goto(`/projects/${project}/activity`)
  await page.getByText(m('activity_by_key')).first().waitFor()
  await page.goto('/account/keys')
  assert.equal(await page.getByText(key).count(), 0, 'a key is shown once')
  await page.getByRole('button', { name: new RegExp(`^${m('act_revoke')}`) }).click()
  await page.getByText(m('keys_none')).waitFor()
  const answer = await fetch(`${stack.origin}/api/v1/documents/projects`, {
    headers: { authorization: `Bearer ${key}` }
  })
  assert.equal(answer.status, 401)
  assert.deepEqual(faults, [])
  await close()
})

test('the API is described on a page of its own, with the scope that each call wants', async () => {
  for (const [name, looks] of [
    ['phone', { width: 360 }],
    ['dark', { dark: true }]
  ] as const) {
    const { page, faults, close } = await enter('Petra', looks)
    await page.goto('/api')
    const call = page.locator('details').filter({ hasText: '/api/v1/documents/uploads/complete' })
    await call.locator('summary').click()
    await call.getByText(m('api_key_scope', { scope: 'upload' })).waitFor()
    await call.getByText('ids', { exact: true }).waitFor()
    await isWell(page, `api-${name}`)
    assert.deepEqual(faults, [])
    await close()
  }
})

for (const [width, dark] of [
  [360, true],
  [1280, false]
] as const)
  test(`a member of the firm sees what waits, and what a client sees, without doing anything, at ${width} px`, async () => {
    const { page, faults, close } = await enter('Jonas', { width, dark })
    await page.goto('/')
    const list = page.getByRole('list', { name: m('dashboard_arrived') })
    await list.getByRole('link').first().waitFor()
    await isWell(page, `dashboard-${width}`)
    await page.getByRole('link', { name: m('dashboard_clients') }).click()
    await page.getByRole('list', { name: m('dashboard_clients') }).waitFor()

    await page.goto('/people')
    await page.getByRole('button', { name: m('seeing_begin_of', { name: 'Petra Bergmann' }) }).click()
    const banner = page.getByRole('complementary', { name: m('seeing_label') })
    await banner.getByText('Petra Bergmann').waitFor()
    assert.equal(
      await page.getByRole('link', { name: m('nav_people') }).count(),
      0,
      'the firm’s pages are gone'
    )
    await isWell(page, `seeing-home-${width}`)
    await page.locator('main a[href^="/projects/"]').filter({ visible: true }).first().click()
    await page.waitForURL('**/projects/**')
    await banner.waitFor()
    await isWell(page, `seeing-project-${width}`)
    await page.locator('main a[href^="/documents/"], main a[href*="folder"]').first().click()
    await banner.waitFor()

    await banner.getByRole('button', { name: m('seeing_end') }).click()
    await page.waitForURL('**/people')
    assert.equal(await banner.count(), 0)
    assert.deepEqual(faults, [])
    await close()
  })
