/** What the mail about backups says: that something is wrong with them. What it is stands in the portal. */
import type { Locale } from '../../contract/common.ts'
import type { Facts, Words } from './text.ts'

export const BACKUP_WORDS: Record<Locale, (facts: Facts) => Words> = {
  de: ({ firm }) => ({
    subject: `${firm}: die Datensicherung braucht Aufmerksamkeit`,
    paragraphs: [
      'Eine Sicherung Ihres Portals ist überfällig, oder eine Probe-Wiederherstellung ist nicht gelungen.',
      'Was genau und seit wann, steht im Portal. Solange es so bleibt, erinnern wir Sie einmal am Tag.'
    ],
    button: 'Sicherungen ansehen',
    small: 'Sie bekommen diese Nachricht, weil Sie das Portal mit verwalten.'
  }),
  en: ({ firm }) => ({
    subject: `${firm}: the backups need attention`,
    paragraphs: [
      'A backup of your portal is late, or one could not be restored as a trial.',
      'What it is and since when stands in the portal. As long as it stays so, we remind you once a day.'
    ],
    button: 'Look at the backups',
    small: 'You get this message because you are one of the administrators.'
  }),
  sv: ({ firm }) => ({
    subject: `${firm}: säkerhetskopieringen behöver ses över`,
    paragraphs: [
      'En säkerhetskopia av er portal är försenad, eller så gick den inte att återställa på prov.',
      'Vad det gäller och sedan när står i portalen. Så länge det består påminner vi dig en gång om dagen.'
    ],
    button: 'Visa säkerhetskopiorna',
    small: 'Du får detta meddelande för att du är en av administratörerna.'
  })
}
