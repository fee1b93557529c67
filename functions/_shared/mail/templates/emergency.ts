/** What the mail about broken glass says: that it happened. Who, where and why stand in the portal. */
import type { Locale } from '../../contract/common.ts'
import type { Facts, Words } from './text.ts'

export const EMERGENCY_WORDS: Record<Locale, (facts: Facts) => Words> = {
  de: ({ firm }) => ({
    subject: `${firm}: ein Notfallzugriff`,
    paragraphs: [
      'Jemand aus der Administration hat sich im Portal für vier Stunden einen Notfallzugriff genommen.',
      'Wer es war, worauf und warum, steht im Portal. Dort können Sie den Zugriff sofort beenden.'
    ],
    button: 'Notfallzugriff ansehen',
    small: 'Sie bekommen diese Nachricht, weil Sie das Portal mit verwalten.'
  }),
  en: ({ firm }) => ({
    subject: `${firm}: emergency access`,
    paragraphs: [
      'One of the administrators has taken emergency access in the portal for four hours.',
      'Who it was, to what and why stands in the portal. You can end the access there at once.'
    ],
    button: 'Look at the emergency access',
    small: 'You get this message because you are one of the administrators.'
  }),
  sv: ({ firm }) => ({
    subject: `${firm}: en nödåtkomst`,
    paragraphs: [
      'Någon av administratörerna har tagit nödåtkomst i portalen i fyra timmar.',
      'Vem det var, till vad och varför står i portalen. Där kan du avsluta åtkomsten direkt.'
    ],
    button: 'Visa nödåtkomsten',
    small: 'Du får detta meddelande för att du är en av administratörerna.'
  })
}
