/** What is read of an e-mail: all of its heads, and the beginning of each part. What is attached is named, not shown. */
import { closeSync, openSync, readSync } from 'node:fs'

/** Bytes of a file that are looked through; what an e-mail's sender may attach elsewhere is at most half of it. */
const MAX_FILE = 64 * 1024 * 1024
/** Bytes of one part that are kept. */
const MAX_PART = 1024 * 1024
/** KiB up to which an attachment's size is known: a MAX_PART of base64 with its line ends is 766. */
export const KNOWN_KIB = 700
/** Bytes that are kept in all: whoever reads an e-mail needs ten times as much memory. */
const MAX_KEPT = 4 * 1024 * 1024
const CHUNK = 256 * 1024

const NEWLINE = 10
const DASH = 45

/**
 * An e-mail without the rest of its long parts: whatever is between two lines that begin with `--` as boundaries do
 * (RFC 2046 §5.1.1) is cut after MAX_PART bytes.
 */
export function mailHead(path: string): Buffer {
  const fd = openSync(path, 'r')
  const kept = Buffer.alloc(MAX_KEPT)
  let total = 0
  let part = 0
  const keep = (line: Buffer) => {
    const isBoundary = line[0] === DASH && line[1] === DASH
    part = isBoundary ? 0 : part + line.length
    if (part > MAX_PART || total + line.length > MAX_KEPT) return
    total += line.copy(kept, total)
  }
  try {
    let rest: Buffer = Buffer.alloc(0)
    for (let at = 0; at < MAX_FILE && total < MAX_KEPT;) {
      const chunk = Buffer.alloc(CHUNK)
      const size = readSync(fd, chunk, 0, CHUNK, at)
      if (size === 0) break
      at += size
      rest = eachLine(Buffer.concat([rest, chunk.subarray(0, size)]), keep)
    }
    if (rest.length > 0) keep(rest)
  } finally {
    closeSync(fd)
  }
  return kept.subarray(0, total)
}

/** Gives whole lines away and returns what is left. A line without an end is given in pieces of CHUNK. */
function eachLine(bytes: Buffer, take: (line: Buffer) => void): Buffer {
  let from = 0
  for (;;) {
    const end = bytes.indexOf(NEWLINE, from)
    if (end < 0) break
    take(bytes.subarray(from, end + 1))
    from = end + 1
  }
  const rest = bytes.subarray(from)
  if (rest.length <= CHUNK) return rest
  take(rest)
  return Buffer.alloc(0)
}
