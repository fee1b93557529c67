/** Imports: what is there already, and a plan carried out as one. What becomes of a line is rules/import-plan.ts. */
import { z } from 'zod'
import { INVITATION_DAYS, linkUrl, newLinkSecret } from '../_shared/auth/link.ts'
import { sealAll } from '../_shared/auth/sealed.ts'
import { Id, Locale } from '../_shared/contract/common.ts'
import { StaffRole } from '../_shared/contract/person.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, rows, run } from '../_shared/db/database.ts'
import { Problem } from '../_shared/problem.ts'
import { type ImportWish, type Unreadable, organisationKey } from '../_shared/rules/import-line.ts'
import {
  type ImportFacts,
  type ImportOptions,
  type ImportPlan,
  planImport
} from '../_shared/rules/import-plan.ts'

const sql = blocks<
  | 'one_at_a_time'
  | 'people'
  | 'lock_people'
  | 'organisations'
  | 'take_on'
  | 'make'
  | 'change'
  | 'join'
  | 'end_links'
  | 'make_links'
  | 'tell'
>(new URL('./imports.sql', import.meta.url))

type On = Parameters<typeof rows>[0]
type Lines = (ImportWish | Unreadable)[]

const Named = z.object({ id: Id, name: z.string() })
const Made = z.object({ id: Id, email_key: z.string() })
const LinkRow = z.object({ id: Id, person_id: Id })
const KnownRow = z.object({
  email_key: z.string(),
  id: Id,
  name: z.string(),
  locale: Locale,
  staff_role: StaffRole.nullable(),
  active: z.boolean(),
  joined: z.boolean(),
  known: z.boolean(),
  sub_account: z.boolean(),
  invited: z.boolean(),
  organisation_ids: z.array(Id)
})

const addressesOf = (lines: Lines): string[] => [
  ...new Set(lines.flatMap((line) => ('email_key' in line && line.email_key ? [line.email_key] : [])))
]

async function factsFor(on: On, askerId: string, lines: Lines): Promise<ImportFacts> {
  const people = await rows(on, sql('people'), [askerId, addressesOf(lines)], KnownRow)
  const organisations = new Map<string, string[]>()
  for (const { id, name } of await rows(on, sql('organisations'), [askerId], Named)) {
    const key = organisationKey(name)
    organisations.set(key, [...(organisations.get(key) ?? []), id])
  }
  return { people: new Map(people.map(({ email_key, ...known }) => [email_key, known])), organisations }
}

/** What the import would do now. Nothing is changed. */
export const previewImport = async (on: On, askerId: string, lines: Lines, options: ImportOptions) =>
  planImport(lines, await factsFor(on, askerId, lines), options)

/** Plans anew and does it: all of it or, whatever goes wrong on the way, nothing. */
export async function runImport(
  session: Session,
  actor_id: string,
  lines: Lines,
  options: ImportOptions,
  acts: Act[]
): Promise<ImportPlan> {
  await run(session, sql('one_at_a_time'))
  await run(session, sql('lock_people'), [addressesOf(lines)])
  const facts = await factsFor(session, actor_id, lines)
  const plan = planImport(lines, facts, options)
  const clients = await takeOn(session, actor_id, plan, facts, acts)
  const people = await makePeople(session, actor_id, plan, facts, acts)
  await join(session, actor_id, plan, { clients, people }, acts)
  await invite(session, actor_id, plan, { clients, people }, acts)
  const { people: made, organisations, changed, refused, invitations } = plan.sums
  const sums = { lines: lines.length, people: made, organisations, changed, refused, invitations }
  if (made + organisations + changed + invitations > 0)
    acts.push({ action: 'people.imported', actor_id, facts: sums })
  return plan
}

type Ids = Map<string, string>

/** New clients; the ids of all that lines speak of, by key. */
async function takeOn(
  session: Session,
  actor_id: string,
  plan: ImportPlan,
  facts: ImportFacts,
  acts: Act[]
): Promise<Ids> {
  const ids: Ids = new Map()
  for (const [key, [id]] of facts.organisations) if (id) ids.set(key, id)
  const names = plan.organisations.map((one) => one.name)
  for (const { id, name } of await rows(session, sql('take_on'), [actor_id, names], Named)) {
    ids.set(organisationKey(name), id)
    acts.push({ action: 'organisation.created', actor_id, subject_id: id })
  }
  return ids
}

