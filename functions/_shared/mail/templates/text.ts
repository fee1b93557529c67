/** What the mails say. No names but the firm's: subject and body are read on the way, by machines and by colleagues. */
import type { Locale } from '../../contract/common.ts'
import type { MailTemplate } from '../../contract/mail.ts'
import { CODE_WORDS } from './codes.ts'
import { BACKUP_WORDS } from './backup.ts'
import { GIVEN_UP_WORDS } from './given-up.ts'
import { SCANNER_WORDS } from './scanner.ts'
import { DEPUTY_WORDS } from './deputy.ts'
import { EMERGENCY_WORDS } from './emergency.ts'
import { ENTRY_WORDS } from './entry.ts'
import { FACTOR_WORDS } from './factors.ts'
import { WEBHOOK_WORDS } from './webhook.ts'

/** `until` is a date in the reader's words; empty when the link does not end. */
export type Facts = { firm: string; until: string; news: string[] }
export type Words = { subject: string; paragraphs: string[]; button: string; small: string }

export const GREETING: Record<Locale, string> = { de: 'Guten Tag,', en: 'Good day,', sv: 'Hej,' }

export const FOOTER: Record<Locale, string> = {
  de: 'Diese Nachricht wurde automatisch gesendet. Bitte antworten Sie nicht darauf.',
  en: 'This message was sent automatically. Please do not reply to it.',
  sv: 'Det här meddelandet skickades automatiskt. Svara inte på det.'
}

export const UNSUBSCRIBE: Record<Locale, string> = {
  de: 'Diese Nachrichten abbestellen',
  en: 'Stop these messages',
  sv: 'Sluta få de här meddelandena'
}

export const IMPRINT: Record<Locale, string> = { de: 'Impressum', en: 'Imprint', sv: 'Om byrån' }

