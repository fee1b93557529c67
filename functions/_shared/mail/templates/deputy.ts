/** What the mails about a deputy say whom somebody else named: that there is one. Who, and until when, stands in the portal. */
import type { Locale } from '../../contract/common.ts'
import type { MailTemplate } from '../../contract/mail.ts'
import type { Facts, Words } from './text.ts'

type Deputy = Extract<MailTemplate, 'deputy' | 'deputy_of_other'>

export const DEPUTY_WORDS: Record<Deputy, Record<Locale, (facts: Facts) => Words>> = {
  deputy: {
    de: ({ firm }) => ({
      subject: `${firm}: eine Vertretung, die Sie betrifft`,
      paragraphs: [
        'Jemand anderes hat im Portal eine Vertretung benannt, die Sie betrifft: Sie werden vertreten, oder Sie vertreten.',
        'Wer vertritt, sieht und tut in dieser Zeit, was die vertretene Person selbst darf. Wer es ist und bis wann, steht im Portal. Dort können Sie die Vertretung sofort beenden.'
      ],
      button: 'Vertretung ansehen',
      small: 'Wenn Sie davon nichts wussten, fragen Sie in Ihrer Kanzlei nach.'
    }),
    en: ({ firm }) => ({
      subject: `${firm}: a deputy, and you are concerned`,
      paragraphs: [
        'Somebody else has named a deputy in the portal, and it concerns you: somebody stands in for you, or you for somebody.',
        'A deputy sees and does in this time what the absent person may. Who it is and until when stands in the portal. You can end it there at once.'
      ],
      button: 'Look at the deputy',
      small: 'If you did not know of it, ask in your firm.'
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: en ställföreträdare som rör dig`,
      paragraphs: [
        'Någon annan har utsett en ställföreträdare i portalen, och det rör dig: någon företräder dig, eller du någon.',
        'En ställföreträdare ser och gör under tiden det som den frånvarande får. Vem det är och till när står i portalen. Där kan du avsluta det direkt.'
      ],
      button: 'Visa ställföreträdaren',
      small: 'Om du inte kände till det, fråga på din byrå.'
    })
  },
  deputy_of_other: {
    de: ({ firm }) => ({
      subject: `${firm}: eine Vertretung wurde benannt`,
      paragraphs: [
        'Jemand aus der Administration hat für jemand anderen eine Vertretung benannt.',
        'Wer vertritt, sieht und tut in dieser Zeit, was die vertretene Person selbst darf. Wer es ist und bis wann, steht im Portal. Dort können Sie die Vertretung sofort beenden.'
      ],
      button: 'Vertretung ansehen',
      small: 'Sie bekommen diese Nachricht, weil Sie das Portal mit verwalten.'
    }),
    en: ({ firm }) => ({
      subject: `${firm}: a deputy was named`,
      paragraphs: [
        'One of the administrators has named a deputy for somebody else.',
        'A deputy sees and does in this time what the absent person may. Who it is and until when stands in the portal. You can end it there at once.'
      ],
      button: 'Look at the deputy',
      small: 'You get this message because you are one of the administrators.'
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: en ställföreträdare har utsetts`,
      paragraphs: [
        'Någon av administratörerna har utsett en ställföreträdare för någon annan.',
        'En ställföreträdare ser och gör under tiden det som den frånvarande får. Vem det är och till när står i portalen. Där kan du avsluta det direkt.'
      ],
      button: 'Visa ställföreträdaren',
      small: 'Du får detta meddelande för att du är en av administratörerna.'
    })
  }
}
