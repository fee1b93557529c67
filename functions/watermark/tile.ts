/** The mark of one viewer as a tile: text on a slant, dark ink with a light edge, so that it shows on paper and on ink. */
import sharp from 'sharp'
import { plainText } from '../_shared/contract/plain-text.ts'
import { useOwnFonts } from '../_shared/pdf/fonts.ts'

useOwnFonts()

/** Marks that are kept drawn. One reader turns many pages within a minute. */
const KEPT = 64

/**
 * The inked pixels of a tile, six numbers each: x, y, how much of the page stays (0…255), and red, green and blue already
 * multiplied by the ink's alpha (0…65,025). Few pixels of a page bear ink: blending them alone takes a tenth of composing.
 */
export type Tile = { width: number; height: number; ink: Int32Array }

const kept = new Map<string, Promise<Tile>>()

/** The tile for these lines on a page image of this width, drawn once. */
export function tileOf(lines: string[], page_width: number): Promise<Tile> {
  const scale = Math.max(LEAST, page_width / 1240)
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

const escape = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)

/** On a thumbnail of 160 px: letters of 8 px, the smallest that can be read, though a line does not fit whole. */
const LEAST = 0.42
/** Tile height in pixels of a 1240 px page: in each square of 200 px a line of the mark passes. */
const STEP = 170
const FONT = 19
/** Pixels between one mark and the next on its line. */
const GAP = 70

/** Pixels that a text takes, by its ink: letters differ fourfold in width, and a wide gap would be a way around. */
async function lengthOf(text: string): Promise<number> {
  const [width, height] = [Math.ceil([...text].length * FONT * 1.2) + FONT, FONT * 2]
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><text y="${FONT * 1.4}" font-family="DejaVu Sans, sans-serif" font-size="${FONT}">${escape(text)}</text></svg>`
  const rgba = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer()
  let last = 0
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at]) last = Math.max(last, ((at - 3) / 4) % width)
  return last
}

async function draw(lines: string[], scale: number): Promise<Tile> {
  // Blanks would make the mark wide and empty: none wider than a space stays.
  const once = lines.map(plainText).filter(Boolean).join(' · ') || '···'
  // A short mark is said several times, so that no gap is wider than GAP.
  const times = Math.max(1, Math.ceil(200 / Math.max(20, await lengthOf(once))))
  const said = Array.from({ length: times }, () => once).join(' · ')
  const text = escape(said)
  const length = Math.max(100, await lengthOf(said)) + GAP
  const [width, height] = [Math.round(length * scale), Math.round(STEP * scale)]
  const size = FONT * scale
  const line = (x: number, y: number) =>
    `<text x="${x}" y="${y}" transform="rotate(-12 ${x} ${y})" font-family="DejaVu Sans, sans-serif" font-size="${size}" fill="#7a1420" fill-opacity=".34" stroke="#ffffff" stroke-opacity=".5" stroke-width="${size * 0.14}" paint-order="stroke">${text}</text>`
  // Drawn around too: what leaves the tile on one side comes in on the other; a long line climbs through many rows.
  const climb = Math.ceil((length * Math.sin(Math.PI / 15)) / STEP)
  const copies = [-1, 0, 1].flatMap((dx) =>
    Array.from({ length: climb + 3 }, (_, row) => line(dx * width, (row - 1) * height))
  )
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
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4)
    const pixel = at / 4
    if (alpha > 0)
      found.push(
        pixel % width,
        Math.floor(pixel / width),
        255 - alpha,
        red * alpha,
        green * alpha,
        blue * alpha
      )
  }
  return Int32Array.from(found)
}
