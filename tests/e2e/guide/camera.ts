/** Pictures for people: sharp enough for a good screen, at most 40 KB. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import type { Stack } from '../../support/stack.ts'
import { enterAs } from '../support/sign-in.ts'
import type { Locale } from '../support/words.ts'

const MOST_BYTES = 40 * 1024
const QUALITIES = [70, 55, 40, 25]
const LANGUAGES = { de: 'de-DE', en: 'en-GB', sv: 'sv-SE' }

export type View = { locale: Locale; wide?: boolean }

/** A window, light, as one reads in that language; signed in as somebody when a name is given. */
export async function openView(browser: Browser, stack: Stack, view: View, who?: string): Promise<Page> {
  const context = await browser.newContext({
    baseURL: stack.origin,
    locale: LANGUAGES[view.locale],
    timezoneId: 'Europe/Berlin',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    viewport: view.wide ? { width: 1100, height: 680 } : { width: 390, height: 640 },
    deviceScaleFactor: view.wide ? 1 : 2
  })
  const page = await context.newPage()
  if (!who) return page
  await enterAs(context, stack.origin, stack.person(who))
  await page.goto('/')
  // Not the browser's language counts for somebody who is known, but the one that they chose.
  const status = await page.evaluate(
    async (locale) =>
      (
        await fetch('/api/v1/auth/session', {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ locale })
        })
      ).status,
    view.locale
  )
  if (status !== 200) throw new Error(`the language could not be chosen: ${status}`)
  return page
}

/** Takes what the window shows. Throws when no quality makes it small enough. */
export async function takeWebp(page: Page, file: string): Promise<void> {
  await page.waitForTimeout(400)
  const png = await page.screenshot()
  mkdirSync(dirname(file), { recursive: true })
  for (const quality of QUALITIES) {
    const webp = await sharp(png).webp({ quality, effort: 6 }).toBuffer()
    if (webp.length <= MOST_BYTES) return writeFileSync(file, webp)
  }
  throw new Error(`${file} is larger than 40 KB`)
}