export const WORDS: Record<MailTemplate, Record<Locale, (facts: Facts) => Words>> = {
  ...ENTRY_WORDS,
  emergency: EMERGENCY_WORDS,
  ...DEPUTY_WORDS,
  backup: BACKUP_WORDS,
  scanner: SCANNER_WORDS,
  given_up: GIVEN_UP_WORDS,
  webhook: WEBHOOK_WORDS,
  invitation: {
    de: ({ firm, until }) => ({
      subject: `${firm}: Ihre Einladung in das Portal`,
      paragraphs: [
        `${firm} lädt Sie ein, Unterlagen über ein geschütztes Portal auszutauschen.`,
        `Der Link ist nur für Sie bestimmt und gilt einmal, bis ${until}. Bitte leiten Sie ihn nicht weiter.`
      ],
      button: 'Einladung öffnen',
      small: 'Wenn Sie diese Einladung nicht erwartet haben, brauchen Sie nichts zu tun.'
    }),
    en: ({ firm, until }) => ({
      subject: `${firm}: your invitation to the portal`,
      paragraphs: [
        `${firm} invites you to exchange documents through a protected portal.`,
        `The link is meant for you alone and works once, until ${until}. Please do not forward it.`
      ],
      button: 'Open the invitation',
      small: 'If you did not expect this invitation, there is nothing you need to do.'
    }),
    sv: ({ firm, until }) => ({
      subject: `${firm}: din inbjudan till portalen`,
      paragraphs: [
        `${firm} bjuder in dig att utbyta dokument genom en skyddad portal.`,
        `Länken är bara till för dig och fungerar en gång, till och med ${until}. Skicka den inte vidare.`
      ],
      button: 'Öppna inbjudan',
      small: 'Om du inte väntade dig den här inbjudan behöver du inte göra något.'
    })
  },
  ...FACTOR_WORDS,
  ...CODE_WORDS,
  access: {
    de: ({ firm }) => ({
      subject: `${firm}: Neues für Sie im Portal`,
      paragraphs: [
        `${firm} hat etwas Neues im Portal für Sie freigegeben. Nach der Anmeldung finden Sie es auf der Startseite.`
      ],
      button: 'Zum Portal',
      small: ''
    }),
    en: ({ firm }) => ({
      subject: `${firm}: something new for you in the portal`,
      paragraphs: [
        `${firm} has shared something new with you in the portal. You find it on the first page after signing in.`
      ],
      button: 'Go to the portal',
      small: ''
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: något nytt för dig i portalen`,
      paragraphs: [
        `${firm} har delat något nytt med dig i portalen. Du hittar det på startsidan när du har loggat in.`
      ],
      button: 'Till portalen',
      small: ''
    })
  },
  held: {
    de: ({ firm }) => ({
      subject: `${firm}: Eine Datei wird zurückgehalten`,
      paragraphs: [
        'Eine Datei im Portal wird nach der Prüfung zurückgehalten. Niemand kann sie öffnen, bis die Kanzlei sie freigibt.'
      ],
      button: 'Im Portal ansehen',
      small: ''
    }),
    en: ({ firm }) => ({
      subject: `${firm}: a file is held back`,
      paragraphs: [
        'A file in the portal is held back after it was checked. Nobody can open it until the firm releases it.'
      ],
      button: 'See it in the portal',
      small: ''
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: en fil hålls tillbaka`,
      paragraphs: [
        'En fil i portalen hålls tillbaka efter kontrollen. Ingen kan öppna den förrän byrån släpper den.'
      ],
      button: 'Visa i portalen',
      small: ''
    })
  },
  link: {
    de: ({ firm, until }) => ({
      subject: `${firm}: Unterlagen für Sie`,
      paragraphs: [
        `${firm} stellt Ihnen Unterlagen über einen geschützten Link bereit. Er gilt bis ${until}.`,
        'Bitte leiten Sie ihn nicht weiter: Wer ihn hat, kann die Unterlagen öffnen.'
      ],
      button: 'Link öffnen',
      small: 'Ein Passwort, falls nötig, erhalten Sie auf einem anderen Weg.'
    }),
    en: ({ firm, until }) => ({
      subject: `${firm}: documents for you`,
      paragraphs: [
        `${firm} provides documents to you through a protected link. It works until ${until}.`,
        'Please do not forward it: whoever has it can open the documents.'
      ],
      button: 'Open the link',
      small: 'If a password is needed, you get it in another way.'
    }),
    sv: ({ firm, until }) => ({
      subject: `${firm}: handlingar till dig`,
      paragraphs: [
        `${firm} delar handlingar med dig genom en skyddad länk. Den gäller till ${until}.`,
        'Skicka den inte vidare: den som har länken kan öppna handlingarna.'
      ],
      button: 'Öppna länken',
      small: 'Om det behövs ett lösenord får du det på annat sätt.'
    })
  },
  renewal: {
    de: ({ firm }) => ({
      subject: `${firm}: Bitte um Verlängerung eines Links`,
      paragraphs: ['Jemand bittet Sie, einen Link zu verlängern, den Sie erstellt haben.'],
      button: 'Links ansehen',
      small: ''
    }),
    en: ({ firm }) => ({
      subject: `${firm}: request to renew a link`,
      paragraphs: ['Somebody asks you to renew a link that you made.'],
      button: 'See the links',
      small: ''
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: begäran om att förlänga en länk`,
      paragraphs: ['Någon ber dig att förlänga en länk som du har skapat.'],
      button: 'Visa länkarna',
      small: ''
    })
  },
  news: {
    de: ({ firm, news }) => ({
      subject: `${firm}: ${news.join(', ') || 'Neuigkeiten'} im Portal`,
      paragraphs: ['Im Portal gibt es Neues für Sie:', ...news],
      button: 'Im Portal ansehen',
      small: 'Wie oft Sie solche Nachrichten erhalten, bestimmen Sie in Ihrem Konto.'
    }),
    en: ({ firm, news }) => ({
      subject: `${firm}: ${news.join(', ') || 'something new'} in the portal`,
      paragraphs: ['There is something new for you in the portal:', ...news],
      button: 'See it in the portal',
      small: 'You choose in your account how often you get such messages.'
    }),
    sv: ({ firm, news }) => ({
      subject: `${firm}: ${news.join(', ') || 'nyheter'} i portalen`,
      paragraphs: ['Det finns något nytt för dig i portalen:', ...news],
      button: 'Visa i portalen',
      small: 'Hur ofta du får sådana meddelanden väljer du i ditt konto.'
    })
  }
}
