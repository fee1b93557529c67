/** Somebody whom the provider has recognised comes in, or does not. Who does is rules/provider.ts. */
import { z } from 'zod'
import { emailKey } from '../_shared/auth/email.ts'
import type { ProviderRow } from '../_shared/auth/identity-provider.ts'
import { endSessions } from '../_shared/auth/end-sessions.ts'
import { withdrawWayIn, withdrawWaysInOf } from '../_shared/auth/ways-in.ts'
import { Id, Locale, PersonName } from '../_shared/contract/common.ts'
import { Email, StaffRole } from '../_shared/contract/person.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, run } from '../_shared/db/database.ts'
import { isRise } from '../_shared/rules/account.ts'
import {
  type Claims,
  type EntryPlan,
  type Refusal,
  emailOf,
  planEntry,
  roleOf
} from '../_shared/rules/provider.ts'

const sql = blocks<
  'begin' | 'linked' | 'by_email' | 'create' | 'link' | 'seen' | 'join' | 'set_role' | 'shut' | 'reopen'
>(new URL('./entry.sql', import.meta.url))

const Known = z.object({
  id: Id,
  staff_role: StaffRole.nullable(),
  active: z.boolean(),
  joined: z.boolean(),
  shut_by_provider: z.boolean(),
  has_identity: z.boolean(),
  last_administrator: z.boolean()
})
const Linked = Known.extend({ identity_id: Id })
const ByEmail = Known.extend({ email: z.string() })
const Found = z.object({ id: Id })

export type Recognised = { issuer: string; subject: string; claims: Claims }
export type Entered = { person_id: string; identity_id: string }

/** Who somebody is at the provider, and whom that is here; for one who is in already. */
export const identityOf = (on: Parameters<typeof row>[0], { issuer, subject }: Recognised) =>
  row(on, sql('linked'), [issuer, subject], Linked)

/** What of the claims must be there; what is missing is asked for apart. */
export const wantedClaims = (provider: Pick<ProviderRow, 'role_claim'>): string[] => [
  'email',
  'name',
  provider.role_claim.split('.')[0] ?? ''
]

/** Lets somebody in, or writes down why not: also that is a change, and stays. */
export async function enter(
  session: Session,
  acts: Act[],
  provider: ProviderRow,
  who: Recognised
): Promise<Entered | { refused: Refusal; person_id: string | null }> {
  await run(session, sql('begin'))
  const linked = await row(session, sql('linked'), [who.issuer, who.subject], Linked)
  const email = emailOf(who.claims, provider)
  const by_email =
    !linked && email ? await row(session, sql('by_email'), [emailKey(email), who.issuer], ByEmail) : null
  const plan = planEntry({
    role: roleOf(who.claims, provider),
    email,
    linked,
    by_email,
    // An account is made for an address that mail can go to.
    creates_accounts: provider.creates_accounts && Email.safeParse(email).success,
    last_administrator: (linked ?? by_email)?.last_administrator ?? false
  })
  if (plan.refused) {
    if (plan.shut && linked) await shut(session, acts, linked)
    return plan
  }
  const person_id = plan.person_id ?? (await create(session, who.claims, email, plan.staff_role))
  const identity_id = linked?.identity_id ?? (await link(session, acts, person_id, who))
  await run(session, sql('seen'), [identity_id])
  await settle(session, acts, person_id, linked ?? by_email, plan)
  return { person_id, identity_id }
}

async function create(
  session: Session,
  claims: Claims,
  email: string | null,
  staff_role: StaffRole | null
): Promise<string> {
  if (email === null) throw new Error('an account is made for an address')
  const name = [claims.name, claims.preferred_username, email]
    .map((one) => PersonName.safeParse(one))
    .find(({ success }) => success)?.data
  const locale = Locale.safeParse(typeof claims.locale === 'string' ? claims.locale.slice(0, 2) : null)
  const values = [name ?? email.slice(0, 120), email, emailKey(email), staff_role, locale.data ?? null]
  const made = await row(session, sql('create'), values, Found)
  if (!made) throw new Error('the address was taken while it was looked for')
  return made.id
}

async function link(session: Session, acts: Act[], person_id: string, who: Recognised): Promise<string> {
  const made = await row(session, sql('link'), [person_id, who.issuer, who.subject], Found)
  if (!made) throw new Error('an identity was not written')
  acts.push({
    action: 'identity.linked',
    actor_id: person_id,
    subject_id: person_id,
    facts: { identity_id: made.id }
  })
  return made.id
}

/** What the provider's word changes of an account. */
async function settle(
  session: Session,
  acts: Act[],
  person_id: string,
  before: z.infer<typeof Known> | null,
  plan: Extract<EntryPlan, { refused: null }>
): Promise<void> {
  const about = { actor_id: null, subject_id: person_id }
  if (before && plan.join) await run(session, sql('join'), [person_id])
  if (plan.join) acts.push({ action: 'person.joined', actor_id: person_id, subject_id: person_id, facts: BY })
  if (plan.reopen) {
    await run(session, sql('reopen'), [person_id])
    acts.push({ action: 'person.reactivated', ...about, facts: BY })
  }
  if (before && plan.staff_role) {
    await run(session, sql('set_role'), [person_id, plan.staff_role])
    const facts = { before: before.staff_role, staff_role: plan.staff_role, ...BY }
    acts.push({ action: 'person.role_changed', ...about, facts })
    await withdrawWaysInOf(session, null, person_id, acts)
    if (isRise(before.staff_role, plan.staff_role)) await endSessions(session, null, person_id, acts)
  }
  await run(session, 'select announce($1)', [`person:${person_id}`])
}

/** No role there, no way in here: sessions and codes end, and no password, passkey, key or link of theirs opens anything. */
async function shut(
  session: Session,
  acts: Act[],
  { id, identity_id }: z.infer<typeof Linked>
): Promise<void> {
  await run(session, sql('shut'), [id, identity_id])
  acts.push({ action: 'person.deactivated', actor_id: null, subject_id: id, facts: BY })
  await endSessions(session, null, id, acts)
  await withdrawWayIn(session, null, id, acts)
  await withdrawWaysInOf(session, null, id, acts)
  await run(session, 'select announce($1)', [`person:${id}`])
}

const BY = { by: 'provider' } as const
