/** Grants: who was given what; read, given, changed and taken. */
import { z } from 'zod'
import {
  Grant,
  type GrantChange,
  type GrantPage,
  type NewGrant,
  PrincipalKind
} from '../_shared/contract/access.ts'
import { Id, Level, Time, levelNumber, levelOf } from '../_shared/contract/common.ts'
import { pageFrom, readCursor } from '../_shared/cursor.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { Problem } from '../_shared/problem.ts'
import { unknown } from './organisation.ts'

const sql = blocks<
  | 'one_at_a_time'
  | 'grants'
  | 'known_principal'
  | 'hold_person'
  | 'hold_group'
  | 'same_grant'
  | 'insert_grant'
  | 'find_grant'
  | 'change_grant'
  | 'delete_grant'
>(new URL('./grants.sql', import.meta.url))

type Wish = z.infer<typeof NewGrant>

const Found = z.object({ id: Id })
const Principal = z.object({ ended: z.boolean() })
const GrantRow = z
  .object({ ...Grant.shape, level: z.number(), far: z.int(), total: z.int() })
  .transform((g) => ({ ...g, level: Level.parse(levelOf(g.level)) }))
const Key = z.tuple([z.int(), z.string(), Id])
const Held = z.object({
  id: Id,
  thing_id: Id,
  level: z.number().transform((level) => Level.parse(levelOf(level))),
  allows: z.boolean(),
  own_only: z.boolean(),
  principal_id: Id,
  principal_kind: PrincipalKind,
  revision: z.int(),
  changed_by: Id.nullable(),
  valid_from: Time.nullable(),
  valid_until: Time.nullable()
})
/** A grant as it lies there before it is changed or taken away. */
export type Held = z.infer<typeof Held>

/** Waits until nobody else changes the grants of this project (null: of the firm itself). */
export const oneAtATime = (session: Session, projectId: string | null) =>
  run(session, sql('one_at_a_time'), [projectId])

type ListWish = { q?: string | undefined; cursor?: string | undefined; limit: number }

/** The grants that speak on a thing, the nearest first; those of things above that the asker may not see left out. */
export async function listGrants(
  session: Session,
  askerId: string,
  thingId: string,
  wish: ListWish
): Promise<GrantPage> {
  const after = readCursor(wish.cursor, Key) ?? [null, null, null]
  const values = [askerId, thingId, null, wish.q || null, ...after, wish.limit + 1]
  const found = await rows(session, sql('grants'), values, GrantRow)
  const { items, next } = pageFrom(found, wish.limit, (last) => [last.far, last.principal.name, last.id])
  return { items: items.map(plain), next, total: found[0]?.total ?? 0 }
}

export async function readGrant(
  session: Session,
  askerId: string,
  thingId: string,
  id: string
): Promise<Grant | null> {
  const found = await row(session, sql('grants'), [askerId, thingId, id, null, null, null, null, 1], GrantRow)
  return found && plain(found)
}

const plain = ({ far: _far, total: _total, ...grant }: z.infer<typeof GrantRow>): Grant => grant

/** A grant of a person, group or organisation; null when there is none with this id. */
export const findGrant = (on: Parameters<typeof row>[0], id: string) => row(on, sql('find_grant'), [id], Held)

/**
 * Throws invalid_request, field `principal_id`: `unknown` for whom the asker may not know of as for whom there is not,
 * `ended` for a closed account and a group that was given up.
 */
export async function requirePrincipal(
  session: Session,
  askerId: string,
  wish: Pick<Wish, 'principal_kind' | 'principal_id' | 'thing_id'>
): Promise<void> {
  const values = [askerId, wish.principal_kind, wish.principal_id, wish.thing_id]
  if (!(await row(session, sql('known_principal'), values, Found))) throw unknown('principal_id')
  if (wish.principal_kind === 'organisation') return
  const hold = wish.principal_kind === 'person' ? 'hold_person' : 'hold_group'
  const held = await row(session, sql(hold), [wish.principal_id], Principal)
  if (held?.ended === false) return
  throw new Problem('invalid_request', 'This person or group has ended.', {
    errors: [{ field: 'principal_id', code: 'ended', detail: 'This person or group has ended.' }]
  })
}

/** Throws invalid_request, field `own_only`: of one document there is nothing that one uploaded and others did not. */
export function requirePlace(wish: Wish, isDocument: boolean): void {
  if (!isDocument || !wish.own_only) return
  throw new Problem('invalid_request', 'For own uploads only is given on folders and projects.', {
    errors: [{ field: 'own_only', code: 'invalid', detail: 'only on folders and projects' }]
  })
}

/** Throws invalid_request, field `level`: what is for own uploads only allows something below manage. */
export function requireNarrow(held: Held, wish: GrantChange): void {
  if (!held.own_only || (wish.allows && wish.level !== 'manage')) return
  throw new Problem('invalid_request', 'For own uploads only is something allowed below manage.', {
    errors: [{ field: 'level', code: 'own_only', detail: 'only what is allowed below manage' }]
  })
}

/** The columns that name principal and thing, all but one of each null. */
export const placesOf = (
  wish: Pick<Wish, 'principal_kind' | 'principal_id' | 'thing_id'>,
  isDocument: boolean
) => ({
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

/** Throws grant_changed where somebody else has changed it since this revision. */
export async function changeGrant(
  session: Session,
  changerId: string,
  id: string,
  wish: GrantChange
): Promise<void> {
  const { allows, valid_from, valid_until, note, revision } = wish
  const values = [id, levelNumber(wish.level), allows, valid_from, valid_until, note, changerId, revision]
  if (!(await row(session, sql('change_grant'), values, Found))) throw changedMeanwhile()
}

/** Whether a grant says already what is wished of it, and by whom. */
export const isAsWished = (held: Held, wish: GrantChange, changerId: string): boolean =>
  held.changed_by === changerId &&
  held.level === wish.level &&
  held.allows === wish.allows &&
  sameInstant(held.valid_from, wish.valid_from) &&
  sameInstant(held.valid_until, wish.valid_until)

const sameInstant = (a: string | null, b: string | null): boolean =>
  a === null || b === null ? a === b : Date.parse(a) === Date.parse(b)

export const changedMeanwhile = () =>
  new Problem('grant_changed', 'Somebody else has changed this grant meanwhile.')

export const takeGrant = (session: Session, id: string) => run(session, sql('delete_grant'), [id])
