/** What the headings and words of tables mean that come from other programs, in three languages. Pure. */
import type { Locale } from '../contract/common.ts'
import type { ImportField } from '../contract/import.ts'
import type { StaffRole } from '../contract/person.ts'

/** Without case, blanks, accents and punctuation: "E-Mail-Adresse" and "EMAIL ADRESSE" are one word. */
export const wordKey = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^\p{L}\p{N}]/gu, '')

const HEADINGS: Record<ImportField, string[]> = {
  email: [
    'email',
    'e-mail',
    'mail',
    'e-mail-adresse',
    'e-mail address',
    'mailadresse',
    'mail address',
    'e-post',
    'e-postadress',
    'epost',
    'e-mail 1',
    'e-mail privat',
    'e-mail geschäftlich'
  ],
  name: [
    'name',
    'vor- und nachname',
    'vollständiger name',
    'person',
    'ansprechpartner',
    'kontakt',
    'full name',
    'contact',
    'contact name',
    'display name',
    'anzeigename',
    'namn',
    'för- och efternamn',
    'fullständigt namn',
    'kontaktperson'
  ],
  first_name: ['vorname', 'rufname', 'first name', 'given name', 'forename', 'förnamn', 'tilltalsnamn'],
  last_name: ['nachname', 'familienname', 'zuname', 'last name', 'surname', 'family name', 'efternamn'],
  organisation: [
    'mandant',
    'mandantenname',
    'mandantin',
    'firma',
    'firmenname',
    'unternehmen',
    'organisation',
    'gesellschaft',
    'kunde',
    'kundenname',
    'client',
    'client name',
    'company',
    'company name',
    'organization',
    'customer',
    'klient',
    'klientnamn',
    'företag',
    'företagsnamn',
    'kund',
    'bolag'
  ],
  role: ['rolle', 'role', 'roll', 'funktion', 'function', 'befattning'],
  language: ['sprache', 'korrespondenzsprache', 'language', 'språk', 'locale']
}

const ROLES: Record<StaffRole | 'client', string[]> = {
  administrator: ['administration', 'administrator', 'administratorin', 'admin', 'administratör'],
  staff: [
    'mitarbeitende',
    'mitarbeiter',
    'mitarbeiterin',
    'staff',
    'medarbetare',
    'rechtsanwalt',
    'rechtsanwältin',
    'steuerberater',
    'steuerberaterin'
  ],
  assistant: ['assistenz', 'assistent', 'assistentin', 'assistant'],
  auditor: ['revision', 'revisor', 'revisorin', 'auditor', 'prüfer', 'prüferin', 'granskare'],
  client: [
    'mandant',
    'mandantin',
    'mandant oder gast',
    'gast',
    'client',
    'client or guest',
    'guest',
    'klient',
    'klient eller gäst',
    'gäst',
    'kunde',
    'kund'
  ]
}

const LANGUAGES: Record<Locale, string[]> = {
  de: ['de', 'deutsch', 'german', 'tyska', 'de-de', 'de-at', 'de-ch'],
  en: ['en', 'englisch', 'english', 'engelska', 'en-gb', 'en-us'],
  sv: ['sv', 'schwedisch', 'swedish', 'svenska', 'sv-se']
}

function lookUp<Meaning extends string>(words: Record<Meaning, string[]>): Map<string, Meaning> {
  const known = new Map<string, Meaning>()
  for (const meaning in words) for (const word of words[meaning]) known.set(wordKey(word), meaning)
  return known
}
const [headings, roles, languages] = [lookUp(HEADINGS), lookUp(ROLES), lookUp(LANGUAGES)]

/** What a column with this heading holds; null: not known. */
export const fieldOf = (heading: string): ImportField | null => headings.get(wordKey(heading)) ?? null

/** `client`: nobody of the firm. Null: no such word is known. */
export const roleOf = (word: string): StaffRole | 'client' | null => roles.get(wordKey(word)) ?? null

export const languageOf = (word: string): Locale | null => languages.get(wordKey(word)) ?? null

/** Whether a line can be headings: some heading is known, and nothing in it is an address. */
export const areHeadings = (cells: string[]): boolean =>
  cells.some((cell) => fieldOf(cell) !== null) && !cells.some((cell) => cell.includes('@'))

/**
 * What each column holds, as far as that is known by its heading; without headings the addresses alone are. Of two
 * columns that say the same the first counts, and a whole name makes its parts needless.
 */
export function guessFields(heads: string[], samples: string[][]): (ImportField | null)[] {
  const taken = new Set<ImportField>()
  const take = (field: ImportField | null): ImportField | null => {
    if (field === null || taken.has(field)) return null
    taken.add(field)
    return field
  }
  const fields = heads.map((head) => take(fieldOf(head)))
  if (!taken.has('email')) {
    const found = samples.findIndex(
      (cells, column) =>
        fields[column] === null && cells.length > 0 && cells.every((cell) => /^\S+@\S+\.\S+$/.test(cell))
    )
    if (found >= 0) fields[found] = 'email'
  }
  // "Name" beside "Vorname" is the family name.
  if (taken.has('name') && taken.has('first_name') && !taken.has('last_name'))
    return fields.map((field) => (field === 'name' ? 'last_name' : field))
  const whole = taken.has('name')
  return fields.map((field) => (whole && (field === 'first_name' || field === 'last_name') ? null : field))
}

/** Whether the columns say whom or which client the lines are about. */
export const areEnough = (fields: (ImportField | null)[]): boolean =>
  fields.includes('email') || fields.includes('organisation')
