/** Which bytes of a file are which part. */

/** Bytes [start, end) of part `no` (from 1). */
export function partRange(size: number, part_size: number, no: number): { start: number; end: number } {
  const start = (no - 1) * part_size
  return { start, end: Math.min(start + part_size, size) }
}

/** Bytes of part `no`. */
export function partLength(size: number, part_size: number, no: number): number {
  const { start, end } = partRange(size, part_size, no)
  return Math.max(0, end - start)
}

/** Up to `limit` part numbers that are neither done nor on their way, in order. */
export function partsToDo(
  part_count: number,
  done: { has(no: number): boolean },
  doing: { has(no: number): boolean },
  limit = Infinity
): number[] {
  const numbers: number[] = []
  for (let no = 1; no <= part_count && numbers.length < limit; no += 1)
    if (!done.has(no) && !doing.has(no)) numbers.push(no)
  return numbers
}

/** Parts in the store that have the length they should have: the rest is sent again. */
export function arrivedParts(
  upload: { size: number; part_size: number; part_count: number },
  parts: { number: number; size: number }[]
): Set<number> {
  const whole = parts.filter(
    (part) =>
      part.number >= 1 &&
      part.number <= upload.part_count &&
      part.size === partLength(upload.size, upload.part_size, part.number)
  )
  return new Set(whole.map((part) => part.number))
}
