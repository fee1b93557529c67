/** Questions to the access rule (infra/postgres/migrations/0002_access.sql), the only place that decides. */
import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import { z } from 'zod'
import { type Holders, type PersonWithAccess, PrincipalKind, ThingKind } from '../contract/access.ts'
import { Id, Level, Time, levelNumber, levelOf } from '../contract/common.ts'
import { StandsIn } from '../contract/deputy.ts'
import { pageFrom, readCursor } from '../cursor.ts'
import { keyReaches } from '../key.ts'
import { Problem, notFound } from '../problem.ts'
import { type Database, type Session, blocks, prepare, row, rows } from './database.ts'

const sql = blocks<'decide_document' | 'decide_node' | 'decide' | 'trashed' | 'people' | 'audience'>(
  new URL('./access.sql', import.meta.url)
)

const AnyLevel = z.number().transform(levelOf)

/** Whoever asks; a signed-in caller fits. */
type Asker = { id: string }

/** What the rule says about one thing. */
const Decision = z.object({
  kind: ThingKind,
  /** null: the firm itself. */
  project_id: Id.nullable(),
  /** A document's folder, a folder's parent. */
  parent_id: Id.nullable(),
  level: AnyLevel,
  /** Were it not for locks. */
  unlocked: AnyLevel,
  /** Of documents in this folder or project only one's own are visible. */
  own_only: z.boolean()
})
/** `level` is never none: what somebody may not see is as if it were not there. */
export type Decision = Omit<z.infer<typeof Decision>, 'level' | 'unlocked'> & { level: Level }
/** A thing that somebody manages, or would without the locks that lie on it. */
export type Managed = Omit<Decision, 'level'>

/** `node`: a project or folder; saves the question whether it is a document. */
export type Sort = 'document' | 'node' | 'any'

const QUESTION = { document: 'decide_document', node: 'decide_node', any: 'decide' } as const

/** What the caller may do with a thing; null when it is not there or not theirs to see, in the same time. */
export async function decide(
  on: Session | pg.Pool,
  caller: Asker,
  thing_id: string,
  sort: Sort = 'any'
): Promise<Decision | null> {
  const found = await look(on, caller, thing_id, sort)
  return found?.level ? { ...found, level: found.level } : null
}

async function look(on: Session | pg.Pool, caller: Asker, thing_id: string, sort: Sort) {
  const found = await row(on, prepare(sql(QUESTION[sort])), [caller.id, thing_id], Decision)
  return found && keyReaches(found.project_id) ? found : null
}

/** Does the caller manage a thing, locks aside? Null for whoever does not, and for what is not there or thrown away. */
export async function decideManaged(
  on: Session | pg.Pool,
  caller: Asker,
  thing_id: string
): Promise<Managed | null> {
  const found = await look(on, caller, thing_id, 'any')
  return found && (await manages(on, thing_id, found)) ? found : null
}

/** The trash is a lock too, but one that nobody set: what lies there is taken out first. */
async function manages(
  on: Session | pg.Pool,
  thing_id: string,
  { level, unlocked }: z.infer<typeof Decision>
): Promise<boolean> {
  if (unlocked !== 'manage' || level === 'manage') return level === 'manage'
  const found = await row(on, sql('trashed'), [thing_id], z.object({ trashed: z.boolean() }))
  return found?.trashed === false
}

/** A document's project, whatever the asker may do with it: for the acts that a role allows without a grant. */
export async function projectOfDocument(
  on: Session | pg.Pool,
  caller: Asker,
  document_id: string
): Promise<string | null> {
  const found = await row(on, sql('decide_document'), [caller.id, document_id], Decision)
  return found && keyReaches(found.project_id) ? found.project_id : null
}

/** Does what is held include what is asked? */
export const reaches = (held: Level | null, asked: Level): boolean =>
  held !== null && levelNumber(held) >= levelNumber(asked)

/** Milliseconds from the question to "not found": the rule takes half a millisecond longer for what exists. */
const EVEN = 8

/** Throws `not_found` at a moment that does not tell whether the thing exists. */
export async function refuseEvenly(asked_at: number): Promise<never> {
  await wait(Math.max(0, EVEN - (performance.now() - asked_at)))
  throw notFound()
}

/**
 * The decision, if it is at least `level`. Throws `not_found` for what the caller may not even see, and `forbidden` for
 * what they see but may not do; that is written into the audit log.
 */
export async function requireLevel(
  database: Database,
  caller: Asker,
  thing_id: string,
  level: Level,
  sort: Sort = 'any'
): Promise<Decision> {
  const asked_at = performance.now()
  const decision = await decide(database.pool, caller, thing_id, sort)
  if (!decision) return refuseEvenly(asked_at)
  if (reaches(decision.level, level)) return decision
  return refuse(database, caller, thing_id, level, decision)
}

