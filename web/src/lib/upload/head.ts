/** A file's beginning, by which it is recognised when it is picked again. */
import { HEAD_SIZE } from './limits.ts'

/** Hex SHA-256 of the first MiB. Rejects when the browser cannot read the file (it is gone, or a folder). */
export async function headHash(file: Blob): Promise<string> {
  const bytes = await file.slice(0, HEAD_SIZE).arrayBuffer()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Whether the browser can still read the file: a request for a file that changed on disk fails like a broken line. */
export async function isReadable(file: Blob): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer()
    return true
  } catch {
    return false
  }
}
