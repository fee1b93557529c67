/** People and organisations, as far as the asker may know of them. */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import { Organisation, type PeopleOnly, Person } from '../_shared/contract/person.ts'
import { pageFrom, readCursor } from '../_shared/cursor.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'

const sql = blocks<'organisations' | 'create_organisation' | 'assign_maker' | 'people'>(
  new URL('./people.sql', import.meta.url)
)

type On = Parameters<typeof rows>[0]
/** `q`: part of a client's name; of people words, each a part of name, address or client. */
export type PageWish = {
  q?: string | undefined
  id?: string | undefined
  cursor?: string | undefined
  limit: number
}

const Key = z.tuple([z.string(), Id])
const FIRST = ['', '00000000-0000-0000-0000-000000000000']

/** A page of rows that are ordered by (name, id). */
async function page<Row extends { id: string; name: string }>(
  on: On,
  text: string,
  askerId: string,
  wish: PageWish,
  schema: z.ZodType<Row>,
  more: unknown[] = []
): Promise<{ items: Row[]; next: string | null }> {
  const after = readCursor(wish.cursor, Key) ?? FIRST
  const values = [askerId, ...after, wish.limit + 1, wish.q || null, wish.id ?? null, ...more]
  const found = await rows(on, text, values, schema)
  return pageFrom(found, wish.limit, (last) => [last.name, last.id])
}

export const listOrganisations = (on: On, askerId: string, wish: PageWish) =>
  page(on, sql('organisations'), askerId, wish, Organisation)

export const listPeople = (on: On, askerId: string, wish: PageWish & { only?: PeopleOnly | undefined }) =>
  page(on, sql('people'), askerId, wish, Person, [wish.only ?? null])

/** A new client, known to whoever made it. */
export async function createOrganisation(on: Session, name: string, makerId: string): Promise<Organisation> {
  const made = await row(on, sql('create_organisation'), [name], Organisation)
  if (!made) throw new Error('an organisation was not written')
  await run(on, sql('assign_maker'), [makerId, made.id])
  return made
}
