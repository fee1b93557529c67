/** From the cells of one line to what it wishes, or why it cannot be read. Pure. */
import type { Locale } from '../contract/common.ts'
import { emailKey } from '../contract/email-key.ts'
import type { ImportField, ImportRefusal } from '../contract/import.ts'
import { Email, type StaffRole } from '../contract/person.ts'
import { plainText } from '../contract/plain-text.ts'
import { languageOf, roleOf } from './import-columns.ts'

/** What a line says; null: it says nothing of that. */
export type ImportWish = {
  line: number
  email: string | null
  email_key: string | null
  name: string | null
  organisation: string | null
  organisation_key: string | null
  /** `client`: said to be nobody of the firm. */
  role: StaffRole | 'client' | null
  language: Locale | null
}
export type Unreadable = Pick<ImportWish, 'line' | 'email' | 'name' | 'organisation'> & {
  reason: ImportRefusal
}

const NAME_MAX = 120
const ORGANISATION_MAX = 255

/** Names of clients are compared without case, and however their letters are composed. */
export const organisationKey = (name: string): string => plainText(name).normalize('NFKC').toLowerCase()

/** A cell as it was before a table guarded it against being run as a formula (rules/csv.ts). */
const unguarded = (cell: string): string => cell.replace(/^'(?=[=+\-@\t\r])/, '')

/** @param fields what each column holds */
export function readLine(
  line: number,
  cells: string[],
  fields: (ImportField | null)[]
): ImportWish | Unreadable {
  const cell = (field: ImportField): string | null => {
    const column = fields.indexOf(field)
    return (column < 0 ? '' : plainText(unguarded(cells[column] ?? ''))) || null
  }
  const parts = [cell('first_name'), cell('last_name')].filter((part) => part !== null)
  const name = cell('name') ?? (parts.join(' ') || null)
  const email = cell('email')?.normalize('NFKC') ?? null
  const organisation = cell('organisation')
  const [role, language] = [cell('role'), cell('language')]
  const wish: ImportWish = {
    ...{ line, email, name, organisation },
    email_key: email === null ? null : emailKey(email),
    organisation_key: organisation === null ? null : organisationKey(organisation),
    role: role === null ? null : roleOf(role),
    language: language === null ? null : languageOf(language)
  }
  const reason = cells.slice(fields.length).some((rest) => rest.trim() !== '')
    ? 'cells'
    : whyNot(wish, role !== null, language !== null)
  return reason ? { line, email, name, organisation, reason } : wish
}

function whyNot(wish: ImportWish, says_role: boolean, says_language: boolean): ImportRefusal | null {
  const { email, name, organisation, role, language } = wish
  if (email === null && name === null && organisation === null) return 'empty_of_people'
  if (email === null && (name !== null || says_role)) return 'email_missing'
  if (email !== null && !Email.safeParse(email).success) return 'email_invalid'
  if (name !== null && name.length > NAME_MAX) return 'name_too_long'
  if (organisation !== null && organisation.length > ORGANISATION_MAX) return 'organisation_too_long'
  if (says_role && role === null) return 'role_unknown'
  if (says_language && language === null) return 'language_unknown'
  if (organisation !== null && role !== null && role !== 'client') return 'staff_of_client'
  return null
}
