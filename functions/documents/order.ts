/** Names, places and the trash in the database. */
import { z } from 'zod'
import { Id, LEVELS, levelNumber } from '../_shared/contract/common.ts'
import { Gone, Trashed } from '../_shared/contract/order.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { mayTidy } from '../_shared/rules/order.ts'

const sql = blocks<
  | 'things'
  | 'ceilings'
  | 'lock'
  | 'rename_document'
  | 'rename_folder'
  | 'move_document'
  | 'move_folder'
  | 'inside'
  | 'throw_away'
  | 'take_out'
  | 'trash'
  | 'empty'
  | 'gone'
>(new URL('./order.sql', import.meta.url))

const AnyLevel = z.enum(LEVELS)

const Thing = z.object({
  id: Id,
  kind: z.enum(['document', 'folder']),
  name: z.string(),
  /** The folder or project it lies in. */
  place_id: Id,
  own: z.boolean(),
  level: AnyLevel,
  /** As if no lock were there: neither the trash's nor people's. */
  unlocked: AnyLevel
})
/** `untrashed`: as if it were not in the trash; locks that people set hold there too. */
export type Thing = z.infer<typeof Thing> & { untrashed: z.infer<typeof AnyLevel> }

const Ceiling = z.object({ id: Id, level: AnyLevel })

/** What each of these things has left under the locks that people set. */
async function underLocks(session: Session, ids: string[]) {
  const ceilings = new Map(
    (await rows(session, sql('ceilings'), [ids], Ceiling)).map(({ id, level }) => [id, level])
  )
  return (id: string, level: z.infer<typeof AnyLevel>) => {
    const ceiling = ceilings.get(id) ?? level
    return levelNumber(ceiling) < levelNumber(level) ? ceiling : level
  }
}

/** Nobody else changes these documents until the transaction ends. */
export const lockDocuments = (session: Session, ids: string[]): Promise<number> =>
  run(session, sql('lock'), [ids])

/** These documents and folders of a project, by id, with what the asker may do. Others are not among them. */
export async function thingsOf(
  session: Session,
  person_id: string,
  project_id: string,
  ids: string[]
): Promise<Map<string, Thing>> {
  const found = await rows(session, sql('things'), [person_id, project_id, ids], Thing)
  const left = await underLocks(session, ids)
  return new Map(found.map((one) => [one.id, { ...one, untrashed: left(one.id, one.unlocked) }]))
}

export const rename = (session: Session, { id, kind }: Thing, name: string): Promise<number> =>
  run(session, sql(kind === 'document' ? 'rename_document' : 'rename_folder'), [id, name])

export const move = (
  session: Session,
  { id, kind }: Thing,
  place_id: string,
  name: string
): Promise<number> =>
  run(session, sql(kind === 'document' ? 'move_document' : 'move_folder'), [id, place_id, name])

/** Whether the folder `id` is `outer`, or lies in it. */
export async function liesIn(session: Session, id: string, outer: string): Promise<boolean> {
  const found = await row(session, sql('inside'), [id, outer], z.object({ inside: z.boolean() }))
  return found?.inside ?? false
}

/** False: it lies in the trash already. */
export const throwAway = async (
  session: Session,
  { id, kind }: Thing,
  project_id: string,
  person_id: string
): Promise<boolean> => (await run(session, sql('throw_away'), [id, kind, project_id, person_id])) > 0

/** False: it does not lie in the trash. */
export const takeOut = async (session: Session, { id }: Thing): Promise<boolean> =>
  (await run(session, sql('take_out'), [id])) > 0

/** False: it does not lie in the trash. From now on nobody takes it out; the clock removes what is left of it. */
export const empty = async (session: Session, { id }: Thing, person_id: string): Promise<boolean> =>
  (await run(session, sql('empty'), [id, person_id])) > 0

/** What is gone for good, of things that the asker would manage; the newest hundred. */
export const goneOf = (session: Session, person_id: string, project_id: string): Promise<Gone[]> =>
  rows(session, sql('gone'), [person_id, project_id], Gone)

const TrashRow = Trashed.extend({ level: AnyLevel, own: z.boolean() })

/** What lies in a project's trash and may be taken out by the asker, the newest first. */
export async function trashOf(session: Session, person_id: string, project_id: string): Promise<Trashed[]> {
  const found = await rows(session, sql('trash'), [person_id, project_id], TrashRow)
  const ids = found.map((one) => one.id)
  const left = await underLocks(session, ids)
  const free = found.filter((one) => mayTidy({ ...one, level: left(one.id, one.level) }))
  return free.map(({ level: _level, own: _own, ...one }) => one)
}