/** New people, and corrections of those who have not joined; the ids of all, by the key of the address. */
async function makePeople(
  session: Session,
  actor_id: string,
  { people, changes }: ImportPlan,
  facts: ImportFacts,
  acts: Act[]
): Promise<Ids> {
  const ids: Ids = new Map([...facts.people].map(([key, { id }]) => [key, id]))
  const columns = [
    people.map((one) => one.name),
    people.map((one) => one.email),
    people.map((one) => one.email_key),
    people.map((one) => one.staff_role),
    people.map((one) => one.locale)
  ]
  for (const { id, email_key } of await rows(session, sql('make'), columns, Made)) ids.set(email_key, id)
  for (const { email_key, staff_role } of people) {
    const id = ids.get(email_key)
    // Invited by a colleague at this very moment: nothing is done, and asked again the answer is another.
    if (!id) throw new Problem('conflict', 'Somebody else changed the same people. Please try again.')
    acts.push({ action: 'person.created', actor_id, subject_id: id, facts: { staff_role } })
  }
  await run(session, sql('change'), [
    changes.map((one) => one.id),
    changes.map((one) => one.name),
    changes.map((one) => one.locale)
  ])
  for (const { id } of changes)
    acts.push({ action: 'person.changed', actor_id, subject_id: id, facts: { imported: true } })
  return ids
}

type Known = { clients: Ids; people: Ids }

function idOf(ids: Ids, key: string): string {
  const id = ids.get(key)
  if (id === undefined) throw new Error('the plan speaks of what is not there')
  return id
}

async function join(
  session: Session,
  actor_id: string,
  { memberships }: ImportPlan,
  { clients, people }: Known,
  acts: Act[]
): Promise<void> {
  const pairs = memberships.map((one) => ({
    subject_id: idOf(people, one.email_key),
    organisation_id: idOf(clients, one.organisation_key)
  }))
  await run(session, sql('join'), [
    pairs.map((one) => one.subject_id),
    pairs.map((one) => one.organisation_id)
  ])
  for (const { subject_id, organisation_id } of pairs)
    acts.push({ action: 'membership.changed', actor_id, subject_id, facts: { organisation_id, added: true } })
}

/** A way in for each, mailed. The secrets leave here sealed only; a client's mails wait behind that client's own. */
async function invite(
  session: Session,
  actor_id: string,
  { invitations }: ImportPlan,
  { clients, people }: Known,
  acts: Act[]
): Promise<void> {
  const wished = invitations.map((one) => ({
    person_id: idOf(people, one.email_key),
    organisation_id: one.organisation_key === null ? null : idOf(clients, one.organisation_key),
    ...newLinkSecret()
  }))
  const whom = wished.map((one) => one.person_id)
  await run(session, sql('end_links'), [whom])
  const values = [wished.map((one) => one.hash), whom, actor_id, INVITATION_DAYS]
  const links = new Map(
    (await rows(session, sql('make_links'), values, LinkRow)).map((one) => [one.person_id, one.id])
  )
  const sealed = await sealAll(
    wished.map(({ person_id, secret }) => linkUrl('invitation', idOf(links, person_id), secret))
  )
  const jobs = wished.map(({ person_id, organisation_id }, at) => {
    const link_id = idOf(links, person_id)
    acts.push({
      ...{ action: 'person.invited', actor_id, subject_id: person_id },
      facts: { link_id, organisation_id, staff_role: null, again: false }
    })
    return {
      data: { template: 'invitation', person_id, link_id, link: sealed[at] },
      organisation_id,
      link_id
    }
  })
  await run(session, sql('tell'), [
    jobs.map((one) => JSON.stringify(one.data)),
    jobs.map((one) => one.organisation_id ?? ''),
    jobs.map((one) => `invitation:${one.link_id}`)
  ])
}
