/** What the mail says that tells of tasks which the portal has given up. */
import type { Locale } from '../../contract/common.ts'
import type { Facts, Words } from './text.ts'

export const GIVEN_UP_WORDS: Record<Locale, (facts: Facts) => Words> = {
  de: ({ firm }) => ({
    subject: `${firm}: das Portal hat eine Aufgabe aufgegeben`,
    paragraphs: [
      'Eine oder mehrere Aufgaben des Portals sind trotz mehrerer Versuche endgültig gescheitert.',
      'Verloren ist nichts: Die Aufgabe steht mit ihrem Grund auf einer Seite des Portals und lässt sich dort neu beginnen, sobald er behoben ist. Scheitern in der nächsten Viertelstunde weitere, sagen wir es Ihnen in einer gemeinsamen Nachricht.'
    ],
    button: 'Gescheiterte Aufgaben ansehen',
    small: 'Sie bekommen diese Nachricht, weil Sie das Portal mit verwalten.'
  }),
  en: ({ firm }) => ({
    subject: `${firm}: the portal has given up a task`,
    paragraphs: [
      'One or more tasks of the portal have failed for good, after several tries.',
      'Nothing is lost: the task stands on a page of the portal with its reason, and can begin again there once that is mended. If more fail within the next quarter of an hour, we tell you in one message.'
    ],
    button: 'Look at the failed tasks',
    small: 'You get this message because you are one of the administrators.'
  }),
  sv: ({ firm }) => ({
    subject: `${firm}: portalen har gett upp en uppgift`,
    paragraphs: [
      'En eller flera av portalens uppgifter har misslyckats för gott efter flera försök.',
      'Inget har gått förlorat: uppgiften står med sitt skäl på en sida i portalen och kan börja om där när felet är åtgärdat. Misslyckas fler inom en kvart berättar vi det i ett gemensamt meddelande.'
    ],
    button: 'Visa misslyckade uppgifter',
    small: 'Du får detta meddelande för att du är en av administratörerna.'
  })
}
