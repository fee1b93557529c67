/** One original on its way: counted, summed, and judged by the SHA-256 that the scan wrote down. */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { createSHA256 } from 'hash-wasm'
import type { ArchiveCursor, ArchiveSource } from '../_shared/contract/archive-job.ts'
import { InputAway, InputGone } from '../_shared/parser.ts'
import type { Parts } from './parts.ts'

type Begun = NonNullable<ArchiveCursor['file']>

/** A SHA-256 under way. `state`: to go on from in another call. */
export type Hash = {
  update: (bytes: Uint8Array) => void
  hex: () => string
  state: () => Buffer<ArrayBuffer>
}

/** Node's own, six times as fast; it cannot be put aside. */
export function wholeHash(): Hash {
  const hash = createHash('sha256')
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest('hex'),
    state: () => {
      throw new Error('a file that passes in one call was put aside')
    }
  }
}

/** One that goes on where another call stopped (`state`), or begins. */
export async function hashInParts(state: Uint8Array | null): Promise<Hash> {
  const hash = await createSHA256()
  if (state) hash.load(state)
  else hash.init()
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest(),
    state: () => Buffer.from(hash.save())
  }
}

/** @param begun where an earlier call stopped in it, or null */
export function beginFile(source: ArchiveSource, hash: Hash, begun: Begun | null) {
  let read = begun?.read ?? 0
  let crc = begun?.crc ?? 0

  return {
    /** Bytes so far. */
    read: (): number => read,

    /** Reads on until its end or until `isOver`. Throws InputAway, and InputGone when it is longer or shorter than known. */
    take: async (stream: Readable, parts: Parts, isOver: () => boolean): Promise<void> => {
      const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]()
      const next = () =>
        chunks.next().catch((cause: unknown) => {
          throw new InputAway('the stream broke off', { cause })
        })
      try {
        for (let one = await next(); !one.done; one = await next()) {
          read += one.value.length
          if (read > source.size) throw new InputGone(`size_mismatch:${source.place}`)
          crc = crc32(one.value, crc)
          hash.update(one.value)
          await parts.write(one.value)
          if (read < source.size && isOver()) return
        }
      } finally {
        stream.destroy()
      }
      if (read < source.size) throw new InputGone(`size_mismatch:${source.place}`)
    },

    pause: (at: (crc: number) => Begun): { file: Begun; state: Buffer<ArrayBuffer> } => ({
      file: at(crc),
      state: hash.state()
    }),

    /** Its CRC-32. Throws InputGone when it is not what was checked. */
    finish: (): number => {
      if (hash.hex() !== source.sha256) throw new InputGone(`sha256_mismatch:${source.place}`)
      return crc
    }
  }
}
