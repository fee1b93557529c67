/** The ZIP's bytes on their way into parts of one size: one part is sent while the next one fills. */
import type { ArchiveRequest, ArchiveSlice } from '../_shared/contract/archive-job.ts'
import { put } from './put.ts'

export type Parts = ReturnType<typeof openParts>

/** Buffers of calls that have ended: what is taken anew for each call is given back to the system late. */
const spare: Buffer<ArrayBuffer>[] = []
const MAX_SPARE = 4
const take = (size: number): Buffer<ArrayBuffer> => {
  const at = spare.findIndex((one) => one.length === size)
  return at < 0 ? Buffer.allocUnsafeSlow(size) : (spare.splice(at, 1)[0] ?? Buffer.allocUnsafeSlow(size))
}

/**
 * Takes up what the slice before left over.
 *
 * @param carried its bytes of the ZIP
 */
export function openParts(job: ArchiveRequest, carried: Buffer, signal: AbortSignal) {
  const first = job.cursor?.part ?? 1
  const sent: ArchiveSlice['parts'] = []
  let buffer = take(job.part_size)
  let other: Buffer<ArrayBuffer> | null = null
  let filled = carried.copy(buffer)
  let used = 0
  let sending: Promise<void> = Promise.resolve()

  async function send(): Promise<void> {
    const slot = job.parts[used]
    if (!slot) throw new Error('more bytes than the slots hold')
    used += 1
    const full = buffer
    await sending
    const next = other ?? take(job.part_size)
    other = full
    buffer = next
    filled = 0
    sending = put(slot.url, full, signal).then((etag) => void sent.push({ number: slot.number, etag }))
    // It is awaited with the next part or at the end; until then nobody else shall find it unhandled.
    sending.catch(() => undefined)
  }

  return {
    /** Where in the ZIP the next byte lies. */
    offset: (): number => (first - 1 + used) * job.part_size + filled,

    /** No further part may be begun: what is written now is carried to the next slice. */
    isSpent: (): boolean => used >= job.parts.length - 1,

    /** Whether so many bytes fit into this call's parts. */
    hasRoom: (bytes: number): boolean => (job.parts.length - 1 - used) * job.part_size - filled >= bytes,

    write: async (bytes: Uint8Array): Promise<void> => {
      for (let at = 0; at < bytes.length;) {
        const some = bytes.subarray(at, at + job.part_size - filled)
        buffer.set(some, filled)
        filled += some.length
        at += some.length
        if (filled === job.part_size) await send()
      }
    },

    /** Waits for what is under way; what was sent, and what is left over. */
    end: async (): Promise<{ sent: ArchiveSlice['parts']; next: number; rest: Buffer<ArrayBuffer> }> => {
      await sending
      return { sent, next: first + used, rest: buffer.subarray(0, filled) }
    },

    /** After all is sent: the buffers are there for the next call. */
    release: (): void => {
      spare.push(...[buffer, ...(other ? [other] : [])].slice(0, MAX_SPARE - spare.length))
    }
  }
}
