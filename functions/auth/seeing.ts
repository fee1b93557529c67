/** A person of the firm sees for a while what a client sees (infra/postgres/migrations/0039_seen_as.sql). */
import { z } from 'zod'
import type { Caller } from '../_shared/auth/caller.ts'
import { Id, Time } from '../_shared/contract/common.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, run } from '../_shared/db/database.ts'
import { Problem, notFound } from '../_shared/problem.ts'

const sql = blocks<'client' | 'begin' | 'in_common' | 'end'>(new URL('./seeing.sql', import.meta.url))

const Client = z.object({ id: Id, name: z.string() })
const Begun = z.object({ id: Id, until: Time })
const Common = z.object({ count: z.int() })

/**
 * Begins the look, of the session the caller came with. Administrators may look through any client's eyes, staff through
 * those of clients of whose projects they manage one. Throws `not_found` for who is no client that they may know of, and
 * `forbidden` where nothing is left that both see.
 */
export async function beginSeeing(
  session: Session,
  acts: Act[],
  caller: Caller,
  person_id: string
): Promise<{ as: z.infer<typeof Client>; until: string }> {
  const client = await row(session, sql('client'), [caller.id, person_id], Client)
  if (!client) throw notFound()
  const manages = caller.staff_role !== 'administrator'
  const common = await row(session, sql('in_common'), [client.id, caller.id, manages], Common)
  if (!common?.count) throw new Problem('nothing_in_common', 'There is no project that both may see.')
  const begun = await row(session, sql('begin'), [caller.session_id, client.id, caller.id], Begun)
  if (!begun) throw new Error('a look was not written')
  acts.push({
    action: 'person.seen_as',
    actor_id: caller.id,
    subject_id: client.id,
    facts: { look_id: begun.id, until: begun.until }
  })
  return { as: client, until: begun.until }
}

/** Ends it; nothing happens where none is. The caller's own eyes are back with the next request. */
export async function endSeeing(session: Session, acts: Act[], caller: Caller): Promise<void> {
  if (!caller.seeing || (await run(session, sql('end'), [caller.id])) === 0) return
  acts.push({
    action: 'person.seen_as_ended',
    actor_id: caller.seeing.by,
    subject_id: caller.seeing.as.id,
    facts: { look_id: caller.id }
  })
}
