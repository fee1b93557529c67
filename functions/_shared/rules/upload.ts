/** Uploads as plans: how a file is cut, and whether what lies in the store is that file. Pure. */
import { MAX_FILE_SIZE, PART_SIZE } from '../contract/upload.ts'

/** S3's limit for one multipart upload. */
const MAX_PARTS = 10_000

export type UploadPlan = {
  /** Bytes of every part but the last. */
  part_size: number
  /** 1: a single PUT. */
  part_count: number
}

/**
 * How a file is cut. Files of up to 16 MiB go in one PUT (an empty one, too); larger ones in parts of 16 MiB, which
 * grow by whole MiB when 10,000 of them would not do.
 *
 * @param size bytes; throws a RangeError outside 0 … MAX_FILE_SIZE
 */
export function planUpload(size: number): UploadPlan {
  if (!Number.isSafeInteger(size) || size < 0 || size > MAX_FILE_SIZE)
    throw new RangeError(`a file of ${size} bytes cannot be uploaded`)
  if (size <= PART_SIZE) return { part_size: PART_SIZE, part_count: 1 }
  const mebibyte = 1024 * 1024
  const needed = Math.ceil(size / MAX_PARTS / mebibyte) * mebibyte
  const part_size = Math.max(PART_SIZE, needed)
  return { part_size, part_count: Math.ceil(size / part_size) }
}

/** How many parts an upload has. */
export const partCount = (size: number, part_size: number): number => Math.max(1, Math.ceil(size / part_size))

/** Bytes that part `number` (from 1) must have. Throws a RangeError when the upload has no such part. */
export function partLength(size: number, part_size: number, number: number): number {
  if (number < 1 || number > partCount(size, part_size)) throw new RangeError(`there is no part ${number}`)
  return Math.min(part_size, size - (number - 1) * part_size)
}

/** Numbers of the parts that are not there, or have another length than they should, in order. */
export function missingParts(
  upload: { size: number; part_size: number },
  arrived: { number: number; size: number }[]
): number[] {
  const sizes = new Map(arrived.map((part) => [part.number, part.size]))
  const missing: number[] = []
  for (let number = 1; number <= partCount(upload.size, upload.part_size); number += 1)
    if (sizes.get(number) !== partLength(upload.size, upload.part_size, number)) missing.push(number)
  return missing
}
