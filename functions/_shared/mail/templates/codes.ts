/** What the mails with a code say, and those about the way in that an administrator gives. */
import type { Locale } from '../../contract/common.ts'
import type { MailTemplate } from '../../contract/mail.ts'
import type { Facts, Words } from './text.ts'

type Codes = Extract<MailTemplate, 'code' | 'way_in' | 'way_in_confirm' | 'way_in_used'>

export const CODE_WORDS: Record<Codes, Record<Locale, (facts: Facts) => Words>> = {
  code: {
    de: ({ firm, until }) => ({
      subject: `${firm}: Ihr Code für das Portal`,
      paragraphs: [
        'Geben Sie diesen Code auf der Seite des Portals ein, die Sie geöffnet haben.',
        `Er gilt einmal, bis ${until}. Geben Sie ihn niemandem weiter, auch nicht am Telefon.`
      ],
      button: 'Ihr Code',
      small:
        'Wenn Sie keinen Code angefordert haben, kennt jemand Ihr Passwort: Ändern Sie es gleich im Portal.'
    }),
    en: ({ firm, until }) => ({
      subject: `${firm}: your code for the portal`,
      paragraphs: [
        'Enter this code on the page of the portal that you have open.',
        `It works once, until ${until}. Give it to nobody, not on the telephone either.`
      ],
      button: 'Your code',
      small: 'If you did not ask for a code, somebody knows your password: change it in the portal at once.'
    }),
    sv: ({ firm, until }) => ({
      subject: `${firm}: din kod till portalen`,
      paragraphs: [
        'Skriv in koden på den sida i portalen som du har öppen.',
        `Den fungerar en gång, till och med ${until}. Ge den inte till någon, inte heller per telefon.`
      ],
      button: 'Din kod',
      small: 'Om du inte har bett om en kod kan någon ditt lösenord: byt det genast i portalen.'
    })
  },
  way_in: {
    de: ({ firm }) => ({
      subject: `${firm}: Ein Einmalcode für Ihren Zugang`,
      paragraphs: [
        'Die Kanzlei hat einen Einmalcode für Ihren Zugang angelegt und nennt ihn Ihnen auf einem anderen Weg, zum Beispiel am Telefon. Sie brauchen ihn, wenn Ihr zweiter Faktor verloren ist, zusammen mit Ihrem Passwort.',
        'Haben Sie nicht darum gebeten? Dann rufen Sie Ihre Ansprechperson an, unter der Nummer, die Sie kennen.'
      ],
      button: 'Zur Anmeldung',
      small: 'Solange der Code nicht eingegeben wird, ändert sich nichts.'
    }),
    en: ({ firm }) => ({
      subject: `${firm}: a one-time code for your account`,
      paragraphs: [
        'The firm has made a one-time code for your account and tells it to you in another way, for example on the telephone. You need it together with your password when your second factor is lost.',
        'You did not ask for it? Then call your contact person, on the number that you know.'
      ],
      button: 'Go to sign-in',
      small: 'As long as the code is not entered, nothing changes.'
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: en engångskod till ditt konto`,
      paragraphs: [
        'Byrån har skapat en engångskod till ditt konto och ger dig den på ett annat sätt, till exempel per telefon. Du behöver den tillsammans med ditt lösenord när du har förlorat din andra faktor.',
        'Har du inte bett om den? Ring då din kontaktperson på det nummer som du känner till.'
      ],
      button: 'Till inloggningen',
      small: 'Så länge koden inte skrivs in ändras ingenting.'
    })
  },
  way_in_confirm: {
    de: ({ firm }) => ({
      subject: `${firm}: Bitte einen Einmalcode bestätigen`,
      paragraphs: [
        'Eine Kollegin oder ein Kollege möchte jemanden wieder einlassen, der seinen zweiten Faktor verloren hat. Nach der Einstellung Ihrer Kanzlei gilt der Code erst, wenn ihn eine zweite Person aus der Verwaltung bestätigt.',
        'Überzeugen Sie sich vorher, dass die Anfrage echt ist.'
      ],
      button: 'Im Portal ansehen',
      small: ''
    }),
    en: ({ firm }) => ({
      subject: `${firm}: please confirm a one-time code`,
      paragraphs: [
        'A colleague wants to let somebody in again who has lost their second factor. By the setting of your firm the code works only after a second administrator has confirmed it.',
        'Make sure first that the request is genuine.'
      ],
      button: 'See it in the portal',
      small: ''
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: bekräfta en engångskod`,
      paragraphs: [
        'En kollega vill släppa in någon som har förlorat sin andra faktor. Enligt byråns inställning gäller koden först när ytterligare en administratör har bekräftat den.',
        'Försäkra dig först om att begäran är äkta.'
      ],
      button: 'Visa i portalen',
      small: ''
    })
  },
  way_in_used: {
    de: ({ firm }) => ({
      subject: `${firm}: Anmeldung mit einem Einmalcode der Kanzlei`,
      paragraphs: [
        'Ihr Zugang wurde soeben mit Ihrem Passwort und einem Einmalcode der Kanzlei geöffnet. Der bisherige zweite Faktor gilt nicht mehr, alle anderen Geräte sind abgemeldet.',
        'Waren Sie das nicht? Rufen Sie sofort Ihre Ansprechperson an, unter der Nummer, die Sie kennen.'
      ],
      button: 'Angemeldete Geräte ansehen',
      small: ''
    }),
    en: ({ firm }) => ({
      subject: `${firm}: signed in with a one-time code of the firm`,
      paragraphs: [
        'Your account has just been opened with your password and a one-time code of the firm. The second factor that you had works no longer, all other devices are signed out.',
        'Was it not you? Call your contact person at once, on the number that you know.'
      ],
      button: 'See where you are signed in',
      small: ''
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: inloggning med en engångskod från byrån`,
      paragraphs: [
        'Ditt konto har just öppnats med ditt lösenord och en engångskod från byrån. Den andra faktor som du hade gäller inte längre och alla andra enheter är utloggade.',
        'Var det inte du? Ring genast din kontaktperson på det nummer som du känner till.'
      ],
      button: 'Visa inloggade enheter',
      small: ''
    })
  }
}
