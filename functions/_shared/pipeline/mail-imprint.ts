/** Who writes: the firm's imprint below each mail. */
import { config } from '../config.ts'
import type { Locale } from '../contract/common.ts'
import type { Mail } from '../contract/mail.ts'
import type { LegalTexts } from '../contract/person.ts'
import { imprintOf } from '../rules/imprint.ts'

export function mailImprint(texts: LegalTexts, locale: Locale): Mail['imprint'] {
  const imprint = imprintOf(texts, locale)
  return imprint && { ...imprint, page: `${config.origin}/imprint` }
}
