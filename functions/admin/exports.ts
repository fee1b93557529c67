/** People and clients as tables to take along, in the reader's language. */
import { z } from 'zod'
import { Id, Locale, Time } from '../_shared/contract/common.ts'
import { StaffRole } from '../_shared/contract/person.ts'
import { blocks, rows } from '../_shared/db/database.ts'
import { BYTE_ORDER_MARK, csvLine, separatorOf } from '../_shared/rules/csv.ts'
import { ORGANISATIONS_HEAD, PEOPLE_HEAD, accountWord, roleWord } from '../_shared/rules/export-words.ts'

const sql = blocks<'people' | 'organisations'>(new URL('./exports.sql', import.meta.url))

type On = Parameters<typeof rows>[0]
type Reader = { id: string; locale: Locale }
export type Exported = { text: string; lines: number }

const PersonRow = z.object({
  id: Id,
  name: z.string(),
  email: z.string(),
  staff_role: StaffRole.nullable(),
  locale: Locale,
  joined: z.boolean(),
  active: z.boolean(),
  last_sign_in_at: Time.nullable(),
  organisation: z.string().nullable()
})
const OrganisationRow = z.object({ id: Id, name: z.string(), created_at: Time, people: z.int() })

function table(locale: Locale, head: string[], lines: (string | number | null)[][]): Exported {
  const separator = separatorOf(locale)
  const text = [head, ...lines].map((cells) => csvLine(cells, separator)).join('')
  return { text: BYTE_ORDER_MARK + text, lines: lines.length }
}

export async function exportPeople(on: On, { id, locale }: Reader): Promise<Exported> {
  const people = await rows(on, sql('people'), [id], PersonRow)
  const lines = people.map((one) => [
    one.name,
    one.email,
    one.organisation,
    roleWord(one.staff_role, locale),
    one.locale,
    accountWord(one, locale),
    one.last_sign_in_at
  ])
  return table(locale, PEOPLE_HEAD[locale], lines)
}

export async function exportOrganisations(on: On, { id, locale }: Reader): Promise<Exported> {
  const organisations = await rows(on, sql('organisations'), [id], OrganisationRow)
  const lines = organisations.map((one) => [one.name, one.people, one.created_at])
  return table(locale, ORGANISATIONS_HEAD[locale], lines)
}
