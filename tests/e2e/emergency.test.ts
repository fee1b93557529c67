/** An administrator opens what nobody granted, and a colleague is told and ends it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
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

type Said = { id: string; items: { id: string; name: string }[] }

/** What the page's own script would send. */
const api = (page: Page, method: string, path: string, body?: object) =>
  page.evaluate(
    async ([how, where, what]) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`/api/v1${where}`, { method: how, headers, body: what })
      return (await answer.json()) as Said
    },
    [method, path, body ? JSON.stringify(body) : null] as const
  )

test('glass is broken from "not found", the colleague is told, sees why, and ends it', async () => {
  const ingrid = await enter('Ingrid', { width: 1280, dark: true })
  await ingrid.page.goto('/emergency')
  await ingrid.page.getByText(m('emergency_alone')).waitFor()
  const people = await api(ingrid.page, 'GET', '/admin/people')
  const jonas_id = people.items.find((one) => one.name === stack.person('Jonas').name)?.id
  await api(ingrid.page, 'PATCH', `/admin/people/${jonas_id}`, { staff_role: 'administrator' })
  const project = await api(ingrid.page, 'POST', '/documents/projects', {
    name: 'Nachlass Vogel',
    client_id: null
  })

  const jonas = await enter('Jonas', { width: 360 })
  await jonas.page.goto(`/projects/${project.id}`)
  await jonas.page.getByRole('link', { name: m('emergency_title') }).click()
  await jonas.page.getByText(m('emergency_thing')).waitFor()
  const open = jonas.page.getByRole('button', { name: m('emergency_open') })
  await open.focus()
  await jonas.page.keyboard.press('Enter')
  await jonas.page.getByText(m('emergency_reason_short')).waitFor()
  await isWell(jonas.page, 'emergency-wrong-phone')
  await jonas.page
    .getByLabel(m('emergency_reason'), { exact: true })
    .fill('Frist läuft heute ab, Frau Lindqvist ist krank')
  await open.focus()
  await jonas.page.keyboard.press('Enter')
  await jonas.page.getByRole('heading', { name: m('emergency_running') }).waitFor()
  await isWell(jonas.page, 'emergency-running-phone')
  await jonas.page.getByRole('link', { name: m('emergency_go'), exact: true }).click()
  await jonas.page.getByRole('heading', { name: 'Nachlass Vogel' }).first().waitFor()

  const { page } = ingrid
  await page.goto('/inbox')
  await page.getByText(m('emergency_told', { name: stack.person('Jonas').name })).waitFor()
  await isWell(page, 'inbox-emergency-dark')
  await page.goto(`/projects/${project.id}/activity`)
  await page
    .getByText(/Notfallzugriff/)
    .first()
    .waitFor()
  await page.goto(`/projects/${project.id}/people`)
  await page.getByText(m('emergency_mark')).first().waitFor()
  await page.goto('/emergency')
  await isWell(page, 'emergency-dark')
  await page.getByRole('button', { name: m('emergency_seen') }).click()
  await page.getByRole('button', { name: m('emergency_seen') }).waitFor({ state: 'detached' })
  await page
    .getByRole('button', { name: m('emergency_end_of', { name: stack.person('Jonas').name }) })
    .click()
  await page.getByText(m('emergency_ended')).waitFor()
  assert.equal((await jonas.page.goto(`/projects/${project.id}`))?.status(), 404)
  assert.deepEqual(ingrid.faults, [])
  await ingrid.close()
  await jonas.close()
})
