/**
 * The records of a ZIP whose files lie in it as they are (APPNOTE 6.3.10): UTF-8 names, ZIP64 where a number does not fit.
 * A file's CRC-32 follows its bytes (section 4.3.9), so that each file is read once. Pure.
 */

/** What is written of a file before its bytes. */
export type ZipFile = { path: string; size: number; at: Date }
/** And in the directory at the end. */
export type ZipEntry = ZipFile & { crc: number; offset: number }

const MAX_16 = 0xffff
const MAX_32 = 0xffffffff

/** Bit 3: CRC-32 after the bytes; bit 11: the name is UTF-8. */
const FLAGS = 0x0808
/** Versions of the format: plain, and with ZIP64. */
const PLAIN = 20
const LARGE = 45
/** Made by Unix; an ordinary file, 0644. */
const MADE_BY = 3 << 8
const MODE = 0o100644 * 0x10000

type Field = readonly [bytes: 2 | 4 | 8, value: number]

/** Little-endian numbers in turn. */
function record(...fields: Field[]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((sum, [size]) => sum + size, 0))
  let at = 0
  for (const [size, value] of fields) {
    if (size === 8) bytes.writeBigUInt64LE(BigInt(value), at)
    else bytes.writeUIntLE(value, at, size)
    at += size
  }
  return bytes
}

const is64 = (size: number): boolean => size >= MAX_32

/** The time twice: in MS-DOS's form, UTC here, and as seconds, by which unzip knows the zone (extra field 0x5455). */
function times(at: Date): { dos: Field[]; extra: Buffer } {
  const year = Math.min(Math.max(at.getUTCFullYear(), 1980), 2107)
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1)
  const date = ((year - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate()
  const seconds = Math.min(Math.max(0, Math.floor(at.getTime() / 1000)), 0x7fffffff)
  const extra = Buffer.concat([record([2, 0x5455], [2, 5]), Buffer.from([1]), record([4, seconds])])
  return {
    dos: [
      [2, time],
      [2, date]
    ],
    extra
  }
}

/** What stands before a file's bytes. Its sizes are known, so whoever reads the ZIP as a stream can skip them. */
export function localHeader({ path, size, at }: ZipFile): Buffer {
  const name = Buffer.from(path, 'utf8')
  const { dos, extra } = times(at)
  const large = is64(size)
  const sizes = large ? record([2, 1], [2, 16], [8, size], [8, size]) : Buffer.alloc(0)
  const head = record(
    [4, 0x04034b50],
    [2, large ? LARGE : PLAIN],
    [2, FLAGS],
    [2, 0],
    ...dos,
    [4, 0],
    [4, large ? MAX_32 : size],
    [4, large ? MAX_32 : size],
    [2, name.length],
    [2, sizes.length + extra.length]
  )
  return Buffer.concat([head, name, sizes, extra])
}

/** What follows a file's bytes. */
export const descriptor = (size: number, crc: number): Buffer =>
  record([4, 0x08074b50], [4, crc], [is64(size) ? 8 : 4, size], [is64(size) ? 8 : 4, size])

/** A file's line in the directory. */
export function directoryEntry({ path, size, at, crc, offset }: ZipEntry): Buffer {
  const name = Buffer.from(path, 'utf8')
  const { dos, extra } = times(at)
  const far = is64(offset)
  const wide: Field[] = [
    ...(is64(size)
      ? ([
          [8, size],
          [8, size]
        ] as const)
      : []),
    ...(far ? ([[8, offset]] as const) : [])
  ]
  const large = wide.length > 0 ? record([2, 1], [2, wide.length * 8], ...wide) : Buffer.alloc(0)
  const version = wide.length > 0 ? LARGE : PLAIN
  const head = record(
    [4, 0x02014b50],
    [2, MADE_BY | version],
    [2, version],
    [2, FLAGS],
    [2, 0],
    ...dos,
    [4, crc],
    [4, is64(size) ? MAX_32 : size],
    [4, is64(size) ? MAX_32 : size],
    [2, name.length],
    [2, large.length + extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, MODE],
    [4, far ? MAX_32 : offset]
  )
  return Buffer.concat([head, name, large, extra])
}

/** The end of the directory, with its ZIP64 form before it where one of the numbers needs it. */
export function directoryEnd(count: number, offset: number, size: number): Buffer {
  const large = count >= MAX_16 || is64(offset) || is64(size)
  const end = record(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, Math.min(count, MAX_16)],
    [2, Math.min(count, MAX_16)],
    [4, Math.min(size, MAX_32)],
    [4, Math.min(offset, MAX_32)],
    [2, 0]
  )
  if (!large) return end
  const wide = record(
    [4, 0x06064b50],
    [8, 44],
    [2, MADE_BY | LARGE],
    [2, LARGE],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, size],
    [8, offset]
  )
  const locator = record([4, 0x07064b50], [4, 0], [8, offset + size], [4, 1])
  return Buffer.concat([wide, locator, end])
}

/** The directory of all files, at `offset` of the ZIP, to its last byte. */
export function directory(entries: ZipEntry[], offset: number): Buffer {
  const lines = Buffer.concat(entries.map(directoryEntry))
  return Buffer.concat([lines, directoryEnd(entries.length, offset, lines.length)])
}
