import { timingSafeEqual } from 'node:crypto'

/** Constant-time comparison of two secrets in text form. Apart from http.ts: the webhook needs nothing else of it. */
export function sameSecret(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}
