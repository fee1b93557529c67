/** A day in an office, walked through and written down: docs/guide/tour.md. A step more is an entry more in `STEPS`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'otplib'
import type { Browser, Page } from 'playwright-core'
import type { Stack } from '../../support/stack.ts'
import { choose } from '../support/choose.ts'
import { linkMailedTo } from '../support/mail.ts'
import { words } from '../support/words.ts'
import { openView, takeWebp } from './camera.ts'

const m = words('de')
const ADDRESS = 'maria.vogel@bergmann.example'
const PROJECT = 'Betriebsprüfung 2026'
const PAPER = 'Mietvertrag Halle 3.txt'

type People = { firm: Page; client: Page; bank: Page; stack: Stack }
type Step = {
  title: string
  /** What the reader is told; the picture stands below. */
  text: string
  act: (people: People) => Promise<unknown>
  /** Whose window is photographed. */
  look: 'firm' | 'client' | 'bank'
}

const STEPS: Step[] = [
  {
    title: 'Ein Projekt anlegen',
    text: 'Jonas Weber von Lindqvist & Partner legt für die Bergmann Maschinenbau GmbH ein Projekt an.',
    act: async ({ firm }) => {
      await firm.goto('/?new')
      await firm.locator('dialog input[name=name]').fill(PROJECT)
      await choose(firm, m('organisation_label'), 'Bergmann Maschinenbau GmbH')
    },
    look: 'firm'
  },
  {
    title: 'Die Mandantin einladen',
    text: 'Maria Vogel soll Unterlagen senden. Sie bekommt eine E-Mail mit einem Link, der nur einmal gilt, und gleich Zugriff auf das Projekt.',
    act: async ({ firm }) => {
      await firm.getByRole('button', { name: m('act_create_project') }).click()
      await firm.waitForURL('**/projects/**')
      await firm.goto('/people?invite')
      const form = firm.locator('#invite')
      await form.locator('input[name=name]').fill('Maria Vogel')
      await form.locator('input[name=email]').fill(ADDRESS)
      await choose(form, m('organisation_label'), 'Bergmann Maschinenbau GmbH')
      await choose(form, m('home_project'), PROJECT)
      await form.locator('select[name=level]').selectOption('contribute')
    },
    look: 'firm'
  },
  {
    title: 'Die Einladung annehmen',
    text: 'Maria öffnet den Link auf ihrem Telefon und legt ein Passwort fest. Danach richtet sie die Code-App ein.',
    act: async ({ firm, client, stack }) => {
      await firm.getByRole('button', { name: m('act_send_invitation') }).click()
      await client.goto(await linkMailedTo(stack.data, ADDRESS))
      // The secret is in the address: the page's script puts it into the form.
      await client.locator('input[name=secret]:not([value=""])').waitFor({ state: 'attached' })
      await client.getByRole('button', { name: m('act_open_invitation') }).click()
      await client.locator('input[name=password]').waitFor()
    },
    look: 'client'
  },
  {
    title: 'Die ersten Schritte',
    text: 'Das Portal sagt ihr, womit sie anfangen kann.',
    act: async ({ client }) => {
      await client.locator('input[name=password]').fill('Sommer-Regen-Brücke-47')
      await client.locator('input[name=password]').press('Enter')
      await client.waitForURL('**/second-factor**')
      const secret = /secret=([A-Z2-7]+)/.exec(await client.content())?.[1]
      if (!secret) throw new Error('the page shows no secret for the code app')
      await client.locator('input[name=code]').fill(await generate({ secret }))
      await client.locator('input[name=code]').press('Enter')
      await client.waitForURL('**/second-factor/codes')
      await client.getByRole('link', { name: m('recovery_later') }).click()
      await client.waitForURL((url) => url.pathname === '/')
      await client.getByRole('heading', { name: m('first_steps_title') }).waitFor()
    },
    look: 'client'
  },
  {
    title: 'Senden und die Bestätigung bekommen',
    text: 'Sie wählt eine Datei. Am Ende steht die Empfangsbestätigung: was ankam, wann, und wer es sehen kann.',
    act: async ({ client }) => {
      await client
        .locator('main a[href^="/projects/"]', { hasText: PROJECT })
        .filter({ visible: true })
        .first()
        .click()
      await client.waitForURL('**/projects/**')
      const buffer = Buffer.from(
        'Mietvertrag über die Halle 3\n\nDie Kündigungsfrist beträgt sechs Monate.\n'
      )
      await client
        .locator('input[type=file]')
        .first()
        .setInputFiles({ name: PAPER, mimeType: 'text/plain', buffer })
      await client.getByText(m('upload_receipt_seen_by')).waitFor({ timeout: 60_000 })
    },
    look: 'client'
  },
  {
    title: 'In der Kanzlei steht es sofort da',
    text: 'Jonas sieht das Dokument im Projekt, ohne die Seite neu zu laden, mit seinem Status.',
    act: async ({ firm, client }) => {
      await client.getByRole('button', { name: m('upload_receipt_ok') }).click()
      await firm.goto('/')
      await firm
        .locator('main a[href^="/projects/"]', { hasText: PROJECT })
        .filter({ visible: true })
        .first()
        .click()
      await firm.getByText(PAPER).first().waitFor()
      await firm
        .getByText(m('document_state_not_scanned'))
        .or(firm.getByText(m('document_state_ready')))
        .first()
        .waitFor({ timeout: 60_000 })
    },
    look: 'firm'
  },
  {
    title: 'Suchen',
    text: 'Ein Wort genügt. Gesucht wird in Namen und in den Texten, und nur in dem, was man sehen darf.',
    act: async ({ firm }) => {
      await firm.goto('/search?q=mietvertrag')
      await firm.getByRole('heading', { name: m('search_names') }).waitFor()
    },
    look: 'firm'
  },
  {
    title: 'Alles als ZIP',
    text: 'Vor dem Herunterladen steht da, was mitkommt und was nicht.',
    act: async ({ firm }) => {
      await firm.goto('/')
      await firm
        .locator('main a[href^="/projects/"]', { hasText: PROJECT })
        .filter({ visible: true })
        .first()
        .click()
      await firm.waitForURL('**/projects/**')
      await firm.getByRole('button', { name: m('archive_take') }).click()
      await firm.getByText('SHA256SUMS').waitFor()
    },
    look: 'firm'
  },
  {
    title: 'Mit der Bank teilen',
    text: 'Für die Bank gibt es einen Link: wer, was er darf, bis wann. Ein Satz fasst zusammen, was geschieht.',
    act: async ({ firm }) => {
      await firm.keyboard.press('Escape')
      await firm.getByRole('button', { name: m('project_details_of', { name: PAPER }) }).click()
      await firm.getByRole('button', { name: m('share_act'), exact: true }).click()
      await firm.getByLabel(m('share_who')).fill('Sparkasse Musterstadt')
      await firm.getByText(/^Sparkasse Musterstadt kann/).waitFor()
    },
    look: 'firm'
  },
  {
    title: 'Die Bank öffnet den Link',
    text: 'Ohne Konto, auf dem Telefon: wer teilt, was, bis wann. Geöffnet wird erst mit dem Knopf.',
    act: async ({ firm, bank }) => {
      await firm.getByRole('button', { name: m('share_create') }).click()
      await firm.getByText(m('share_made_lead')).waitFor()
      await bank.goto(await firm.locator('dialog[open] code').first().innerText())
      await bank.getByLabel(m('visit_name')).fill('Berta Bank')
    },
    look: 'bank'
  },
  {
    title: 'Ansehen, mit Wasserzeichen',
    text: 'Jede Seite wird für diese Besucherin gezeichnet und trägt Link, Namen und Zeit.',
    act: async ({ bank }) => {
      await bank.getByRole('button', { name: m('visit_open') }).click()
      await bank.getByRole('button', { name: PAPER }).click()
      await bank.waitForFunction(() => {
        const image = document.querySelector<HTMLImageElement>('main img')
        return image !== null && image.complete && image.naturalWidth > 300
      })
    },
    look: 'bank'
  },
  {
    title: 'Wer hat geöffnet?',
    text: 'Jonas sieht den Besuch bei den Links des Projekts und kann den Link sofort beenden.',
    act: async ({ firm }) => {
      await firm.goto(`${new URL(firm.url()).pathname}/links`)
      await firm.getByText(m('links_visits'), { exact: true }).first().click()
      await firm.getByText('Berta Bank').waitFor()
    },
    look: 'firm'
  },
  {
    title: 'Der Verlauf',
    text: 'Am Abend steht alles im Verlauf: wer was wann gesendet, angesehen und heruntergeladen hat.',
    act: async ({ firm }) => {
      await firm.goto(new URL(firm.url()).pathname.replace(/\/links$/, '/activity'))
      await firm.getByText(m('activity_lead')).waitFor()
    },
    look: 'firm'
  }
]

