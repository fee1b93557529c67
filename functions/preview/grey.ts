/**
 * Pages of black on white, which most are, as one channel instead of three: their JPEG costs two thirds of the time, and
 * their thumbnail, made while looking, next to nothing.
 */
import { THUMBNAIL_WIDTH } from '../_shared/contract/job.ts'

type Size = { width: number; height: number }
/** One byte a pixel, 255 is white. */
export type Grey = Size & { pixels: Buffer }

/** Pixels that are read at once, as three words of 32 bits: RGBR GBRG BRGB. */
const STEP = 4
const WHITE = -1
/**
 * How far red and blue may lie from green, by green. Black of four inks is (35, 31, 32), and its edges are mixtures of it
 * with white: that much tint counts as none, the more the darker. What is lighter may be a coloured paper.
 */
const TINT = Uint8Array.from({ length: 256 }, (_, green) => 2 + Math.floor(((255 - green) * 4) / 224))

/** Negative when a pixel has a colour. */
function colour(red: number, green: number, blue: number): number {
  const most = TINT[green] ?? 0
  return (most + red - green) | (most - red + green) | (most + blue - green) | (most - blue + green)
}

/** Of the last two pages, in turn: a new one for each makes the collector work as much as is saved. */
const buffers: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)]
let turn: 0 | 1 = 0

function nextBuffer(size: number): Buffer {
  turn = turn === 0 ? 1 : 0
  if (buffers[turn].length < size) buffers[turn] = Buffer.alloc(size)
  return buffers[turn].subarray(0, size).fill(255)
}

/**
 * A page and its thumbnail as grey, or null when it has colours, or a width that is no multiple of four. Its pixels are
 * to be used up before the call after the next.
 *
 * @param rgb three bytes a pixel, `width * height` of them
 */
export function greyOf(rgb: Buffer, width: number, height: number): { page: Grey; thumbnail: Grey } | null {
  if (width % STEP !== 0 || rgb.byteOffset % 4 !== 0) return null
  const pixels = nextBuffer(width * height)
  const read = new Int32Array(rgb.buffer, rgb.byteOffset, (width * height * 3) / 4)
  const write = new Int32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4)
  const small = thumbnailSize(width, height)
  const column = Uint8Array.from({ length: width }, (_, x) => Math.floor((x * small.width) / width))
  const darkness = new Int32Array(small.width * small.height)
  for (let y = 0, at = 0; y < height; y += 1) {
    const row = Math.floor((y * small.height) / height) * small.width
    let coloured = 0
    for (let x = 0; x < width; x += STEP, at += 3) {
      const a = read[at] ?? 0
      const b = read[at + 1] ?? 0
      const c = read[at + 2] ?? 0
      if ((a & b & c) === WHITE) continue
      const first = (a >>> 8) & 255
      const second = b & 255
      const third = b >>> 24
      const fourth = (c >>> 16) & 255
      coloured |=
        colour(a & 255, first, (a >>> 16) & 255) |
        colour(a >>> 24, second, (b >>> 8) & 255) |
        colour((b >>> 16) & 255, third, c & 255) |
        colour((c >>> 8) & 255, fourth, c >>> 24)
      write[(y * width + x) >> 2] = first | (second << 8) | (third << 16) | (fourth << 24)
      darken(darkness, row + (column[x] ?? 0), first)
      darken(darkness, row + (column[x + 1] ?? 0), second)
      darken(darkness, row + (column[x + 2] ?? 0), third)
      darken(darkness, row + (column[x + 3] ?? 0), fourth)
    }
    if (coloured < 0) return null
  }
  const thumbnail = { ...small, pixels: means(darkness, small, width, height) }
  return { page: { width, height, pixels }, thumbnail }
}

function darken(darkness: Int32Array, cell: number, value: number): void {
  darkness[cell] = (darkness[cell] ?? 0) + 255 - value
}

/** Each of a thumbnail's pixels as the mean of the page's that fall on it. */
function means(darkness: Int32Array, small: Size, width: number, height: number): Buffer {
  const across = shares(width, small.width)
  const down = shares(height, small.height)
  const pixels = Buffer.alloc(darkness.length)
  for (let y = 0, cell = 0; y < small.height; y += 1)
    for (let x = 0; x < small.width; x += 1, cell += 1)
      pixels[cell] = 255 - Math.round((darkness[cell] ?? 0) / ((across[x] ?? 1) * (down[y] ?? 1)))
  return pixels
}

/** How many of `from` fall on each of `to`. */
function shares(from: number, to: number): number[] {
  const begin = (one: number): number => Math.ceil((one * from) / to)
  return Array.from({ length: to }, (_, one) => begin(one + 1) - begin(one))
}

function thumbnailSize(width: number, height: number): Size {
  const across = Math.min(THUMBNAIL_WIDTH, width)
  return { width: across, height: Math.max(1, Math.round((height * across) / width)) }
}
