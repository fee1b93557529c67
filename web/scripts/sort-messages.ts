/** Sorts messages/*.json by key, so that two people's additions rarely meet on one line. */
import { readFileSync, writeFileSync } from 'node:fs'

for (const locale of ['de', 'en', 'sv']) {
  const file = new URL(`../messages/${locale}.json`, import.meta.url)
  const messages: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'))
  const sorted = Object.fromEntries(Object.entries(messages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`)
}
