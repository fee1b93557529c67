/** What a provider's word is worth: which role its claims give, whether they are a second factor, who gets in. Pure. */
import type { StaffRole } from '../contract/person.ts'
import type { ProviderFactors, RoleValues } from '../contract/provider.ts'

export type Claims = Record<string, unknown>

const ROLES = ['administrator', 'staff', 'assistant', 'auditor'] as const satisfies StaffRole[]

/** A claim by its name, or by its path where no claim has the whole name; as a list of texts. */
export function valuesOf(claims: Claims, name: string): string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : name.split('.').reduce<unknown>(step, claims)
  const all = Array.isArray(value) ? value : [value]
  return all.filter((one) => typeof one === 'string')
}

const step = (at: unknown, name: string): unknown =>
  typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Claims)[name] : undefined

/** The first role of which somebody has a value; null: none, and so no way in. */
export function roleOf(claims: Claims, setting: { role_claim: string; roles: RoleValues }): StaffRole | null {
  const held = new Set(valuesOf(claims, setting.role_claim))
  return ROLES.find((role) => setting.roles[role].some((value) => held.has(value))) ?? null
}

/** 2: the provider has asked for a second factor, and the firm takes its word for it. */
export function factorsOf(
  claims: Claims,
  setting: { factors: ProviderFactors; factor_values: string[] }
): 1 | 2 {
  if (setting.factors === 'always') return 2
  if (setting.factors === 'own') return 1
  const said = [...valuesOf(claims, 'acr'), ...valuesOf(claims, 'amr')]
  return said.some((value) => setting.factor_values.includes(value)) ? 2 : 1
}

/** The address, where the provider says that it is this person's, or gives it out itself. */
export function emailOf(claims: Claims, setting: { trusts_email: boolean }): string | null {
  if (typeof claims.email !== 'string') return null
  // Entra ID says xms_edov of addresses in domains that the organisation owns.
  const verified = [claims.email_verified, claims.xms_edov].some(
    (said) => said === true || said === 'true' || said === '1'
  )
  return verified || setting.trusts_email ? claims.email : null
}

/** What decides who gets in. */
export type Connection = {
  enabled: boolean
  issuer: string
  client_id: string
  scopes: string
  role_claim: string
  roles: RoleValues
}

/**
 * Whether passwords are off for staff after a save. Only an administrator who came in by the provider as it is set up now
 * may switch them off; and they are on again with whatever might let nobody in any more, until one has come in by that.
 */
export function planPasswordsOff(
  before: (Connection & { passwords_off: boolean }) | null,
  wish: Connection & { passwords_off: boolean; client_secret?: string | undefined },
  by_provider: boolean
): { passwords_off: boolean } | 'not_by_provider' {
  const same = !changesConnection(before, wish)
  if (!wish.passwords_off || !wish.enabled) return { passwords_off: false }
  if (before?.passwords_off) return { passwords_off: same }
  return same && by_provider ? { passwords_off: true } : 'not_by_provider'
}

const textOf = ({ enabled, issuer, client_id, scopes, role_claim, roles }: Connection): string =>
  JSON.stringify([
    enabled,
    issuer,
    client_id,
    scopes,
    role_claim,
    ...ROLES.map((role) => roles[role].toSorted())
  ])

/** A change of what decides who gets in. */
export const changesConnection = (
  before: Connection | null,
  wish: Connection & { client_secret?: string | undefined }
) => before === null || wish.client_secret !== undefined || textOf(before) !== textOf(wish)

export type Known = {
  id: string
  staff_role: StaffRole | null
  active: boolean
  joined: boolean
  /** It was this provider that locked the account, for want of a role, and nobody changed it since. */
  shut_by_provider: boolean
  /** Somebody else at this provider is this person already. */
  has_identity: boolean
}

export type EntryFacts = {
  role: StaffRole | null
  /** As emailOf gives it. */
  email: string | null
  /** Whom the identity is linked to. */
  linked: Known | null
  /** Who has the address here. */
  by_email: (Known & { email: string }) | null
  creates_accounts: boolean
  /** Nobody could run the firm without the one who comes. */
  last_administrator: boolean
}

export type Refusal =
  'no_role' | 'unverified' | 'lookalike' | 'unknown' | 'not_staff' | 'deactivated' | 'other_identity'

export type EntryPlan =
  /** `shut`: the account that is locked by it. */
  | { refused: Refusal; person_id: string | null; shut: boolean }
  | {
      refused: null
      /** null: an account is made. */
      person_id: string | null
      link: boolean
      join: boolean
      reopen: boolean
      /** null: stays. */
      staff_role: StaffRole | null
    }

const isSameAddress = (a: string, b: string): boolean => canonical(a) === canonical(b)
const canonical = (address: string): string => address.normalize('NFC').trim().toLowerCase().normalize('NFC')

/**
 * Whoever has no role at the provider has none here: the account is locked until they have one again, whatever other way
 * in they know. The last administrator is not locked and stays administrator, but comes in only with some role.
 */
export function planEntry(facts: EntryFacts): EntryPlan {
  const { linked, by_email, role } = facts
  const person = linked ?? by_email
  const refuse = (refused: Refusal, shut = false): EntryPlan => ({
    refused,
    person_id: person?.id ?? null,
    shut
  })
  if (role === null) {
    const theirs = linked?.staff_role && linked.active
    return refuse('no_role', Boolean(theirs) && !facts.last_administrator)
  }
  if (!person) {
    if (facts.email === null) return refuse('unverified')
    if (!facts.creates_accounts) return refuse('unknown')
    return { refused: null, person_id: null, link: true, join: true, reopen: false, staff_role: role }
  }
  if (person.staff_role === null) return refuse('not_staff')
  if (!person.active && !person.shut_by_provider) return refuse('deactivated')
  // Found by NFKC, under which letters that merely look alike are one ("ａ" and "a"): a link wants the very letters.
  if (!linked && by_email && !isSameAddress(by_email.email, facts.email ?? '')) return refuse('lookalike')
  // An address that somebody has now may have been somebody else's when the account was linked.
  if (!linked && person.has_identity) return refuse('other_identity')
  return {
    refused: null,
    person_id: person.id,
    link: !linked,
    join: !person.joined,
    reopen: !person.active,
    staff_role: person.staff_role === role || facts.last_administrator ? null : role
  }
}
