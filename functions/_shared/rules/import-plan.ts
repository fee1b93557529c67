/** What a table of people and clients changes, line by line. Pure: the same table on what it left changes nothing. */
import type { Locale } from '../contract/common.ts'
import type { ImportEffect, ImportFate, ImportLine, ImportRefusal, ImportSums } from '../contract/import.ts'
import type { StaffRole } from '../contract/person.ts'
import type { ImportWish, Unreadable } from './import-line.ts'

/** Who has an address already. */
export type Known = {
  id: string
  name: string
  locale: Locale
  staff_role: StaffRole | null
  active: boolean
  joined: boolean
  /** Whoever imports may know of them. Of others the answer is as if they were new, and nothing is changed. */
  known: boolean
  /** A sub-account of a client. */
  sub_account: boolean
  /** Has an invitation that still works. */
  invited: boolean
  organisation_ids: string[]
}
export type ImportFacts = {
  /** By the key of the address. */
  people: Map<string, Known>
  /** Clients that whoever imports may know of, by the key of the name. */
  organisations: Map<string, string[]>
}
export type ImportOptions = { invite: boolean; language: Locale }

export type NewPerson = {
  email_key: string
  email: string
  name: string
  staff_role: StaffRole | null
  locale: Locale
}
export type ImportPlan = {
  lines: ImportLine[]
  sums: ImportSums
  organisations: { key: string; name: string }[]
  people: NewPerson[]
  memberships: { email_key: string; organisation_key: string }[]
  /** Known people who have not joined: afterwards name and language are their own. */
  changes: { id: string; name: string; locale: Locale }[]
  /** Who is mailed a way in, and the client for whose sake. */
  invitations: { email_key: string; organisation_key: string | null }[]
}

/** What all the lines about one address say together: of each the first word counts. */
type Said = {
  line: number
  name: string | null
  role: ImportWish['role']
  language: Locale | null
  /** The lines that were carried out, by client. */
  by_organisation: Map<string | null, number>
}
type Outcome = { effects: ImportEffect[] } | { reason: ImportRefusal; of_line?: number }
type So = {
  facts: ImportFacts
  options: ImportOptions
  plan: ImportPlan
  said: Map<string, Said>
  /** New clients, by key: the line that brought them. */
  taken_on: Map<string, number>
}

export function planImport(
  lines: (ImportWish | Unreadable)[],
  facts: ImportFacts,
  options: ImportOptions
): ImportPlan {
  const plan: ImportPlan = {
    lines: [],
    sums: { people: 0, organisations: 0, changed: 0, same: 0, refused: 0, invitations: 0, invitable: 0 },
    ...{ organisations: [], people: [], memberships: [], changes: [], invitations: [] }
  }
  const so: So = { facts, options, plan, said: sayings(lines, facts), taken_on: new Map() }
  for (const line of lines) note(plan, line, 'reason' in line ? { reason: line.reason } : planLine(line, so))
  return plan
}

/** Read before anything is planned: a name may stand in a later line than the client. */
function sayings(lines: (ImportWish | Unreadable)[], facts: ImportFacts): Map<string, Said> {
  const said = new Map<string, Said>()
  for (const line of lines) {
    if ('reason' in line || line.email_key === null || whyNot(line, facts)) continue
    const before = said.get(line.email_key)
    if (before && contradicts(line, before)) continue
    said.set(line.email_key, {
      line: before?.line ?? line.line,
      name: before?.name ?? line.name,
      role: before?.role ?? roleIn(line),
      language: before?.language ?? line.language,
      by_organisation: new Map()
    })
  }
  return said
}

/** Who belongs to a client is nobody of the firm. */
const roleIn = (wish: ImportWish): ImportWish['role'] =>
  wish.role ?? (wish.organisation_key === null ? null : 'client')

const differs = <T>(a: T | null, b: T | null): boolean => a !== null && b !== null && a !== b
const contradicts = (wish: ImportWish, said: Said): boolean =>
  differs(wish.name, said.name) || differs(roleIn(wish), said.role) || differs(wish.language, said.language)

function planLine(wish: ImportWish, so: So): Outcome {
  const key = wish.organisation_key
  const refused = whyNot(wish, so.facts)
  if (refused) return { reason: refused }
  if (wish.email_key === null) return planClient(wish, so)
  const said = so.said.get(wish.email_key)
  const existing = so.facts.people.get(wish.email_key) ?? null
  if (!said) throw new Error('the lines were read already')
  const objection = objectionTo(wish, said, existing)
  if (objection) return objection
  const effects = takeOn(wish, so)
  const is_first = said.by_organisation.size === 0
  if (is_first) effects.unshift(...planPerson(wish, wish.email_key, said, existing, so))
  if (key !== null && !isMember(key, existing, so.facts)) {
    so.plan.memberships.push({ email_key: wish.email_key, organisation_key: key })
    if (effects[0] !== 'person') effects.push('membership')
  }
  said.by_organisation.set(key, wish.line)
  return { effects }
}

