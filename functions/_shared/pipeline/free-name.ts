/** Names that are free in their folder: two files of one name are both kept. */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import { numberedName } from '../rules/name.ts'
import { type Session, blocks, rows, run } from '../db/database.ts'

const sql = blocks<'lock_folders' | 'taken'>(new URL('./free-name.sql', import.meta.url))

type Place = { folder_id: string; name: string }

const keyOf = (folder_id: string, name: string): string => `${folder_id} ${name}`

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
      const free = forms[place]?.find((name) => !used.has(keyOf(one.folder_id, name)))
      if (free === undefined) continue
      used.add(keyOf(one.folder_id, free))
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
      asked.set(keyOf(one.folder_id, name), { folder_id: one.folder_id, name })
  const places = [...asked.values()]
  const taken = await rows(
    session,
    sql('taken'),
    [places.map((one) => one.folder_id), places.map((one) => one.name)],
    z.object({ folder_id: Id, name: z.string() })
  )
  return taken.map((one) => keyOf(one.folder_id, one.name))
}
