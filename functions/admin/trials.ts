/** What a change of grants would do, before it is saved; and the guard against locking oneself out. */
import { z } from 'zod'
import {
  type AccessTrial,
  type GrantChange,
  type NewGrant,
  ThingKind,
  TriedChange
} from '../_shared/contract/access.ts'
import { Id, Time, levelNumber, levelOf } from '../_shared/contract/common.ts'
import { type Session, blocks, row } from '../_shared/db/database.ts'
import { Problem } from '../_shared/problem.ts'
import { momentsOf } from '../_shared/rules/trial.ts'
import { type Held, placesOf } from './grants.ts'

const sql = blocks<'try'>(new URL('./trials.sql', import.meta.url))

const Thing = z.object({ id: Id, kind: ThingKind, name: z.string() })
const AnyTime = z.iso.datetime({ offset: true }).transform((at) => new Date(at).toISOString())
const ChangeRow = z
  .object({
    ...TriedChange.pick({ who: true, thing: true, link: true }).shape,
    at: AnyTime.nullable(),
    ending: z.boolean(),
    before: z.number(),
    after: z.number(),
    unlocked_before: z.number(),
    unlocked_after: z.number(),
    others_before: z.number().nullable(),
    others_after: z.number().nullable()
  })
  .transform(({ at, ending, who, thing, link, ...level }) => ({
    at,
    ending,
    change: {
      ...{ who, thing, link },
      before: levelOf(level.before),
      after: levelOf(level.after),
      unlocked:
        level.before === level.unlocked_before && level.after === level.unlocked_after
          ? null
          : { before: levelOf(level.unlocked_before), after: levelOf(level.unlocked_after) },
      others:
        level.others_before === null ||
        level.others_after === null ||
        (level.others_before === level.before && level.others_after === level.after)
          ? null
          : { before: levelOf(level.others_before), after: levelOf(level.others_after) }
    } satisfies TriedChange
  }))
const TrialRow = z.object({
  changes: z.array(ChangeRow),
  counts: z.array(z.object({ at: AnyTime.nullable(), ending: z.boolean(), people: z.int() })),
  own: z.boolean(),
  unmanaged: z.array(Thing)
})

type Place = { id: string; isDocument: boolean }

async function attempt(
  session: Session,
  askerId: string,
  act: 'give' | 'take' | 'change' | 'close' | 'open',
  wish: object,
  thingId: string
): Promise<AccessTrial> {
  const found = await row(session, sql('try'), [act, JSON.stringify(wish), thingId, askerId], TrialRow)
  if (!found) throw new Error('a trial has no answer')
  const { changes, counts, own, unmanaged } = found
  return { moments: momentsOf(changes, counts), own, unmanaged }
}

const windowOf = ({ valid_from, valid_until }: { valid_from: Time$; valid_until: Time$ }) => ({
  valid_from: valid_from ?? '-infinity',
  valid_until: valid_until ?? 'infinity'
})
type Time$ = z.infer<typeof Time> | null

/** Were this grant given. */
export const tryGiving = (
  session: Session,
  askerId: string,
  wish: z.infer<typeof NewGrant>,
  isDocument: boolean
) =>
  attempt(
    session,
    askerId,
    'give',
    {
      ...placesOf(wish, isDocument),
      level: levelNumber(wish.level),
      allows: wish.allows,
      own_only: wish.own_only,
      ...windowOf(wish)
    },
    wish.thing_id
  )

/** Were this grant as it is wished. */
export const tryChange = (session: Session, askerId: string, held: Held, wish: GrantChange) =>
  attempt(
    session,
    askerId,
    'change',
    { id: held.id, level: levelNumber(wish.level), allows: wish.allows, ...windowOf(wish) },
    held.thing_id
  )

/** Were this grant taken away. */
export const tryTaking = (session: Session, askerId: string, held: Held) =>
  attempt(session, askerId, 'take', { id: held.id }, held.thing_id)

/** Were this thing closed, or open again. Whoever closes it gets to manage it by name. */
export const tryClosing = (session: Session, askerId: string, place: Place, inherits: boolean) =>
  attempt(
    session,
    askerId,
    inherits ? 'open' : 'close',
    { person_id: askerId, [place.isDocument ? 'document_id' : 'node_id']: place.id },
    place.id
  )

/**
 * The lock-out guard (docs/access.md): a change that takes away one's own `manage`, or the last one of a thing, wants to
 * be confirmed. Asked before the change, in its transaction.
 *
 * @throws Problem last_manager
 */
export function guardManagers(trial: AccessTrial): void {
  if (trial.own) throw new Problem('last_manager', 'You would take away your own right to manage.')
  if (trial.unmanaged.length > 0) throw new Problem('last_manager', 'Nobody could manage this any more.')
}
