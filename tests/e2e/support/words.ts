/** The words that the pages say, so that a journey presses what a person reads. */
import { readFileSync } from 'node:fs'

export type Locale = 'de' | 'en' | 'sv'

/** A message by its key; placeholders filled in. Throws for a key that is not there, and for one that has plural forms. */
export function words(locale: Locale): (key: string, values?: Record<string, string | number>) => string {
  const messages: Record<string, unknown> = JSON.parse(
    readFileSync(new URL(`../../../web/messages/${locale}.json`, import.meta.url), 'utf8')
  )
  return (key, values = {}) => {
    const message = messages[key]
    if (typeof message !== 'string') throw new Error(`${locale}.json has no plain message ${key}`)
    return message.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
  }
}