async function refuse(
  database: Database,
  caller: Asker,
  thing_id: string,
  level: Level,
  decision: Decision
): Promise<never> {
  await database.transaction([], async (_session, acts) => {
    acts.push({
      action: 'access.refused',
      actor_id: caller.id,
      project_id: decision.project_id,
      document_id: decision.kind === 'document' ? thing_id : null,
      subject_id: thing_id,
      facts: { asked: level, held: decision.level }
    })
  })
  throw new Problem('forbidden', `This needs the level "${level}"; you have "${decision.level}".`)
}

/**
 * As requireLevel for `manage`, locks aside: grants are seen and mended, and locks lifted, by whoever would manage the thing
 * without its locks. What a lock takes out of sight is "not found" to everybody else.
 */
export async function requireManaged(database: Database, caller: Asker, thing_id: string): Promise<Managed> {
  const asked_at = performance.now()
  const found = await look(database.pool, caller, thing_id, 'any')
  if (found && (await manages(database.pool, thing_id, found))) return found
  if (!found?.level) return refuseEvenly(asked_at)
  return refuse(database, caller, thing_id, 'manage', { ...found, level: found.level })
}

/** As requireLevel, for what lies inside a project: the firm itself is none of these. */
export async function requireInProject(
  database: Database,
  caller: Asker,
  thing_id: string,
  level: Level,
  sort: Sort
): Promise<Decision & { project_id: string }> {
  const decision = await requireLevel(database, caller, thing_id, level, sort)
  if (decision.project_id === null) throw notFound()
  return { ...decision, project_id: decision.project_id }
}

const PersonRow = z
  .object({
    id: Id,
    name: z.string(),
    staff: z.boolean(),
    total: z.int(),
    level: Level,
    step: z.enum(['allow', 'deny']).nullable(),
    grant_level: AnyLevel.nullable(),
    own_only: z.boolean(),
    through_id: Id.nullable(),
    through_kind: PrincipalKind.nullable(),
    through_name: z.string().nullable(),
    on_id: Id.nullable(),
    on_kind: ThingKind.nullable(),
    on_name: z.string().nullable(),
    until: Time.nullable(),
    in_place_of: StandsIn.nullable()
  })
  .transform((p): PersonWithAccess & { total: number } => {
    const { step, grant_level: level, through_id, through_kind, through_name, on_id, on_kind, on_name } = p
    const told =
      step &&
      level &&
      through_id &&
      through_kind &&
      through_name !== null &&
      on_id &&
      on_kind &&
      on_name !== null
    return {
      total: p.total,
      who: { id: p.id, name: p.name },
      staff: p.staff,
      level: p.level,
      reason: told
        ? {
            step,
            level,
            through: { id: through_id, name: through_name, kind: through_kind },
            on: { id: on_id, name: on_name, kind: on_kind },
            own_only: p.own_only,
            until: p.until,
            in_place_of: p.in_place_of
          }
        : null
    }
  })

/**
 * Everybody who can see a thing, each with the grant that made their level what it is. The reason is left out where it
 * lies on a folder or project that the reader may not see: what is above a visible thing is not revealed.
 */
export async function peopleWithAccess(
  session: Session,
  reader_id: string,
  thing_id: string
): Promise<PersonWithAccess[]> {
  const values = [reader_id, thing_id, null, null, null, null, null, null]
  return (await rows(session, sql('people'), values, PersonRow)).map(withoutTotal)
}

const PersonKey = z.tuple([z.boolean(), z.int(), z.string(), Id])

/** The same page by page; the reasons are looked for only for those on it. */
export async function pageOfPeople(
  session: Session,
  reader_id: string,
  thing_id: string,
  wish: { q?: string | undefined; cursor?: string | undefined; limit: number }
): Promise<Holders> {
  const after = readCursor(wish.cursor, PersonKey) ?? [null, null, null, null]
  const values = [reader_id, thing_id, ...after, wish.limit + 1, wish.q || null]
  const found = await rows(session, sql('people'), values, PersonRow)
  const { items, next } = pageFrom(found, wish.limit, ({ staff, level, who }) => [
    ...[!staff, -levelNumber(level)],
    ...[who.name, who.id]
  ])
  return { items: items.map(withoutTotal), next, total: found[0]?.total ?? 0 }
}

const withoutTotal = ({ total: _total, ...person }: z.infer<typeof PersonRow>): PersonWithAccess => person

const Audience = z.object({ name: z.string(), staff: z.boolean() })

/** Who can see what lies in these folders, by name, without the one who asks. */
export const audienceOf = (
  session: Session,
  reader_id: string,
  folder_ids: string[]
): Promise<z.infer<typeof Audience>[]> => rows(session, sql('audience'), [reader_id, folder_ids], Audience)
