/** A real browser for journeys: one process, a context of its own per person, everything that goes wrong written down. */
import { setTimeout as wait } from 'node:timers/promises'
import Chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core'

export type PersonsBrowser = {
  context: BrowserContext
  page: Page
  /** Errors of scripts, of the console and of the Content-Security-Policy, in order. A good journey ends with none. */
  faults: string[]
  close: () => Promise<void>
}

export type Looks = {
  locale?: 'de' | 'en' | 'sv'
  dark?: boolean
  width?: number
  height?: number
  /** False: forms have to do. */
  scripts?: boolean
}

const LOCALES = { de: 'de-DE', en: 'en-GB', sv: 'sv-SE' }
const PHONE_WIDTH = 640
/** As on a slow line: what journeys find then that they do not find else. */
const SCRIPT_DELAY_MS = Number(process.env.PORTICO_SCRIPT_DELAY_MS ?? 0)

/** Starts the browser that comes inside @sparticuz/chromium; PORTICO_CHROMIUM names another. */
export async function launchBrowser(): Promise<Browser> {
  // The package's own arguments are made for a machine without rights: they switch the web's security off.
  const args = [
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--force-color-profile=srgb',
    '--font-render-hinting=none'
  ]
  const executablePath = process.env.PORTICO_CHROMIUM ?? (await Chromium.executablePath())
  return chromium.launch({ executablePath, args, headless: true })
}

/** A window of its own, as one person has it: cookies, language, size, colours. */
export async function openBrowser(
  browser: Browser,
  origin: string,
  looks: Looks = {}
): Promise<PersonsBrowser> {
  const width = looks.width ?? 1280
  const context = await browser.newContext({
    baseURL: origin,
    locale: LOCALES[looks.locale ?? 'de'],
    timezoneId: 'Europe/Berlin',
    colorScheme: looks.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    viewport: { width, height: looks.height ?? (width < PHONE_WIDTH ? 740 : 800) },
    hasTouch: width < PHONE_WIDTH,
    isMobile: width < PHONE_WIDTH,
    javaScriptEnabled: looks.scripts ?? true,
    acceptDownloads: true
  })
  if (SCRIPT_DELAY_MS > 0)
    await context.route('**/_app/immutable/**/*.js', async (route) => {
      await wait(SCRIPT_DELAY_MS)
      await route.continue().catch(() => undefined)
    })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message.text())) faults.push(`console: ${message.text()}`)
  })
  return { context, page, faults, close: () => context.close() }
}

/** An answer with a status that the page shows in words is not the console's business. */
const isExpected = (text: string): boolean => /^Failed to load resource: .* status of (4\d\d|503)/.test(text)
