/** Pictures side by side, and poppler's as the outside judge. */
import { spawnSync } from 'node:child_process'
import sharp from 'sharp'

/** Whether poppler's programs are here; for a test's `skip`. */
export const noPoppler = spawnSync('pdftoppm', ['-v']).error ? 'no pdftoppm on this machine' : false

/** A page as poppler draws it, PNG; null when it cannot. */
export function popplerPage(path: string, no: number, width = 400): Buffer | null {
  const args = ['-cropbox', '-png', '-f', no, '-l', no, '-scale-to-x', width, '-scale-to-y', -1, path]
  const made = spawnSync('pdftoppm', args.map(String), { maxBuffer: 64 * 1024 * 1024, timeout: 60_000 })
  return made.status === 0 && made.stdout.length > 0 ? made.stdout : null
}

const SIDE = 64

const small = (picture: Uint8Array): Promise<Buffer> =>
  sharp(picture)
    .flatten({ background: '#fff' })
    .greyscale()
    .resize(SIDE, SIDE, { fit: 'fill' })
    .blur(1)
    .raw()
    .toBuffer()

/** Mean difference of two pictures in grey at 64 × 64, 0 (the same) … 255. */
export async function difference(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all([small(one), small(other)])
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length
}
