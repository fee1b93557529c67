/** What the mails about second factors say. */
import type { Locale } from '../../contract/common.ts'
import type { Facts, Words } from './text.ts'

export const FACTOR_WORDS: Record<'recovered' | 'factors', Record<Locale, (facts: Facts) => Words>> = {
  recovered: {
    de: ({ firm }) => ({
      subject: `${firm}: Anmeldung mit einem Wiederherstellungscode`,
      paragraphs: [
        'Soeben wurde Ihr Zugang mit einem Wiederherstellungscode geöffnet.',
        'Waren Sie das, prüfen Sie, ob Ihr zweiter Faktor noch in Ihrer Hand ist. Waren Sie es nicht, melden Sie dort fremde Geräte ab und rufen Sie Ihre Ansprechperson an.'
      ],
      button: 'Sicherheit der Anmeldung öffnen',
      small: ''
    }),
    en: ({ firm }) => ({
      subject: `${firm}: signed in with a recovery code`,
      paragraphs: [
        'Your account has just been opened with a recovery code.',
        'If this was you, make sure that your second factor is still in your hands. If it was not, sign out the devices you do not know and call your contact person.'
      ],
      button: 'Open sign-in security',
      small: ''
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: inloggning med en återställningskod`,
      paragraphs: [
        'Ditt konto har just öppnats med en återställningskod.',
        'Om det var du, kontrollera att du fortfarande har din andra faktor. Om det inte var du, logga ut okända enheter och ring din kontaktperson.'
      ],
      button: 'Öppna säker inloggning',
      small: ''
    })
  },
  factors: {
    de: ({ firm }) => ({
      subject: `${firm}: Ihr zweiter Faktor wurde geändert`,
      paragraphs: [
        'Für Ihren Zugang wurde ein zweiter Faktor hinzugefügt oder entfernt.',
        'Waren Sie das, brauchen Sie nichts zu tun. Waren Sie es nicht, entfernen Sie dort, was Sie nicht kennen, melden Sie fremde Geräte ab und rufen Sie Ihre Ansprechperson an.'
      ],
      button: 'Sicherheit der Anmeldung öffnen',
      small: ''
    }),
    en: ({ firm }) => ({
      subject: `${firm}: your second factor was changed`,
      paragraphs: [
        'A second factor was added to your account or removed from it.',
        'If this was you, there is nothing you need to do. If it was not, remove what you do not know there, sign out the devices that are not yours and call your contact person.'
      ],
      button: 'Open sign-in security',
      small: ''
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: din andra faktor har ändrats`,
      paragraphs: [
        'En andra faktor har lagts till eller tagits bort för ditt konto.',
        'Om det var du behöver du inte göra något. Om det inte var du, ta bort det du inte känner igen där, logga ut okända enheter och ring din kontaktperson.'
      ],
      button: 'Öppna säker inloggning',
      small: ''
    })
  }
}
