/** Files of many kinds: sent as they are, looked at as pages, played where they are sound. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Stack, startStack } from '../support/stack.ts'
import { mailWith } from '../support/kinds.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { signInAs } from './support/sign-in.ts'
import { words } from './support/words.ts'

const m = words('de')
const pictures = process.env.PORTICO_PICTURES

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

const SECONDS = 8
const RATE = 8_000

/** A tone, as WAV: one channel, 8 bit. */
function tone(): Buffer {
  const samples = Buffer.from(
    Uint8Array.from({ length: RATE * SECONDS }, (_, at) => 128 + 60 * Math.sin(at / 3))
  )
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(RATE, 24)
  head.writeUInt32LE(RATE, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}

const file = (name: string, text: string | Buffer) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(text as Buffer)
})
const FILES = [
  file(
    'Vermerk.md',
    '# Vermerk\n\nDie Frist läuft **Freitag** ab.\n\n- Fristverlängerung beantragen\n- Mandantin anrufen\n'
  ),
  file(
    'Forderungen.csv',
    Buffer.from('Nr;Schuldner;Betrag\r\n1;Müller GmbH;1.234,50\r\n2;Öztürk;99,00\r\n', 'latin1')
  ),
  file('Schreiben.eml', mailWith('Ihr Schreiben', '<p>Guten Tag, anbei die Unterlagen.</p>', [])),
  file(
    'Lageplan.svg',
    '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="400" height="300" fill="#cde"/></svg>'
  ),
  file('Diktat.wav', tone())
]

async function openProject(page: Page, name: string): Promise<void> {
  await signInAs(page, stack.person(name))
  await page
    .locator('main a[href^="/projects/"]', { hasText: 'Jahresabschluss 2025' })
    .filter({ visible: true })
    .first()
    .click()
  await page.waitForURL('**/projects/**')
  await page.getByRole('link', { name: m('project_tab_activity') }).waitFor()
}

async function look(page: Page, name: string): Promise<void> {
  if (pictures) await takePicture(page, pictures, name)
}

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name }).first().click()
  await page.waitForURL('**/documents/**')
}

async function wordsOfPageOne(page: Page): Promise<string> {
  await page.locator('[data-no="1"] .words span').first().waitFor({ state: 'attached', timeout: 30_000 })
  return (await page.locator('[data-no="1"] .words').innerText()).replace(/\s+/g, ' ').trim()
}

test('notes, tables and e-mails are read as pages, and a dictation is played', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin)
  await openProject(page, 'Jonas')
  await page.locator('input[type=file]').first().setInputFiles(FILES)
  await page.getByText(m('upload_receipt_seen_by')).waitFor()
  await page.getByRole('button', { name: m('upload_receipt_ok') }).click()
  for (const { name } of FILES) {
    const row = page.getByRole('listitem').filter({ hasText: name })
    await row.getByText(m('document_state_not_scanned')).waitFor({ timeout: 60_000 })
  }
  await look(page, 'kinds-list')

  for (const [name, said] of [
    ['Vermerk.md', /^Vermerk Die Frist läuft Freitag ab\. • Fristverlängerung/],
    ['Forderungen.csv', /^Nr Schuldner Betrag 1 Müller GmbH 1\.234,50/],
    ['Schreiben.eml', /^Ihr Schreiben From: Erika .* Guten Tag, anbei/]
  ] as const) {
    await open(page, name)
    assert.match(await wordsOfPageOne(page), said)
    assert.deepEqual(await axeFindings(page), [])
    await look(page, `kinds-${name}`)
    await page.keyboard.press('Escape')
    await page.waitForURL('**/projects/**')
  }

  await open(page, 'Diktat.wav')
  const player = page.locator('audio')
  await player.waitFor()
  await page.waitForFunction(() => (document.querySelector('audio')?.duration ?? 0) > 7)
  // The address behind the player's lives a minute; a place further on is asked for by range.
  await player.evaluate((audio: HTMLAudioElement) => {
    audio.muted = true
    audio.currentTime = 5
    return audio.play()
  })
  await page.waitForFunction(() => (document.querySelector('audio')?.currentTime ?? 0) > 5.2)
  assert.deepEqual(await axeFindings(page), [])
  await look(page, 'kinds-audio')
  assert.deepEqual(faults, [])
  await close()
})

test('on a phone, in the dark, the player fits', async () => {
  const { page, faults, close } = await openBrowser(browser, stack.origin, { width: 360, dark: true })
  await openProject(page, 'Jonas')
  await look(page, 'kinds-list-360-dark')
  await open(page, 'Diktat.wav')
  await page.locator('audio').waitFor()
  assert.equal(await sidewaysScroll(page), 0)
  assert.deepEqual(await axeFindings(page), [])
  await look(page, 'kinds-audio-360-dark')
  assert.deepEqual(faults, [])
  await close()
})
