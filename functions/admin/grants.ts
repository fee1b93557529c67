/** Grants: who was given what, and what one more or one less would change. */
import { z } from 'zod'
import { AccessChange, Grant, type NewGrant, PrincipalKind, ThingKind } from '../_shared/contract/access.ts'
import { Id, Level, Time, levelNumber, levelOf } from '../_shared/contract/common.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { Problem } from '../_shared/problem.ts'

const sql = blocks<
  | 'one_at_a_time'
  | 'grants'
  | 'known_principal'
  | 'same_grant'
  | 'insert_grant'
  | 'preview_added'
  | 'preview_removed'
  | 'unmanaged'
  | 'find_grant'
  | 'delete_grant'
>(new URL('./grants.sql', import.meta.url))

type Wish = z.infer<typeof NewGrant>
type Change = z.infer<typeof AccessChange>

const Found = z.object({ id: Id })
const GrantRow = z
  .object({ ...Grant.shape, level: z.number() })
  .transform((g) => ({ ...g, level: Level.parse(levelOf(g.level)) }))
const ChangeRow = z
  .object({
    who: Id,
    who_name: z.string(),
    thing_id: Id,
    kind: ThingKind,
    thing_name: z.string(),
    before: z.number(),
    after: z.number()
  })
  .transform((c): Change => ({
    who: { id: c.who, name: c.who_name },
    thing: { id: c.thing_id, kind: c.kind, name: c.thing_name },
    before: levelOf(c.before),
    after: levelOf(c.after)
  }))
const Held = z.object({
  id: Id,
  thing_id: Id,
  level: z.number().transform((level) => Level.parse(levelOf(level))),
  allows: z.boolean(),
  own_only: z.boolean(),
  principal_id: Id,
  principal_kind: PrincipalKind,
  valid_from: Time.nullable(),
  valid_until: Time.nullable()
})
/** A grant as it is taken away. */
export type Held = z.infer<typeof Held>

/** Waits until nobody else changes the grants of this project (null: of the firm itself). */
export const oneAtATime = (session: Session, projectId: string | null) =>
  run(session, sql('one_at_a_time'), [projectId])

/** The grants that speak on a thing, the nearest first; those of things above that the asker may not see left out. */
export const listGrants = (session: Session, askerId: string, thingId: string): Promise<Grant[]> =>
  rows(session, sql('grants'), [askerId, thingId, null], GrantRow)

export const readGrant = (session: Session, askerId: string, thingId: string, id: string) =>
  row(session, sql('grants'), [askerId, thingId, id], GrantRow)

/** A grant of a person, group or organisation; null when there is none with this id. */
export const findGrant = (on: Parameters<typeof row>[0], id: string) => row(on, sql('find_grant'), [id], Held)

/** Throws invalid_request, field `principal_id`, for whom the asker may not know of as for whom there is not. */
export async function requirePrincipal(session: Session, askerId: string, wish: Wish): Promise<void> {
  const values = [askerId, wish.principal_kind, wish.principal_id, wish.thing_id]
  if (await row(session, sql('known_principal'), values, Found)) return
  throw new Problem('invalid_request', 'There is nobody with this id.', {
    errors: [{ field: 'principal_id', code: 'unknown', detail: 'There is nobody with this id.' }]
  })
}

/** Throws invalid_request, field `own_only`: of one document there is nothing that one uploaded and others did not. */
export function requirePlace(wish: Wish, isDocument: boolean): void {
  if (!isDocument || !wish.own_only) return
  throw new Problem('invalid_request', 'For own uploads only is given on folders and projects.', {
    errors: [{ field: 'own_only', code: 'invalid', detail: 'only on folders and projects' }]
  })
}

/** The columns that name principal and thing, all but one of each null. */
const placesOf = (wish: Wish, isDocument: boolean) => ({
  person_id: wish.principal_kind === 'person' ? wish.principal_id : null,
  group_id: wish.principal_kind === 'group' ? wish.principal_id : null,
  organisation_id: wish.principal_kind === 'organisation' ? wish.principal_id : null,
  node_id: isDocument ? null : wish.thing_id,
  document_id: isDocument ? wish.thing_id : null
})

/**
 * Writes the grant, or finds the one that says just that already.
 *
 * @returns its id, and whether it is new
 */
export async function giveGrant(
  session: Session,
  giverId: string,
  wish: Wish,
  isDocument: boolean
): Promise<{ id: string; fresh: boolean }> {
  const { thing_id, principal_id, allows, own_only, valid_from, valid_until, note } = wish
  const level = levelNumber(wish.level)
  const same = [thing_id, principal_id, level, allows, valid_from, valid_until, own_only]
  const known = await row(session, sql('same_grant'), same, Found)
  if (known) return { id: known.id, fresh: false }
  const { person_id, group_id, organisation_id, node_id, document_id } = placesOf(wish, isDocument)
  const values = [person_id, group_id, organisation_id, node_id, document_id, level, allows]
  const made = await row(
    session,
    sql('insert_grant'),
    [...values, valid_from, valid_until, note, giverId, own_only],
    Found
  )
  if (!made) throw new Error('a grant was not written')
  return { id: made.id, fresh: true }
}

export const takeGrant = (session: Session, id: string) => run(session, sql('delete_grant'), [id])

/** Who would gain and who would lose, were this grant saved; at the moment when it begins, if that is later. */
export const previewGrant = (session: Session, wish: Wish, isDocument: boolean): Promise<Change[]> => {
  const grant = {
    ...placesOf(wish, isDocument),
    level: levelNumber(wish.level),
    allows: wish.allows,
    own_only: wish.own_only,
    valid_from: wish.valid_from ?? '-infinity',
    valid_until: wish.valid_until ?? 'infinity'
  }
  return rows(session, sql('preview_added'), [JSON.stringify(grant), wish.valid_from], ChangeRow)
}

/** Who would gain and who would lose, were this grant taken away. */
export const previewRemoval = (session: Session, id: string): Promise<Change[]> =>
  rows(session, sql('preview_removed'), [id], ChangeRow)

/**
 * The lock-out guard (docs/access.md): a change that takes away one's own `manage`, or the last one of a thing, wants to
 * be confirmed. Asked after the change, in its transaction.
 *
 * @param changes what the change does, previewed before it
 * @param from when it begins
 * @throws Problem last_manager
 */
export async function guardManagers(
  session: Session,
  askerId: string,
  changes: Change[],
  from: string | null
): Promise<void> {
  const lost = changes.filter((change) => change.before === 'manage')
  if (lost.some((change) => change.who.id === askerId))
    throw new Problem('last_manager', 'You would take away your own right to manage.')
  const things = [...new Set(lost.map((change) => change.thing.id))]
  if (things.length === 0) return
  const unmanaged = await rows(session, sql('unmanaged'), [things, from], Found)
  if (unmanaged.length > 0) throw new Problem('last_manager', 'Nobody could manage this any more.')
}
