/** What besides grants has a say on a thing: closed places, locks, walls; and closing. */
import { z } from 'zod'
import { ManagedThing, ThingAccess, ThingKind } from '../_shared/contract/access.ts'
import { Id, Time } from '../_shared/contract/common.ts'
import { type Session, blocks, row, rows } from '../_shared/db/database.ts'
import { notFound } from '../_shared/problem.ts'
import { giveGrant } from './grants.ts'

const sql = blocks<'place' | 'facts' | 'below' | 'close_node' | 'close_document'>(
  new URL('./things.sql', import.meta.url)
)

/** So many things below are told of. */
const MOST_BELOW = 100

const Found = z.object({ id: Id })
const Instant = z.iso.datetime({ offset: true }).transform((at) => new Date(at).toISOString())
const Facts = z.object({
  ...ThingAccess.omit({ locks: true, below: true, below_more: true }).shape,
  locks: z.array(
    z.object({
      on: z.object({ id: Id, kind: ThingKind, name: z.string() }),
      hides: z.boolean(),
      valid_from: Instant.pipe(Time),
      valid_until: Instant.pipe(Time).nullable()
    })
  )
})
const Below = ThingAccess.shape.below.element

/** What it is and where it lies; for whoever manages it. */
export async function readPlace(session: Session, id: string): Promise<z.infer<typeof ManagedThing>> {
  const place = await row(session, sql('place'), [id], ManagedThing)
  if (!place) throw notFound()
  return place
}

export async function readThing(session: Session, askerId: string, id: string): Promise<ThingAccess> {
  const facts = await row(session, sql('facts'), [askerId, id], Facts)
  if (!facts) throw notFound()
  const below = await rows(session, sql('below'), [askerId, id, MOST_BELOW + 1], Below)
  return { ...facts, below: below.slice(0, MOST_BELOW), below_more: below.length > MOST_BELOW }
}

/**
 * Closes a thing or opens it again. Whoever closes it goes on managing it by name.
 *
 * @returns null: it is so already; else the grant that was made, if one was
 */
export async function closeThing(
  session: Session,
  closerId: string,
  thing: { id: string; isDocument: boolean },
  inherits: boolean
): Promise<{ grant_id: string | null } | null> {
  const block = thing.isDocument ? 'close_document' : 'close_node'
  if (!(await row(session, sql(block), [thing.id, inherits], Found))) return null
  if (inherits) return { grant_id: null }
  const grant = {
    ...{ thing_id: thing.id, principal_kind: 'person' as const, principal_id: closerId },
    ...{
      level: 'manage' as const,
      allows: true,
      own_only: false,
      valid_from: null,
      valid_until: null,
      note: null,
      confirm: true
    }
  }
  const { id, fresh } = await giveGrant(session, closerId, grant, thing.isDocument)
  return { grant_id: fresh ? id : null }
}
