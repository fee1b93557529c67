/** One organisation: read for whoever comes, renamed, its members, its team, its exclusions. Who may is rules/organisation.ts. */
import { z } from 'zod'
import { Id, Level, Time, levelOf } from '../_shared/contract/common.ts'
import {
  Assignment,
  Exclusion,
  Member,
  type MemberChange,
  type NewAssignment,
  type NewExclusion,
  type OrganisationPage
} from '../_shared/contract/organisation.ts'
import { StaffRole } from '../_shared/contract/person.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { Problem, notFound } from '../_shared/problem.ts'
import { type OrganisationAct, type Reader, mayActOn, readerOf } from '../_shared/rules/organisation.ts'

const sql = blocks<
  | 'standing'
  | 'members'
  | 'projects'
  | 'team'
  | 'exclusions'
  | 'rename'
  | 'lock_member'
  | 'set_member'
  | 'drop_member'
  | 'add_team'
  | 'end_team'
  | 'exclude'
  | 'lift'
>(new URL('./organisation.sql', import.meta.url))

type On = Parameters<typeof rows>[0]

const Standing = z.object({
  id: Id,
  name: z.string(),
  created_at: Time,
  role: StaffRole.nullable(),
  known: z.boolean(),
  administers: z.boolean(),
  walls: z.boolean()
})
const Found = z.object({ id: Id })
const NumberedLevel = z.number().transform((level) => Level.parse(levelOf(level)))
const Project = z.object({ id: Id, name: z.string(), level: NumberedLevel })
const MemberRow = Member.extend({ projects: z.array(z.object({ id: Id, level: NumberedLevel })) })
const MemberFacts = z.object({ id: Id, administers: z.boolean(), begun: z.boolean(), capped: z.boolean() })

export type Standing = Pick<z.infer<typeof Standing>, 'id' | 'name' | 'created_at' | 'walls'> & {
  reader: Reader
}

/** What the asker is to an organisation. Throws not_found, as for one that does not exist, forbidden for an act beyond. */
export async function requireStanding(
  on: On,
  askerId: string,
  id: string,
  act: OrganisationAct | null = null
): Promise<Standing> {
  const found = await row(on, sql('standing'), [askerId, id], Standing)
  const reader = found && readerOf(found)
  if (!found || !reader) throw notFound()
  if (act && !mayActOn(reader, act)) throw new Problem('forbidden', 'Your role does not allow this.')
  return { ...found, reader }
}

export async function readOrganisation(on: On, askerId: string, id: string): Promise<OrganisationPage> {
  const { name, created_at, walls, reader } = await requireStanding(on, askerId, id)
  const ofClient = reader === 'client_administrator'
  return {
    ...{ id, name, created_at, reader },
    members: await rows(on, sql('members'), [askerId, id], MemberRow),
    projects: await rows(on, sql('projects'), [askerId, id, ofClient], Project),
    walls: walls && !ofClient,
    team: ofClient ? [] : await rows(on, sql('team'), [id], Assignment),
    exclusions: reader === 'firm_administrator' ? await rows(on, sql('exclusions'), [id], Exclusion) : []
  }
}

/** False: it is called that already. */
export const renameOrganisation = async (session: Session, id: string, name: string) =>
  (await run(session, sql('rename'), [id, name])) > 0

/**
 * Throws not_found for somebody who is no member, conflict for a sub-account as administrator.
 *
 * @returns whether they look after the people from now on, and did not before
 */
export async function changeMember(
  session: Session,
  id: string,
  personId: string,
  { administers, valid_until }: MemberChange
): Promise<boolean> {
  const member = await row(session, sql('lock_member'), [id, personId], MemberFacts)
  if (!member) throw notFound()
  if (administers && member.capped) throw new Problem('conflict', 'A sub-account looks after nobody.')
  const ends = valid_until !== undefined
  if (ends && !member.begun) await run(session, sql('drop_member'), [id, personId])
  else await run(session, sql('set_member'), [id, personId, administers ?? null, ends, valid_until ?? null])
  return administers === true && !member.administers
}

/** Throws invalid_request for somebody who is nobody of the firm. */
export async function addToTeam(session: Session, id: string, wish: NewAssignment): Promise<void> {
  const values = [id, wish.principal_kind, wish.principal_id, wish.valid_from, wish.valid_until]
  if (await row(session, sql('add_team'), values, Found)) return
  throw unknown('principal_id')
}

export async function endInTeam(session: Session, id: string, principalId: string): Promise<void> {
  if ((await rows(session, sql('end_team'), [id, principalId], Found)).length === 0) throw notFound()
}

export async function exclude(session: Session, id: string, wish: NewExclusion): Promise<void> {
  if (!(await row(session, sql('exclude'), [id, wish.person_id, wish.reason], Found)))
    throw unknown('person_id')
}

export async function liftExclusion(session: Session, id: string, personId: string): Promise<void> {
  if ((await run(session, sql('lift'), [id, personId])) === 0) throw notFound()
}

export const unknown = (field: string) =>
  new Problem('invalid_request', 'There is nobody with this id.', {
    errors: [{ field, code: 'unknown', detail: 'There is nobody with this id.' }]
  })
