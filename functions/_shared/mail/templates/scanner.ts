/** What the mail about the virus scanner says: that documents wait for it. */
import type { Locale } from '../../contract/common.ts'
import type { Facts, Words } from './text.ts'

export const SCANNER_WORDS: Record<Locale, (facts: Facts) => Words> = {
  de: ({ firm }) => ({
    subject: `${firm}: der Virenscanner braucht Aufmerksamkeit`,
    paragraphs: [
      'Der Virenscanner Ihres Portals antwortet nicht, oder seine Signaturen sind zu alt.',
      'Neue Dokumente warten, bis er wieder prüft; verloren geht nichts. Wer das Portal betreibt, sieht mit „portico doctor“, was fehlt. Solange es so bleibt, erinnern wir Sie einmal am Tag.'
    ],
    button: 'Wartende Aufgaben ansehen',
    small: 'Sie bekommen diese Nachricht, weil Sie das Portal mit verwalten.'
  }),
  en: ({ firm }) => ({
    subject: `${firm}: the virus scanner needs attention`,
    paragraphs: [
      'The virus scanner of your portal does not answer, or its signatures are too old.',
      'New documents wait until it scans again; nothing is lost. Whoever runs the portal sees with “portico doctor” what is missing. As long as it stays so, we remind you once a day.'
    ],
    button: 'Look at the waiting tasks',
    small: 'You get this message because you are one of the administrators.'
  }),
  sv: ({ firm }) => ({
    subject: `${firm}: virusskannern behöver ses över`,
    paragraphs: [
      'Virusskannern i er portal svarar inte, eller så är dess signaturer för gamla.',
      'Nya dokument väntar tills den skannar igen; inget går förlorat. Den som driver portalen ser med ”portico doctor” vad som saknas. Så länge det består påminner vi dig en gång om dagen.'
    ],
    button: 'Visa uppgifter som väntar',
    small: 'Du får detta meddelande för att du är en av administratörerna.'
  })
}
