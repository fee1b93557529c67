/** Locks that people set, in the database. The rule itself makes them true (0047_locks.sql). */
import type pg from 'pg'
import { z } from 'zod'
import { Id, Time } from '../_shared/contract/common.ts'
import { Lock, type NewLock } from '../_shared/contract/lock.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { keyReaches } from '../_shared/key.ts'
import type { LockPlan } from '../_shared/rules/lock.ts'

const sql = blocks<'list' | 'add' | 'announced' | 'place' | 'unlocked' | 'end' | 'take_back' | 'pass_over'>(
  new URL('./locks.sql', import.meta.url)
)

/** The locks of these projects that the asker may lift; with `id` that one alone. */
export const locksOf = (
  session: Session,
  person_id: string,
  projects: string[],
  id: string | null = null
): Promise<Lock[]> => rows(session, sql('list'), [person_id, id, projects], Lock)

const Made = z.object({ id: Id, thing_id: Id, begins_at: Time })
export type Made = z.infer<typeof Made>

export async function addLock(
  session: Session,
  person_id: string,
  kind: 'project' | 'folder' | 'document',
  wish: NewLock,
  { from }: LockPlan
): Promise<Made> {
  const { thing_id, hides, counts_from, days, notice_days } = wish
  const values = [thing_id, kind, hides, from, counts_from, days, notice_days, person_id]
  const made = await row(session, sql('add'), values, Made)
  if (!made) throw new Error('a lock was not written')
  return made
}

export const noteAnnounced = (session: Session, { id, thing_id, begins_at }: Made): Promise<number> =>
  run(session, sql('announced'), [id, thing_id, begins_at])

const Place = z.object({ thing_id: Id, project_id: Id, kind: z.enum(['project', 'folder', 'document']) })

/** Where a lock lies that the asker may lift: whoever would manage the thing without it. Null for every other. */
export async function liftable(
  on: Session | pg.Pool,
  person_id: string,
  id: string
): Promise<z.infer<typeof Place> | null> {
  const place = await row(on, sql('place'), [id], Place)
  if (!place || !keyReaches(place.project_id)) return null
  const held = await row(on, sql('unlocked'), [person_id, place.thing_id], z.object({ unlocked: z.int() }))
  return held?.unlocked === 4 ? place : null
}

/** Ends a lock; one that has not begun leaves no trace but the log. False: somebody did it already. */
export const endLock = async (session: Session, id: string): Promise<boolean> =>
  (await run(session, sql('end'), [id])) + (await run(session, sql('take_back'), [id])) > 0

/** Takes a document out of a lock that counts. False: it does not lie on it, or passes over it already. */
export const passOver = async (
  session: Session,
  id: string,
  document_id: string,
  person_id: string
): Promise<boolean> => (await run(session, sql('pass_over'), [id, document_id, person_id])) > 0