/** A line about a client alone. */
function planClient(wish: ImportWish, so: So): Outcome {
  const line = wish.organisation_key === null ? undefined : so.taken_on.get(wish.organisation_key)
  return line === undefined ? { effects: takeOn(wish, so) } : { reason: 'duplicate', of_line: line }
}

/** The client of the line, if there is none of that name. */
function takeOn({ organisation, organisation_key: key, line }: ImportWish, so: So): ImportEffect[] {
  if (organisation === null || key === null) return []
  if (so.facts.organisations.has(key) || so.taken_on.has(key)) return []
  so.taken_on.set(key, line)
  so.plan.organisations.push({ key, name: organisation })
  return ['organisation']
}

/** What speaks against a line by itself, whatever the others say. */
function whyNot(wish: ImportWish, facts: ImportFacts): ImportRefusal | null {
  const { role, organisation_key: key, email_key } = wish
  if (key !== null && (facts.organisations.get(key)?.length ?? 0) > 1) return 'organisation_ambiguous'
  const existing = email_key === null ? undefined : facts.people.get(email_key)
  // A table comes from elsewhere: nobody runs the firm because of a cell in it.
  if (!existing?.known) return role === 'administrator' ? 'role_administrator' : null
  if (!existing.active) return 'deactivated'
  if (role !== null && role !== (existing.staff_role ?? 'client')) return 'other_role'
  if (key === null || isMember(key, existing, facts)) return null
  if (existing.staff_role !== null) return 'staff_of_client'
  return existing.sub_account ? 'sub_account' : null
}

/** What speaks against it beside the others: with another client somebody belongs to both, else they must agree. */
function objectionTo(wish: ImportWish, said: Said, existing: Known | null): Outcome | null {
  if (!existing?.known && said.name === null) return { reason: 'name_missing' }
  if (contradicts(wish, said)) return { reason: 'contradicts', of_line: said.line }
  const same = said.by_organisation.get(wish.organisation_key)
  return same === undefined ? null : { reason: 'duplicate', of_line: same }
}

/** What the first line about somebody changes in who they are. */
function planPerson(
  wish: ImportWish,
  email_key: string,
  said: Said,
  existing: Known | null,
  so: So
): ImportEffect[] {
  const { plan, options } = so
  const effects: ImportEffect[] = []
  if (!existing?.known) {
    effects.push('person')
    if (!existing && wish.email !== null && said.name !== null)
      plan.people.push({
        ...{ email_key, email: wish.email, name: said.name },
        staff_role: said.role === 'client' ? null : said.role,
        locale: said.language ?? options.language
      })
  } else if (!existing.joined) {
    const [name, locale] = [said.name ?? existing.name, said.language ?? existing.locale]
    if (name !== existing.name) effects.push('name')
    if (locale !== existing.locale) effects.push('language')
    if (effects.length > 0) plan.changes.push({ id: existing.id, name, locale })
  }
  if (existing?.known && (existing.joined || existing.invited)) return effects
  plan.sums.invitable += 1
  if (!options.invite) return effects
  plan.sums.invitations += 1
  if (!existing || existing.known)
    plan.invitations.push({ email_key, organisation_key: wish.organisation_key })
  return [...effects, 'invitation']
}

function isMember(key: string, existing: Known | null, facts: ImportFacts): boolean {
  // Somebody whom the importer may not know of stays as they are.
  if (existing && !existing.known) return true
  const id = facts.organisations.get(key)?.[0]
  return id !== undefined && existing !== null && existing.organisation_ids.includes(id)
}

function note(plan: ImportPlan, line: ImportWish | Unreadable, outcome: Outcome): void {
  const effects = 'effects' in outcome ? outcome.effects : []
  const fate = fateOf(line, outcome)
  plan.lines.push({
    line: line.line,
    ...{ name: line.name, email: line.email, organisation: line.organisation, fate, effects },
    reason: 'reason' in outcome ? outcome.reason : null,
    of_line: 'reason' in outcome ? (outcome.of_line ?? null) : null
  })
  if (effects.includes('person')) plan.sums.people += 1
  if (effects.includes('organisation')) plan.sums.organisations += 1
  if (fate === 'change') plan.sums.changed += 1
  if (fate === 'same') plan.sums.same += 1
  if (fate === 'refuse') plan.sums.refused += 1
}

function fateOf(line: { email: string | null }, outcome: Outcome): ImportFate {
  if ('reason' in outcome) return 'refuse'
  if (outcome.effects.includes('person')) return 'make'
  if (line.email === null && outcome.effects.includes('organisation')) return 'make'
  return outcome.effects.length > 0 ? 'change' : 'same'
}