/** Walks the day and writes FOLDER/tour.md with its pictures. */
export async function writeTour(browser: Browser, stack: Stack, folder: string): Promise<void> {
  rmSync(join(folder, 'tour'), { recursive: true, force: true })
  mkdirSync(join(folder, 'tour'), { recursive: true })
  const firm = await openView(browser, stack, { locale: 'de', wide: true }, 'Jonas')
  const client = await openView(browser, stack, { locale: 'de' })
  const bank = await openView(browser, stack, { locale: 'de' })
  const parts = [
    '# Ein Tag im Büro',
    'Von der Einladung bis zum Verlauf, mit der Demofirma. Gemacht von `npm run guide`.'
  ]
  for (const [index, { title, text, act, look }] of STEPS.entries()) {
    await act({ firm, client, bank, stack })
    const picture = `tour/${String(index + 1).padStart(2, '0')}.webp`
    await takeWebp({ firm, client, bank }[look], join(folder, picture))
    parts.push(`## ${index + 1}. ${title}`, text, `![${title}](${picture})`)
    process.stdout.write(`${index + 1}. ${title}\n`)
  }
  writeFileSync(join(folder, 'tour.md'), `${parts.join('\n\n')}\n`)
  await firm.context().close()
  await client.context().close()
  await bank.context().close()
}
