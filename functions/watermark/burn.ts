/** Burns a mark into a page image: decode, blend the tile's inked pixels, encode. Nothing is stored. */
import sharp from 'sharp'
import { Problem } from '../_shared/problem.ts'
import { type Tile, tileOf } from './tile.ts'

sharp.cache(false)
sharp.concurrency(1)

/** Pixels; our page images have two to six million. */
const MAX_PIXELS = 50_000_000

/**
 * @param page JPEG or WebP of a page or thumbnail
 * @param lines who looks, when, at whose portal
 * @returns a JPEG of the same size
 */
export async function burn(page: Buffer, lines: string[]): Promise<Buffer> {
  const { data, info } = await sharp(page, { limitInputPixels: MAX_PIXELS })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new Problem('invalid_request', 'This is no image.', { cause })
    })
  if (info.channels !== 3) throw new Problem('invalid_request', 'This is no image of ours.')
  blend(data, info.width, info.height, await tileOf(lines, info.width))
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
    .jpeg({ quality: 75, optimiseCoding: false })
    .toBuffer()
}

/** Source-over (Porter and Duff 1984) of the tile, repeated over the page, onto RGB in place, in whole numbers. */
function blend(rgb: Buffer, width: number, height: number, tile: Tile): void {
  const { ink } = tile
  for (let top = 0; top < height; top += tile.height)
    for (let left = 0; left < width; left += tile.width)
      for (let i = 0; i < ink.length; i += 6) {
        const x = left + (ink[i] as number)
        const y = top + (ink[i + 1] as number)
        if (x >= width || y >= height) continue
        const at = (y * width + x) * 3
        const rest = ink[i + 2] as number
        rgb[at] = divided((rgb[at] as number) * rest + (ink[i + 3] as number))
        rgb[at + 1] = divided((rgb[at + 1] as number) * rest + (ink[i + 4] as number))
        rgb[at + 2] = divided((rgb[at + 2] as number) * rest + (ink[i + 5] as number))
      }
}

/** By 255, rounded, for products of two bytes (0…65,025). */
const divided = (product: number): number => ((product + 128) * 257) >> 16
