/** Fails when a language lacks a message, has one too many, uses other parameters, or is not sorted by key. */
import { readFileSync } from 'node:fs'

const LOCALES = ['de', 'en', 'sv']

function read(locale: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../messages/${locale}.json`, import.meta.url), 'utf8'))
}

/** The parameters of a message: `{name}` in plain ones, the declared inputs in those with variants. */
function parameters(message: unknown): string {
  if (typeof message === 'string')
    return [...message.matchAll(/\{(\w+)\}/g)]
      .map((m) => m[1])
      .sort()
      .join()
  if (!Array.isArray(message)) return 'unreadable'
  const declared: string[] = message.flatMap((variant) => variant.declarations ?? [])
  return declared
    .filter((d) => d.startsWith('input '))
    .sort()
    .join()
}

function compare(wrong: string[], locale: string, base: Record<string, unknown>): void {
  const messages = read(locale)
  for (const key of new Set([...Object.keys(base), ...Object.keys(messages)])) {
    if (!(key in messages)) wrong.push(`${locale}: "${key}" is missing`)
    else if (!(key in base)) wrong.push(`${locale}: "${key}" is in no other language`)
    else if (messages[key] === '') wrong.push(`${locale}: "${key}" is empty`)
    else if (key !== '$schema' && parameters(messages[key]) !== parameters(base[key]))
      wrong.push(`${locale}: "${key}" has other parameters than in ${LOCALES[0]}`)
  }
}

/** What is wrong with messages/*.json, one sentence each; the build fails unless it is empty. */
export function faultsOfMessages(): string[] {
  const wrong: string[] = []
  const base = read('de')
  for (const locale of LOCALES) {
    const keys = Object.keys(read(locale)).filter((key) => key !== '$schema')
    const sorted = keys.toSorted()
    const at = keys.findIndex((key, i) => key !== sorted[i])
    if (at >= 0) wrong.push(`${locale}: not sorted at "${keys[at]}" (node scripts/sort-messages.ts)`)
    compare(wrong, locale, base)
  }
  return wrong
}

if (import.meta.main) {
  const faults = faultsOfMessages()
  for (const fault of faults) process.stderr.write(`messages: ${fault}\n`)
  process.exit(faults.length > 0 ? 1 : 0)
}
