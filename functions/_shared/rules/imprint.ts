/** The firm's imprint as a mail bears it. Pure. */
import type { Locale } from '../contract/common.ts'
import type { LegalTexts } from '../contract/person.ts'

/** Characters: what German law asks of a business letter (§ 35a GmbHG, § 5 DDG) fits many times; a whole page is a link. */
const MOST = 1_500

const LANGUAGES = ['de', 'en', 'sv'] as const satisfies readonly Locale[]

/**
 * The text in the reader's language, else in the first there is, as on its page; null when the firm wrote none. Headings
 * lose their mark; what is too long ends at a line's end.
 */
export function imprintOf(texts: LegalTexts, locale: Locale): { text: string; lang: Locale } | null {
  const lang = [locale, ...LANGUAGES].find((one) => texts[one].trim() !== '')
  if (lang === undefined) return null
  const text = texts[lang].replace(/\r\n?/g, '\n').replace(/^# +/gm, '').trim()
  return { text: text.length > MOST ? shortened(text) : text, lang }
}

function shortened(text: string): string {
  const begin = text.slice(0, MOST)
  const end = Math.max(begin.lastIndexOf('\n'), begin.lastIndexOf(' '))
  return `${begin.slice(0, end > 0 ? end : MOST).trimEnd()} …`
}
