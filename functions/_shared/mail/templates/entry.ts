/** What the mails about somebody's own way in say. */
import type { Locale } from '../../contract/common.ts'
import type { MailTemplate } from '../../contract/mail.ts'
import type { Facts, Words } from './text.ts'

type Entry = Extract<MailTemplate, 'reset' | 'password_changed' | 'new_device' | 'email' | 'email_changed'>

export const ENTRY_WORDS: Record<Entry, Record<Locale, (facts: Facts) => Words>> = {
  reset: {
    de: ({ firm, until }) => ({
      subject: `${firm}: Neues Passwort wählen`,
      paragraphs: [
        'Über diesen Link wählen Sie ein neues Passwort für das Portal.',
        `Er ist nur für Sie bestimmt und gilt einmal, bis ${until}. Bitte leiten Sie ihn nicht weiter.`
      ],
      button: 'Passwort wählen',
      small:
        'Wenn Sie nicht darum gebeten haben, brauchen Sie nichts zu tun: Ohne den Link ändert sich nichts.'
    }),
    en: ({ firm, until }) => ({
      subject: `${firm}: choose a new password`,
      paragraphs: [
        'With this link you choose a new password for the portal.',
        `It is meant for you alone and works once, until ${until}. Please do not forward it.`
      ],
      button: 'Choose a password',
      small: 'If you did not ask for it, there is nothing you need to do: without the link nothing changes.'
    }),
    sv: ({ firm, until }) => ({
      subject: `${firm}: välj ett nytt lösenord`,
      paragraphs: [
        'Med den här länken väljer du ett nytt lösenord till portalen.',
        `Den är bara till för dig och fungerar en gång, till och med ${until}. Skicka den inte vidare.`
      ],
      button: 'Välj lösenord',
      small: 'Om du inte bad om den behöver du inte göra något: utan länken ändras ingenting.'
    })
  },
  password_changed: {
    de: ({ firm }) => ({
      subject: `${firm}: Ihr Passwort wurde geändert`,
      paragraphs: [
        'Das Passwort Ihres Kontos im Portal wurde geändert. Auf allen anderen Geräten sind Sie abgemeldet.',
        'Waren Sie das nicht? Dann wählen Sie gleich ein neues und sagen Sie Ihrer Ansprechperson Bescheid.'
      ],
      button: 'Neues Passwort anfordern',
      small: 'Wenn Sie es selbst geändert haben, brauchen Sie nichts zu tun.'
    }),
    en: ({ firm }) => ({
      subject: `${firm}: your password was changed`,
      paragraphs: [
        'The password of your account in the portal was changed. You are signed out on all other devices.',
        'Was it not you? Then choose a new one at once and tell your contact at the firm.'
      ],
      button: 'Ask for a new password',
      small: 'If you changed it yourself, there is nothing you need to do.'
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: ditt lösenord har ändrats`,
      paragraphs: [
        'Lösenordet till ditt konto i portalen har ändrats. Du är utloggad på alla andra enheter.',
        'Var det inte du? Välj då genast ett nytt och berätta det för din kontaktperson.'
      ],
      button: 'Begär ett nytt lösenord',
      small: 'Om du ändrade det själv behöver du inte göra något.'
    })
  },
  new_device: {
    de: ({ firm }) => ({
      subject: `${firm}: Anmeldung mit einem neuen Browser`,
      paragraphs: [
        'Mit einem Browser, den wir noch nicht kennen, hat sich jemand in Ihrem Konto im Portal angemeldet.',
        'Waren Sie das nicht? Dann melden Sie das Gerät in Ihrem Konto ab und ändern Sie Ihr Passwort.'
      ],
      button: 'Angemeldete Geräte ansehen',
      small: 'Wenn Sie es waren, brauchen Sie nichts zu tun.'
    }),
    en: ({ firm }) => ({
      subject: `${firm}: sign-in with a new browser`,
      paragraphs: [
        'Somebody signed in to your account in the portal with a browser that we do not know yet.',
        'Was it not you? Then sign that device out in your account and change your password.'
      ],
      button: 'See where you are signed in',
      small: 'If it was you, there is nothing you need to do.'
    }),
    sv: ({ firm }) => ({
      subject: `${firm}: inloggning med en ny webbläsare`,
      paragraphs: [
        'Någon har loggat in på ditt konto i portalen med en webbläsare som vi inte känner till.',
        'Var det inte du? Logga då ut enheten i ditt konto och byt lösenord.'
      ],
      button: 'Visa inloggade enheter',
      small: 'Om det var du behöver du inte göra något.'
    })
  },
  email: {
    de: ({ firm, until }) => ({
      subject: `${firm}: Neue E-Mail-Adresse bestätigen`,
      paragraphs: [
        'Diese Adresse soll künftig zu Ihrem Konto im Portal gehören.',
        `Öffnen Sie den Link in dem Browser, in dem Sie die Änderung begonnen haben. Er gilt einmal, bis ${until}.`
      ],
      button: 'Adresse bestätigen',
      small:
        'Wenn Sie nicht darum gebeten haben, brauchen Sie nichts zu tun: Ohne den Link ändert sich nichts.'
    }),
    en: ({ firm, until }) => ({
      subject: `${firm}: confirm your new e-mail address`,
      paragraphs: [
        'From now on this address is to belong to your account in the portal.',
        `Open the link in the browser in which you began the change. It works once, until ${until}.`
      ],
      button: 'Confirm the address',
      small: 'If you did not ask for it, there is nothing you need to do: without the link nothing changes.'
    }),
    sv: ({ firm, until }) => ({
      subject: `${firm}: bekräfta din nya e-postadress`,
      paragraphs: [
        'Den här adressen ska höra till ditt konto i portalen.',
        `Öppna länken i den webbläsare där du påbörjade ändringen. Den fungerar en gång, till och med ${until}.`
      ],
      button: 'Bekräfta adressen',
      small: 'Om du inte bad om den behöver du inte göra något: utan länken ändras ingenting.'
    })
  },
  email_changed: {
    de: ({ firm, until }) => ({
      subject: `${firm}: Ihre E-Mail-Adresse wurde geändert`,
      paragraphs: [
        'Zu Ihrem Konto im Portal gehört jetzt eine andere E-Mail-Adresse. Hierher kommt keine Nachricht mehr.',
        `Waren Sie das nicht? Bis ${until} können Sie es rückgängig machen. Alle Anmeldungen enden dann.`
      ],
      button: 'Änderung rückgängig machen',
      small: 'Wenn Sie es selbst geändert haben, brauchen Sie nichts zu tun.'
    }),
    en: ({ firm, until }) => ({
      subject: `${firm}: your e-mail address was changed`,
      paragraphs: [
        'Another e-mail address now belongs to your account in the portal. No more messages come here.',
        `Was it not you? Until ${until} you can undo it. All sessions end then.`
      ],
      button: 'Undo the change',
      small: 'If you changed it yourself, there is nothing you need to do.'
    }),
    sv: ({ firm, until }) => ({
      subject: `${firm}: din e-postadress har ändrats`,
      paragraphs: [
        'En annan e-postadress hör nu till ditt konto i portalen. Hit kommer inga fler meddelanden.',
        `Var det inte du? Till och med ${until} kan du ångra ändringen. Då avslutas alla inloggningar.`
      ],
      button: 'Ångra ändringen',
      small: 'Om du ändrade det själv behöver du inte göra något.'
    })
  }
}
