/** One picture a help topic: who looks, at what. A new one needs an entry here and its line in docs/help. */
import type { Browser, Page } from 'playwright-core'
import type { Stack } from '../../support/stack.ts'
import { words } from '../support/words.ts'
import { openView, takeWebp } from './camera.ts'

type Say = ReturnType<typeof words>
type Picture = { who?: string; wide?: boolean; show: (page: Page, m: Say) => Promise<unknown> }

const project = async (page: Page, name: string): Promise<string> => {
  await page.goto('/')
  const href = await page
    .locator('main a[href^="/projects/"]', { hasText: name })
    .filter({ visible: true })
    .first()
    .getAttribute('href')
  if (!href) throw new Error(`no project ${name}`)
  return href
}

const DRAFT = 'Jahresabschluss 2025 Entwurf.pdf'

/** The folder in which the firm's draft lies. */
async function openDrafts(page: Page): Promise<void> {
  await page.goto(await project(page, 'Jahresabschluss 2025'))
  await page.getByRole('link', { name: 'Entwürfe' }).first().click()
  await page.getByRole('link', { name: DRAFT }).first().waitFor()
}

/** The draft's details beside the list; a press that comes before the page's scripts is lost. */
async function openDetails(page: Page, m: Say): Promise<void> {
  await openDrafts(page)
  const field = page.getByLabel(m('comments_label'))
  while (!(await field.isVisible())) {
    await page
      .getByRole('button', { name: m('project_details_of', { name: DRAFT }) })
      .first()
      .click()
    await field.waitFor({ timeout: 2_000 }).catch(() => undefined)
  }
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
      await openDrafts(page)
      await page.getByRole('link', { name: DRAFT }).first().click()
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
  api: { who: 'Jonas', wide: true, show: (page) => page.goto('/account/keys') },
  share: {
    who: 'Jonas',
    wide: true,
    show: async (page, m) => {
      await openDetails(page, m)
      await page
        .getByRole('button', { name: m('share_act'), exact: true })
        .last()
        .click()
      await page.getByLabel(m('share_who')).fill('Sparkasse Musterstadt')
    }
  },
  order: {
    who: 'Jonas',
    wide: true,
    show: async (page, m) => {
      await openDrafts(page)
      const row = page.getByRole('checkbox').first()
      while (!(await row.isVisible())) {
        await page.getByRole('button', { name: m('order_select'), exact: true }).click()
        await row.waitFor({ timeout: 2_000 }).catch(() => undefined)
      }
      await row.check()
    }
  },
  versions: {
    who: 'Jonas',
    wide: true,
    show: async (page, m) => {
      await openDetails(page, m)
      await page.getByText(m('versions_upload')).first().scrollIntoViewIfNeeded()
    }
  },
  comments: {
    who: 'Jonas',
    wide: true,
    show: async (page, m) => {
      await openDetails(page, m)
      await page.getByLabel(m('comments_label')).scrollIntoViewIfNeeded()
    }
  },
  log: { who: 'Ingrid', wide: true, show: (page) => page.goto('/log') },
  accounts: {
    who: 'Ingrid',
    wide: true,
    show: async (page) => {
      await page.goto('/people')
      await page.getByRole('link', { name: 'Jonas Weber' }).click()
      await page.waitForURL('**/people/**')
    }
  }
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
