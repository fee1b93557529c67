/** The mark of one viewer as a tile: text on a slant, dark ink with a light edge, so that it shows on paper and on ink. */
import sharp from 'sharp'
import { useOwnFonts } from '../_shared/pdf/fonts.ts'

useOwnFonts()

/** Marks that are kept drawn. One reader turns many pages within a minute. */
const KEPT = 64

/**
 * The inked pixels of a tile, six numbers each: x, y, alpha, red, green, blue (0…255). Few pixels of a page bear ink, so
 * blending them alone takes 18 ms a page where composing a whole overlay takes 45.
 */
export type Tile = { width: number; height: number; ink: Int32Array }

const kept = new Map<string, Promise<Tile>>()

/** The tile for these lines on a page image of this width, drawn once. */
export function tileOf(lines: string[], page_width: number): Promise<Tile> {
  const scale = Math.max(0.13, page_width / 1240)
  const key = `${scale.toFixed(3)}\n${lines.join('\n')}`
  let tile = kept.get(key)
  if (!tile) {
    tile = draw(lines, scale)
    kept.set(key, tile)
    tile.catch(() => kept.delete(key))
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break
      kept.delete(oldest)
    }
  }
  return tile
}

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`).replace(/\p{Cc}/gu, ' ')

/** Tile height in pixels of a 1240 px page: in each square of 200 px a line of the mark passes. */
const STEP = 170
const FONT = 19

async function draw(lines: string[], scale: number): Promise<Tile> {
  const text = escape(lines.join(' · '))
  const length = Math.max(260, [...lines.join(' · ')].length * FONT * 0.56 + 70)
  const [width, height] = [Math.round(length * scale), Math.round(STEP * scale)]
  const size = FONT * scale
  const line = (x: number, y: number) =>
    `<text x="${x}" y="${y}" transform="rotate(-12 ${x} ${y})" font-family="DejaVu Sans, sans-serif" font-size="${size}" fill="#7a1420" fill-opacity=".34" stroke="#ffffff" stroke-opacity=".5" stroke-width="${size * 0.14}" paint-order="stroke">${text}</text>`
  // Drawn nine times around: what leaves the tile on one side comes in on the other.
  const copies = [-1, 0, 1].flatMap((dx) => [-1, 0, 1, 2, 3].map((dy) => line(dx * width, dy * height)))
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${copies.join('')}</svg>`
  const { data, info } = await sharp(Buffer.from(svg))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, ink: inkOf(data, info.width) }
}

function inkOf(rgba: Buffer, width: number): Int32Array {
  const found: number[] = []
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3] ?? 0
    const pixel = at / 4
    if (alpha > 0)
      found.push(
        pixel % width,
        Math.floor(pixel / width),
        alpha,
        rgba[at] ?? 0,
        rgba[at + 1] ?? 0,
        rgba[at + 2] ?? 0
      )
  }
  return Int32Array.from(found)
}
