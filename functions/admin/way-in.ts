/**
 * The way in for somebody who has lost every factor: a code that an administrator says over another channel. Made and
 * confirmed here, used at the second door (auth/way-in.ts). Until it is used nothing changes for the person.
 */
import { z } from 'zod'
import { newShortCode } from '../_shared/auth/short-code.ts'
import { withdrawWayIn } from '../_shared/auth/ways-in.ts'
import type { MadeWayIn, WayIn } from '../_shared/contract/account.ts'
import { Id, Time } from '../_shared/contract/common.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { Problem } from '../_shared/problem.ts'
import { mayConfirmWayIn } from '../_shared/rules/account.ts'

const sql = blocks<'open' | 'four_eyes' | 'make' | 'confirm' | 'other_administrators' | 'tell'>(
  new URL('./way-in.sql', import.meta.url)
)

type On = Parameters<typeof row>[0]

/** Minutes that a code can be used, and that one waits for its second pair of eyes. */
const LASTS = 60
const WAITS = 8 * 60

const Named = z.object({ id: Id, name: z.string() })
const Open = z.object({
  id: Id,
  person_id: Id,
  made_at: Time,
  expires_at: Time,
  four_eyes: z.boolean(),
  made_by: Named,
  confirmed_by: Named.nullable()
})
const Made = z.object({ id: Id, expires_at: Time })

const factsOf = (way: z.infer<typeof Open>) => ({
  person_id: way.person_id,
  made_by: way.made_by.id,
  four_eyes: way.four_eyes,
  confirmed: way.confirmed_by !== null
})

/** The code that somebody could use still, or wait to have confirmed; null: none. */
export async function openWayIn(on: On, callerId: string, personId: string): Promise<WayIn | null> {
  const way = await row(on, sql('open'), [personId], Open)
  return (
    way && {
      made_by: way.made_by,
      made_at: way.made_at,
      expires_at: way.expires_at,
      waits: way.four_eyes && way.confirmed_by === null,
      confirmed_by: way.confirmed_by,
      confirmable: mayConfirmWayIn({ id: callerId }, factsOf(way))
    }
  )
}

/** A new code in the place of one before it. The person is told by mail; where four eyes are asked, the others are too. */
export async function makeWayIn(
  session: Session,
  actor_id: string,
  personId: string,
  acts: Act[]
): Promise<MadeWayIn> {
  const firm = await row(session, sql('four_eyes'), [], z.object({ four_eyes: z.boolean() }))
  const waits = firm?.four_eyes ?? true
  await withdrawWayIn(session, actor_id, personId, acts)
  const { code, hash } = await newShortCode('said')
  const values = [personId, hash, actor_id, waits, waits ? WAITS : LASTS]
  const made = await row(session, sql('make'), values, Made)
  if (!made) throw new Error('a way in was not written')
  acts.push({
    action: 'way_in.made',
    actor_id,
    subject_id: personId,
    facts: { way_in_id: made.id, four_eyes: waits }
  })
  await tell(session, 'way_in', personId, made.id)
  if (waits)
    for (const { id } of await rows(session, sql('other_administrators'), [[actor_id, personId]], Found))
      await run(session, sql('tell'), [
        { template: 'way_in_confirm', person_id: id, about_id: personId },
        `way_in_confirm:${made.id}:${id}`
      ])
  return { code, expires_at: made.expires_at, waits }
}
const Found = z.object({ id: Id })

/** From now on the code opens the door. Throws conflict for who is not a second pair of eyes, or when there is none to confirm. */
export async function confirmWayIn(
  session: Session,
  actor_id: string,
  personId: string,
  acts: Act[]
): Promise<void> {
  const way = await row(session, sql('open'), [personId], Open)
  if (!way || !mayConfirmWayIn({ id: actor_id }, factsOf(way)))
    throw new Problem('conflict', 'There is no code that you could confirm.')
  if (!(await row(session, sql('confirm'), [way.id, actor_id, LASTS], Made)))
    throw new Problem('conflict', 'It was confirmed or withdrawn meanwhile.')
  acts.push({
    action: 'way_in.confirmed',
    actor_id,
    subject_id: personId,
    facts: { way_in_id: way.id, made_by: way.made_by.id }
  })
}

const tell = (session: Session, template: 'way_in', personId: string, id: string) =>
  run(session, sql('tell'), [{ template, person_id: personId }, `${template}:${id}`])
