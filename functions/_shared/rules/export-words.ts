/** Headings and words of exported tables; an import knows all of them again (rules/import-columns.ts). Pure. */
import type { Locale } from '../contract/common.ts'
import type { StaffRole } from '../contract/person.ts'

export const PEOPLE_HEAD: Record<Locale, string[]> = {
  de: ['Name', 'E-Mail', 'Mandant', 'Rolle', 'Sprache', 'Konto', 'Letzte Anmeldung'],
  en: ['Name', 'E-mail', 'Client', 'Role', 'Language', 'Account', 'Last sign-in'],
  sv: ['Namn', 'E-post', 'Klient', 'Roll', 'Språk', 'Konto', 'Senaste inloggning']
}
export const ORGANISATIONS_HEAD: Record<Locale, string[]> = {
  de: ['Mandant', 'Personen', 'Angelegt am'],
  en: ['Client', 'People', 'Created on'],
  sv: ['Klient', 'Personer', 'Skapad']
}

const ROLE: Record<Locale, Record<StaffRole | 'client', string>> = {
  de: {
    administrator: 'Administration',
    staff: 'Mitarbeitende',
    assistant: 'Assistenz',
    auditor: 'Revision',
    client: 'Mandant'
  },
  en: {
    administrator: 'Administrator',
    staff: 'Staff',
    assistant: 'Assistant',
    auditor: 'Auditor',
    client: 'Client'
  },
  sv: {
    administrator: 'Administratör',
    staff: 'Medarbetare',
    assistant: 'Assistent',
    auditor: 'Revisor',
    client: 'Klient'
  }
}
export const roleWord = (role: StaffRole | null, locale: Locale): string => ROLE[locale][role ?? 'client']

const ACCOUNT = {
  de: { locked: 'gesperrt', open: 'angemeldet', waiting: 'noch nicht angemeldet' },
  en: { locked: 'locked', open: 'joined', waiting: 'not joined yet' },
  sv: { locked: 'spärrat', open: 'ansluten', waiting: 'inte ansluten ännu' }
} satisfies Record<Locale, Record<string, string>>

export function accountWord(account: { active: boolean; joined: boolean }, locale: Locale): string {
  if (!account.active) return ACCOUNT[locale].locked
  return account.joined ? ACCOUNT[locale].open : ACCOUNT[locale].waiting
}
