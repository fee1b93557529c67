/** Names that are free in their folder: two files of one name are both kept. */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import { numberedName } from '../rules/name.ts'
import { type Session, blocks, rows, run } from '../db/database.ts'

const sql = blocks<'lock_folders' | 'taken' | 'own_places'>(new URL('./free-name.sql', import.meta.url))

type Place = { folder_id: string; name: string; only_by?: string | null }

const keyOf = ({ folder_id, only_by }: Omit<Place, 'name'>, name: string): string =>
  `${folder_id} ${only_by ?? ''} ${name}`

/**
 * Says of each upload whose name alone counts where it goes: in a place for own uploads only a name that is free for its
 * sender may be somebody else's too.
 */
export async function amongOwn<T extends Place & { person_id: string }>(
  session: Session,
  uploads: T[]
): Promise<(T & { only_by: string | null })[]> {
  const people = [...new Set(uploads.map((one) => one.person_id))]
  const folders = [...new Set(uploads.map((one) => one.folder_id))]
  const found = await rows(
    session,
    sql('own_places'),
    [people, folders],
    z.object({ who: Id, folder_id: Id })
  )
  const own = new Set(found.map((one) => `${one.who} ${one.folder_id}`))
  return uploads.map((one) => ({
    ...one,
    only_by: own.has(`${one.person_id} ${one.folder_id}`) ? one.person_id : null
  }))
}

/**
 * For each document that is to come its name, or "name (2).pdf" and so on where that is taken, by another or by one
 * of these. The folders are locked until the transaction ends, so that nobody takes the names meanwhile.
 */
export async function freeNames(session: Session, wanted: Place[]): Promise<string[]> {
  await run(session, sql('lock_folders'), [[...new Set(wanted.map((one) => one.folder_id))]])
  const chosen: (string | undefined)[] = wanted.map(() => undefined)
  const used = new Set<string>()
  // Few names collide, and those that do seldom often: look at one form, then at eight, then at eight times as many.
  for (let from = 1, to = 1; chosen.includes(undefined); from = to + 1, to *= 8) {
    const open = wanted.flatMap((one, index) => (chosen[index] === undefined ? [{ ...one, index }] : []))
    const forms = open.map((one) => range(from, to).map((n) => numberedName(one.name, n)))
    for (const key of await takenNames(session, open, forms)) used.add(key)
    for (const [place, one] of open.entries()) {
      const free = forms[place]?.find((name) => !used.has(keyOf(one, name)))
      if (free === undefined) continue
      used.add(keyOf(one, free))
      chosen[one.index] = free
    }
  }
  return chosen.map((name) => name ?? '')
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

async function takenNames(session: Session, open: Place[], forms: string[][]): Promise<string[]> {
  const asked = new Map<string, Place>()
  for (const [place, one] of open.entries())
    for (const name of forms[place] ?? [])
      asked.set(keyOf(one, name), { folder_id: one.folder_id, name, only_by: one.only_by ?? null })
  const places = [...asked.values()]
  const taken = await rows(
    session,
    sql('taken'),
    [places.map((one) => one.folder_id), places.map((one) => one.name), places.map((one) => one.only_by)],
    z.object({ folder_id: Id, name: z.string(), only_by: Id.nullable() })
  )
  return taken.map((one) => keyOf(one, one.name))
}
