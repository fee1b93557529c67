/** What an invitation needs to know and what it writes. Who may do it is rules/invitation.ts. */
import { z } from 'zod'
import { emailKey } from '../_shared/auth/email.ts'
import { INVITATION_DAYS, linkUrl, newLinkSecret } from '../_shared/auth/link.ts'
import { seal } from '../_shared/auth/sealed.ts'
import { Id } from '../_shared/contract/common.ts'
import { type NewInvitation, StaffRole } from '../_shared/contract/person.ts'
import { type Session, blocks, row, run } from '../_shared/db/database.ts'

const sql = blocks<
  'existing' | 'organisation' | 'create_person' | 'add_membership' | 'end_links' | 'create_link' | 'tell'
>(new URL('./invitations.sql', import.meta.url))

type Wish = z.infer<typeof NewInvitation>

const Found = z.object({ id: Id })
const Existing = z.object({
  id: Id,
  staff_role: StaffRole.nullable(),
  joined: z.boolean(),
  active: z.boolean(),
  known: z.boolean(),
  member: z.boolean()
})
const OrganisationFacts = z.object({ known: z.boolean(), of_project: z.boolean(), within_reach: z.boolean() })

/** Who has the address already, locked until the transaction ends; null when nobody has. */
export const findExisting = (session: Session, askerId: string, wish: Wish) =>
  row(session, sql('existing'), [askerId, emailKey(wish.email), wish.organisation_id], Existing)

/** What the rule asks about the organisation; null when none was asked for. */
export const organisationFacts = (session: Session, askerId: string, wish: Wish) =>
  wish.organisation_id === null
    ? null
    : row(session, sql('organisation'), [askerId, wish.organisation_id, wish.project_id], OrganisationFacts)

/** A person who has not joined yet; null when somebody else was faster with the same address. */
export async function createPerson(session: Session, wish: Wish): Promise<string | null> {
  const { name, email, staff_role, locale } = wish
  const values = [name, email, emailKey(email), staff_role, locale]
  return (await row(session, sql('create_person'), values, Found))?.id ?? null
}

export const addMembership = (session: Session, personId: string, organisationId: string) =>
  run(session, sql('add_membership'), [personId, organisationId])

/** A new link in the place of those before it, and the job that mails it. The secret leaves here sealed only. */
export async function sendInvitation(
  session: Session,
  inviterId: string,
  personId: string,
  fairnessKey: string
): Promise<string> {
  const { secret, hash } = newLinkSecret()
  await run(session, sql('end_links'), [personId])
  const link = await row(session, sql('create_link'), [hash, personId, inviterId, INVITATION_DAYS], Found)
  if (!link) throw new Error('a link was not written')
  const data = {
    template: 'invitation',
    person_id: personId,
    link_id: link.id,
    link: await seal(linkUrl('invitation', link.id, secret))
  }
  await run(session, sql('tell'), [data, fairnessKey, `invitation:${link.id}`])
  return link.id
}

/** Tells somebody who is in that there is something new; one waiting mail is enough. */
export const sendAccess = (session: Session, personId: string, fairnessKey: string) =>
  run(session, sql('tell'), [{ template: 'access', person_id: personId }, fairnessKey, `access:${personId}`])
