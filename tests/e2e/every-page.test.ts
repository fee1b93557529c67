/**
 * Every page in each language, narrow and wide, light and dark: axe finds nothing, nothing sticks out, no script fails. A
 * page that is neither here nor in a journey of its own fails the test. PORTICO_EVERY_LOOK=1 takes all twelve looks.
 */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { axeFindings } from './support/axe.ts'
import { launchBrowser, openBrowser } from './support/browser.ts'
import { sidewaysScroll, takePicture } from './support/look.ts'
import { type Maker, startMaker } from './support/maker.ts'
import type { Locale } from './support/words.ts'

const ROUTES = 'web/src/routes'

/** Pages that only a secret or a moment leads to; journeys look at them. */
const IN_JOURNEYS = [
  '/email-undo/[id]',
  '/email/[id]',
  '/invitation/[id]',
  '/l/[id]',
  '/reset/[id]',
  '/second-factor',
  '/second-factor/code/[kind]',
  '/second-factor/codes',
  '/second-factor/recovery',
  '/setup/[id]',
  '/sign-in/provider',
  '/sign-in/provider/back',
  '/sign-in/provider/proved',
  '/unsubscribe/[token]'
]

type Who = 'nobody' | 'administrator' | 'staff' | 'client'

let stack: Stack
let browser: Browser
let maker: Maker
/** Who looks at a page, by its route, and where: its places of interest. */
let pages: Record<string, [Who, ...string[]]>
const people = {} as Record<Exclude<Who, 'nobody'>, ApiClient>

async function signIn(name: string): Promise<ApiClient> {
  const client = new ApiClient(stack.origin)
  await client.signIn(stack.person(name))
  return client
}

const firstOf = async (client: ApiClient, path: string): Promise<{ id: string; name: string }> => {
  const { items } = await client.call<{ items: { id: string; name: string }[] }>('GET', path)
  assert.ok(items[0], `${path} has none`)
  return items[0]
}

before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  maker = await startMaker(stack)
  people.staff = maker.client
  people.administrator = await signIn('Ingrid')
  people.client = await signIn('Petra')
  const { administrator } = people
  const project = `/projects/${maker.project.id}`
  const paper = await maker.send('tracemonkey.pdf', 'Every page.pdf')
  const group = await administrator.call<{ id: string }>('POST', '/admin/groups', { name: 'Steuern' })
  const person = await firstOf(administrator, '/admin/people?limit=10')
  const organisation = await firstOf(administrator, '/admin/organisations?limit=10')
  const { webhook } = await administrator.call<{ webhook: { id: string } }>('POST', '/admin/webhooks', {
    name: 'Buchhaltung',
    url: 'https://hooks.example.com/portico',
    types: ['document.ready', 'link.opened']
  })
  const rule = await maker.client.call<{ id: string }>('POST', '/automations/rules', {
    name: 'Rechnungen',
    happens: 'arrives',
    place_id: maker.project.id,
    conditions: { name: 'Rechnung*', kinds: ['pdf'] },
    actions: [
      { do: 'rename', to: '{date} {name}' },
      { do: 'tag', tags: ['Rechnung'] }
    ]
  })
  pages = {
    '/(app)': ['staff', '/'],
    '/(app)/account': ['client', '/account'],
    '/(app)/account/deputies': ['staff', '/account/deputies'],
    '/(app)/account/email': ['client', '/account/email'],
    '/(app)/account/keys': ['staff', '/account/keys'],
    '/(app)/account/notices': ['client', '/account/notices'],
    '/(app)/account/password': ['client', '/account/password'],
    '/(app)/account/security': ['client', '/account/security'],
    '/(app)/account/security/app': ['client', '/account/security/app'],
    '/(app)/api': ['staff', '/api'],
    '/(app)/archives': ['client', '/archives'],
    '/(app)/emergency': ['administrator', '/emergency'],
    '/(app)/automations': ['staff', '/automations'],
    '/(app)/automations/new': ['staff', '/automations/new', `/automations/new?project=${maker.project.id}`],
    '/(app)/automations/[id]': ['staff', `/automations/${rule.id}`],
    '/(app)/groups': ['administrator', '/groups'],
    '/(app)/groups/[id]': ['administrator', `/groups/${group.id}`],
    '/(app)/inbox': ['staff', '/inbox'],
    '/(app)/jobs': ['administrator', '/jobs'],
    '/(app)/links': ['staff', '/links'],
    '/(app)/locks': ['staff', '/locks'],
    '/(app)/log': ['administrator', '/log'],
    '/(app)/organisations/[id]': ['administrator', `/organisations/${organisation.id}`],
    '/(app)/people': ['administrator', '/people'],
    '/(app)/people/[id]': ['administrator', `/people/${person.id}`],
    '/(app)/people/import': ['administrator', '/people/import'],
    '/(app)/search': ['client', '/search?q=trace'],
    '/(app)/settings': ['administrator', '/settings'],
    '/(app)/settings/backups': ['administrator', '/settings/backups'],
    '/(app)/settings/provider': ['administrator', '/settings/provider'],
    '/(app)/settings/sign-in': ['administrator', '/settings/sign-in'],
    '/(app)/settings/webhooks': ['administrator', '/settings/webhooks'],
    '/(app)/settings/webhooks/[id]': [
      'administrator',
      `/settings/webhooks/${webhook.id}`,
      `/settings/webhooks/${webhook.id}?ask=remove`
    ],
    '/documents/[id]': ['staff', `/documents/${paper.id}`],
    '/documents/[id]/compare': ['staff', `/documents/${paper.id}/compare`],
    '/forgot': ['nobody', '/forgot'],
    '/help': ['client', '/help'],
    '/help/[topic]': ['client', '/help/send'],
    '/imprint': ['nobody', '/imprint'],
    '/privacy': ['nobody', '/privacy'],
    '/projects/[id]': ['staff', project],
    '/projects/[id]/access': ['staff', `${project}/access`],
    '/projects/[id]/activity': ['client', `${project}/activity`],
    '/projects/[id]/duplicates': ['staff', `${project}/duplicates`],
    '/projects/[id]/guests': ['staff', `${project}/guests`],
    '/projects/[id]/links': ['staff', `${project}/links`],
    '/projects/[id]/people': [
      'staff',
      `${project}/people`,
      `${project}/people?ask=give`,
      `${project}/people?thing=${paper.id}&ask=close`
    ],
    '/projects/[id]/trash': ['staff', `${project}/trash`],
    '/sign-in': ['nobody', '/sign-in']
  }
})
after(async () => {
  await browser?.close()
  await stack?.stop()
})

