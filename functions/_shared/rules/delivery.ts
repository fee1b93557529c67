/** Which bytes of an object an answer of the store carried (RFC 9110 section 14). Pure. */

/** Bytes [first, past). */
export type Bytes = { first: number; past: number }

/**
 * @param range the request's Range header, or undefined
 * @param length bytes of the answer's body
 * @param size bytes of the object
 * @returns null when it cannot be told: then nothing counts as delivered
 */
export function sentBytes(range: string | undefined, length: number, size: number): Bytes | null {
  // Several ranges, or one that makes no sense, are answered with the whole object.
  if (length === size) return { first: 0, past: size }
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? '') ?? []
  if (from === '' && to === '') return null
  const first = from === '' ? size - length : Number(from)
  const past = first + length
  return first >= 0 && past <= size ? { first, past } : null
}
