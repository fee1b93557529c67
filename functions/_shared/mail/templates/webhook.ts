/** What the mail about an endpoint says that is told nothing any more. Which one stands in the portal. */
import type { Locale } from '../../contract/common.ts'
import type { Facts, Words } from './text.ts'

export const WEBHOOK_WORDS: Record<Locale, (facts: Facts) => Words> = {
  de: ({ firm }) => ({
    subject: `${firm}: ein Webhook ruht`,
    paragraphs: [
      'Ein Programm, das von Ihrem Portal benachrichtigt wird, hat drei Tage lang nichts angenommen oder sich abgemeldet. Es bekommt vorerst nichts mehr.',
      'Was es bis dahin verpasst hat, steht im Portal. Sie können es nachsenden, sobald die Gegenseite wieder antwortet.'
    ],
    button: 'Webhook ansehen',
    small: 'Sie bekommen diese Nachricht, weil Sie den Webhook angelegt haben oder das Portal mit verwalten.'
  }),
  en: ({ firm }) => ({
    subject: `${firm}: a webhook is resting`,
    paragraphs: [
      'A program that your portal notifies has taken nothing for three days, or has signed off. It gets nothing more for now.',
      'What it missed stands in the portal. You can send it again as soon as the other side answers.'
    ],
    button: 'Look at the webhook',
    small: 'You get this message because you made the webhook or are one of the administrators.'
  }),
  sv: ({ firm }) => ({
    subject: `${firm}: en webhook vilar`,
    paragraphs: [
      'Ett program som er portal meddelar har inte tagit emot något på tre dagar, eller har avanmält sig. Det får inget mer tills vidare.',
      'Det som det har missat står i portalen. Du kan skicka det igen så snart motparten svarar.'
    ],
    button: 'Visa webhooken',
    small: 'Du får detta meddelande för att du skapade webhooken eller är en av administratörerna.'
  })
}