test('every page is looked at somewhere', () => {
  const routes = globSync('**/+page.svelte', { cwd: ROUTES })
    .map((path) => `/${path}`.replace('/+page.svelte', '') || '/')
    .sort()
  assert.ok(routes.length > 40)
  // A job's page is there only once one has failed: journeys of the office look at it.
  const known = [...Object.keys(pages), ...IN_JOURNEYS, '/(app)/jobs/[id]'].sort()
  assert.deepEqual(routes, known)
})

type Look = [locale: Locale, width: number, dark: boolean]
const LOOKS: Look[] = process.env.PORTICO_EVERY_LOOK
  ? (['de', 'en', 'sv'] as const).flatMap((locale) =>
      [360, 1280].flatMap((width) => [false, true].map((dark): Look => [locale, width, dark]))
    )
  : [
      ['de', 360, false],
      ['en', 1280, true],
      ['sv', 360, true]
    ]

for (const [locale, width, dark] of LOOKS)
  test(`every page in ${locale} on ${width} px${dark ? ', dark' : ''}`, async () => {
    const troubles: string[] = []
    for (const who of ['nobody', 'administrator', 'staff', 'client'] as const) {
      const { context, page, faults, close } = await openBrowser(browser, stack.origin, {
        locale,
        width,
        dark
      })
      if (who !== 'nobody') {
        const client = people[who]
        await client.call('PATCH', '/auth/session', { locale })
        const cut = client.cookie.indexOf('=')
        const [name, value] = [client.cookie.slice(0, cut), client.cookie.slice(cut + 1)]
        await context.addCookies([{ name, value, url: stack.origin }])
      }
      const places = Object.values(pages).flatMap(([looker, ...at]) => (looker === who ? at : []))
      for (const [no, place] of places.entries()) {
        const answer = await page.goto(place)
        if (answer?.status() !== 200) troubles.push(`${place} answers ${answer?.status()}`)
        // The description of the API is drawn by its scripts.
        await page.locator('h1').first().waitFor({ state: 'attached' })
        const said = await page.locator('html').getAttribute('lang')
        if (said !== locale) troubles.push(`${place} speaks ${said}`)
        const found = await axeFindings(page)
        if (found.length > 0) troubles.push(`${place}: ${JSON.stringify(found)}`)
        const beyond = await sidewaysScroll(page)
        if (beyond > 0) troubles.push(`${place} can be scrolled sideways by ${beyond} px`)
        if (process.env.PORTICO_PICTURES) {
          const look = `${locale}-${width}-${dark ? 'dark' : 'light'}`
          await takePicture(page, process.env.PORTICO_PICTURES, `${look}-${who}-${no}`)
        }
      }
      troubles.push(...faults)
      await close()
    }
    assert.deepEqual(troubles, [])
  })
