/** One picture a help topic: who looks, at what. A new one needs an entry here and its line in docs/help. */
import type { Browser, Page } from 'playwright-core'
import type { Stack } from '../../support/stack.ts'
import { words } from '../support/words.ts'
import { openView, takeWebp } from './camera.ts'

type Say = ReturnType<typeof words>
type Picture = { who?: string; wide?: boolean; show: (page: Page, m: Say) => Promise<unknown> }

const project = async (page: Page, name: string): Promise<string> => {
  await page.goto('/')
  const href = await page.getByRole('link', { name }).first().getAttribute('href')
  if (!href) throw new Error(`no project ${name}`)
  return href
}

export const PICTURES: Record<string, Picture> = {
  'sign-in': { show: (page) => page.goto('/sign-in') },
  send: {
    who: 'Petra',
    show: async (page) => page.goto(await project(page, 'Jahresabschluss 2025'))
  },
  read: {
    who: 'Petra',
    show: async (page) => {
      await page.goto('/')
      await page.getByRole('link', { name: 'Jahresabschluss 2025 Entwurf.pdf' }).click()
      await page.locator('main img').first().waitFor()
      await page.waitForFunction(() => document.querySelector<HTMLImageElement>('main img')?.complete)
    }
  },
  download: {
    who: 'Petra',
    show: async (page, m) => {
      await page.goto(await project(page, 'Jahresabschluss 2025'))
      const dialog = page.getByRole('dialog', { name: m('archive_title') })
      while (!(await dialog.isVisible())) {
        await page.getByRole('button', { name: m('archive_take') }).click()
        await page.waitForTimeout(250)
      }
      await dialog.getByText('SHA256SUMS').waitFor()
    }
  },
  notices: { who: 'Petra', show: (page) => page.goto('/account/notices') },
  search: { who: 'Jonas', wide: true, show: (page) => page.goto('/search?q=lohn') },
  'who-can-see': {
    who: 'Petra',
    show: async (page) => page.goto(`${await project(page, 'Jahresabschluss 2025')}/people`)
  },
  invite: { who: 'Ingrid', wide: true, show: (page) => page.goto('/people?invite') },
  'give-access': {
    who: 'Jonas',
    wide: true,
    show: async (page) => page.goto(`${await project(page, 'Jahresabschluss 2025')}/people`)
  },
  api: { who: 'Jonas', wide: true, show: (page) => page.goto('/account/keys') }
}

export async function takePictures(browser: Browser, stack: Stack, folder: string): Promise<void> {
  for (const locale of ['de', 'en', 'sv'] as const)
    for (const [topic, { who, wide, show }] of Object.entries(PICTURES)) {
      const page = await openView(browser, stack, { locale, wide }, who)
      await show(page, words(locale))
      await takeWebp(page, `${folder}/${locale}-${topic}.webp`)
      await page.context().close()
      process.stdout.write(`${locale} ${topic}\n`)
    }
}
