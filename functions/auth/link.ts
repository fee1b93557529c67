/** Opening and using up one-time links. Opening changes nothing; using works once, however many try at once. */
import { z } from 'zod'
import { type LinkPurpose, hashLinkSecret, linkUrl, newLinkSecret } from '../_shared/auth/link.ts'
import { Id, type Locale, Time } from '../_shared/contract/common.ts'
import { type Session, blocks, row, run } from '../_shared/db/database.ts'
import { Problem, notFound } from '../_shared/problem.ts'

const sql = blocks<
  'find' | 'use' | 'use_up_others' | 'one_set_up_at_a_time' | 'set_up_firm' | 'end_open' | 'create'
>(new URL('./link.sql', import.meta.url))

const Link = z.object({
  person_id: Id.nullable(),
  expires_at: Time,
  used: z.boolean(),
  expired: z.boolean(),
  invited_by: z.string().nullable(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  /** Of a change of address, or its undoing: the address that it leads to. */
  to: z.string().nullable(),
  session_id: Id.nullable(),
  firm: z.string().nullable(),
  /** Whether a password that is chosen by it would open anything. */
  password_opens: z.boolean()
})
const Found = z.object({ id: Id })

type LinkKey = { purpose: LinkPurpose; id: string; secret: string }
const valuesOf = (key: LinkKey) => [key.id, key.purpose, hashLinkSecret(key.secret)]

/** What the link is about. Throws not_found for a wrong secret as for no link at all; link_used, link_expired. */
export async function openLink(on: Parameters<typeof row>[0], key: LinkKey) {
  const link = await row(on, sql('find'), valuesOf(key), Link)
  if (!link) throw notFound()
  if (link.used) throw linkUsed()
  if (link.expired) throw new Problem('link_expired', 'This link has expired.')
  return link
}

/** Uses the link up, for good once the transaction commits. Throws link_used when somebody was faster. */
export async function useLink(on: Session, key: LinkKey): Promise<void> {
  if (!(await row(on, sql('use'), valuesOf(key), Found))) throw linkUsed()
}

/** A link as it is mailed: `url` holds the secret. */
export type MadeLink = { id: string; url: string }

/**
 * A new link of somebody's own in the place of those before it.
 *
 * @param about of a change of address: the address, and the session that begins it
 */
export async function createOwnLink(
  on: Session,
  purpose: 'reset' | 'email' | 'email-undo',
  person_id: string,
  minutes: number,
  about: { email: string; session_id: string | null } | null = null
): Promise<MadeLink> {
  const { secret, hash } = newLinkSecret()
  // An address that somebody had can be taken back whatever came after: those links stay.
  if (purpose !== 'email-undo') await run(on, sql('end_open'), [person_id, purpose])
  const values = [hash, purpose, person_id, minutes, about?.email ?? null, about?.session_id ?? null]
  const made = await row(on, sql('create'), values, Found)
  if (!made) throw new Error('a link was not written')
  return { id: made.id, url: linkUrl(purpose, made.id, secret) }
}

/** Somebody who is in needs none of the other invitations that they were sent. */
export const useUpOtherLinks = (on: Session, personId: string) => run(on, sql('use_up_others'), [personId])

/** The firm and the root of its tree; the root's id. Throws link_used when the firm exists. */
export async function createFirm(
  on: Session,
  firm: { name: string; locale: Locale; time_zone: string | null }
): Promise<string> {
  // Two links tried at once would both find no firm.
  await run(on, sql('one_set_up_at_a_time'))
  const made = await row(on, sql('set_up_firm'), [firm.name, firm.locale, firm.time_zone], Found)
  if (!made) throw linkUsed()
  return made.id
}

export const linkUsed = () => new Problem('link_used', 'This link has been used.')
