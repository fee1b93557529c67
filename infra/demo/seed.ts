/**
 * The demo firm, made through the same doors that people use: set-up link, invitations by mail, uploads.
 * A second run with the same data changes nothing. Writes <data>/demo.json (mode 0600) for scripts that sign in.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ApiClient, type OutgoingFile } from './api-client.ts'
import { annualAccounts, payroll, tradeMark } from './files.ts'
import { IMPRINT, PRIVACY } from './legal.ts'

export type DemoPerson = { name: string; role: string; email: string; password: string; totp_secret: string }
export type Demo = { address: string; people: DemoPerson[] }

/** What the starter hands over. `messages` answers the caught mails, newest last. */
export type SeedInput = {
  origin: string
  data: string
  /** The set-up link of a firm that does not exist yet: ORIGIN/setup/<id>#<secret>. */
  setup_link: string
  messages: () => Promise<{ to: string; text: string }[]>
}

type Guest = { name: string; email: string; locale: string; role: string }

const password = () => `Demo-${randomBytes(6).toString('base64url')}-Portico`

/** Makes the demo firm. Throws ApiError when the portal refuses a step; then the data folder must be thrown away. */
export async function seedDemo(input: SeedInput): Promise<Demo> {
  const file = join(input.data, 'demo.json')
  if (existsSync(file)) return { ...JSON.parse(readFileSync(file, 'utf8')), address: input.origin }
  const people: DemoPerson[] = []
  const [admin, ingrid] = await setUp(input)
  people.push(ingrid)

  const bergmann = await admin.call<{ id: string }>('POST', '/admin/organisations', {
    name: 'Bergmann Maschinenbau GmbH'
  })
  const nordstrom = await admin.call<{ id: string }>('POST', '/admin/organisations', {
    name: 'Nordström Design AB'
  })
  const join_ = async (guest: Guest, invitation: object) => {
    const [client, person] = await invite(input, admin, guest, invitation)
    people.push(person)
    return client
  }
  const jonas = await join_(
    { name: 'Jonas Weber', email: 'jonas.weber@lindqvist.example', locale: 'de', role: 'staff' },
    { staff_role: 'staff' }
  )
  const aylin = await join_(
    { name: 'Aylin Demir', email: 'aylin.demir@lindqvist.example', locale: 'de', role: 'staff' },
    { staff_role: 'staff' }
  )

  const project = (by: ApiClient, name: string, client_id: string) =>
    by.call<{ id: string }>('POST', '/documents/projects', { name, client_id })
  const accounts = await project(jonas, 'Jahresabschluss 2025', bergmann.id)
  const wages = await project(jonas, 'Lohnbuchhaltung', bergmann.id)
  const mark = await project(aylin, 'Markenanmeldung NORD', nordstrom.id)
  await shareWithColleagues(jonas, people, [accounts.id, wages.id], 'Aylin Demir')

  const petra = await join_(
    { name: 'Petra Bergmann', email: 'petra@bergmann.example', locale: 'de', role: 'client' },
    { organisation_id: bergmann.id }
  )
  await join_(
    { name: 'Tobias Krämer', email: 'tobias@bergmann.example', locale: 'de', role: 'client' },
    { organisation_id: bergmann.id }
  )
  const elin = await join_(
    { name: 'Elin Nordström', email: 'elin@nordstrom.example', locale: 'sv', role: 'client' },
    { organisation_id: nordstrom.id }
  )
  await join_(
    { name: 'Karl Åberg', email: 'karl@nordstrom.example', locale: 'en', role: 'client' },
    { organisation_id: nordstrom.id }
  )

  await fill({ jonas, petra, elin }, { accounts: accounts.id, wages: wages.id, mark: mark.id })
  await admin.call('PATCH', '/admin/firm', { imprint: IMPRINT, privacy: PRIVACY })
  const demo = { address: input.origin, people }
  writeFileSync(file, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 })
  return demo
}

async function setUp(input: SeedInput): Promise<[ApiClient, DemoPerson]> {
  const link = parseLink(input.setup_link)
  const client = new ApiClient(input.origin)
  const person = {
    name: 'Dr. Ingrid Lindqvist',
    role: 'administrator',
    email: 'ingrid.lindqvist@lindqvist.example',
    password: password()
  }
  await client.call('POST', `/auth/setup/${link.id}`, {
    secret: link.secret,
    firm_name: 'Lindqvist & Partner',
    name: person.name,
    email: person.email,
    password: person.password,
    locale: 'de',
    time_zone: 'Europe/Berlin'
  })
  return [client, { ...person, totp_secret: await client.setUpSecondFactor() }]
}

async function invite(
  input: SeedInput,
  admin: ApiClient,
  guest: Guest,
  invitation: object
): Promise<[ApiClient, DemoPerson]> {
  const { role, ...who } = guest
  await admin.call('POST', '/admin/invitations', { ...who, ...invitation })
  const link = await mailedLink(input, guest.email)
  const client = new ApiClient(input.origin)
  const secret = password()
  await client.call('POST', `/auth/invitations/${link.id}/accept`, {
    secret: link.secret,
    name: guest.name,
    password: secret,
    locale: guest.locale
  })
  const totp_secret = await client.setUpSecondFactor()
  return [client, { name: guest.name, role, email: guest.email, password: secret, totp_secret }]
}

/** The invitation's link from the caught mail; waits for it up to 30 s. */
async function mailedLink(input: SeedInput, email: string): Promise<{ id: string; secret: string }> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await wait(100)) {
    const mail = (await input.messages()).findLast((message) => message.to.includes(email))
    const link = mail && /https?:\/\/\S+\/invitation\/\S+#[A-Za-z0-9_-]{43}/.exec(mail.text)?.[0]
    if (link) return parseLink(link)
  }
  throw new Error('no invitation arrived by mail within 30 s')
}

function parseLink(link: string): { id: string; secret: string } {
  const url = new URL(link)
  return { id: url.pathname.split('/').at(-1) ?? '', secret: url.hash.slice(1) }
}

async function shareWithColleagues(
  by: ApiClient,
  people: DemoPerson[],
  projects: string[],
  name: string
): Promise<void> {
  const all = await by.call<{ items: { id: string; email: string }[] }>('GET', '/admin/people')
  const email = people.find((person) => person.name === name)?.email
  const colleague = all.items.find((person) => person.email === email)
  if (!colleague) throw new Error(`${name} is not among the people`)
  for (const thing_id of projects)
    await by.call('POST', '/admin/grants', {
      thing_id,
      principal_kind: 'person',
      principal_id: colleague.id,
      level: 'contribute'
    })
}

async function fill(
  by: Record<'jonas' | 'petra' | 'elin', ApiClient>,
  projects: Record<'accounts' | 'wages' | 'mark', string>
): Promise<void> {
  const folder = async (client: ApiClient, parent_id: string, name: string) =>
    (await client.call<{ id: string }>('POST', '/documents/folders', { parent_id, name })).id
  const send = (client: ApiClient, id: string, files: OutgoingFile[]) => client.upload(id, files)
  const papers = await annualAccounts()
  await send(by.petra, await folder(by.jonas, projects.accounts, 'Belege'), papers.client)
  await send(by.jonas, await folder(by.jonas, projects.accounts, 'Entwürfe'), papers.firm)
  await send(by.jonas, await folder(by.jonas, projects.wages, '2026'), await payroll())
  await send(by.elin, await folder(by.elin, projects.mark, 'Underlag'), await tradeMark())
}
