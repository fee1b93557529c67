/** From what is to be told to subject, text and HTML. Pure. */
import type { Mail } from '../contract/mail.ts'
import { htmlPage } from './templates/html.ts'
import { newsLines } from './templates/news.ts'
import { FOOTER, GREETING, IMPRINT, UNSUBSCRIBE, WORDS } from './templates/text.ts'

export type RenderedMail = { subject: string; text: string; html: string }

/** Line breaks and control characters have no business in a subject or a display name. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()

/** Throws RangeError on a time zone that does not exist. */
export function renderMail(mail: Mail): RenderedMail {
  const { locale, link, code } = mail
  const firm = oneLine(mail.firm)
  const until = mail.expires_at ? dateIn(locale, mail.time_zone, mail.expires_at) : ''
  const words = WORDS[mail.template][locale]({ firm, until, news: newsLines(locale, mail.news) })
  const small = [words.small, FOOTER[locale]].filter((text) => text !== '')
  const last = mail.unsubscribe && { text: UNSUBSCRIBE[locale], link: mail.unsubscribe.page }
  const lastText = last ? [`${last.text}:\n${last.link}`] : []
  const imprint = mail.imprint && { ...mail.imprint, name: IMPRINT[locale] }
  const imprintText = imprint ? [imprint.text, `${imprint.name}:\n${imprint.page}`] : []
  return {
    subject: words.subject,
    text: [
      GREETING[locale],
      ...words.paragraphs,
      `${words.button}:\n${code ?? link}`,
      ...small,
      ...lastText,
      firm,
      ...imprintText
    ].join('\n\n'),
    html: htmlPage({
      locale,
      title: words.subject,
      firm,
      paragraphs: [GREETING[locale], ...words.paragraphs],
      button: { text: words.button, link, code },
      small,
      last,
      imprint
    })
  }
}

const dateIn = (locale: string, timeZone: string, time: string): string =>
  new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone
  }).format(new Date(time))
