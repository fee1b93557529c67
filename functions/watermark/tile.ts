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
export type Tile = { width: number; height: number; ink: Uint16Array }

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
/** Radians by which a line rises. */
const SLANT = Math.PI / 15
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
  const measured = await lengthOf(once)
  // A short mark is said several times, so that no gap is wider than GAP.
  const times = Math.max(1, Math.ceil(200 / Math.max(20, measured)))
  const said = Array.from({ length: times }, () => once).join(' · ')
  const length = Math.max(100, times === 1 ? measured : await lengthOf(said))
  const line = await drawLine(said, length * scale, FONT * scale)
  return wrapped(line, Math.round((length + GAP) * scale), Math.round(STEP * scale))
}

type Pixels = { rgba: Buffer; width: number; height: number }

/** One line on its slant, alone; letters cost most of a tile's time. */
async function drawLine(text: string, length: number, size: number): Promise<Pixels> {
  const climb = length * Math.sin(SLANT)
  const [width, height] = [Math.ceil(length + 2 * size), Math.ceil(climb + 3 * size)]
  const [x, y] = [size, climb + 1.75 * size]
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><text x="${x}" y="${y}" transform="rotate(${-(SLANT * 180) / Math.PI} ${x} ${y})" font-family="DejaVu Sans, sans-serif" font-size="${size}" fill="#7a1420" fill-opacity=".34" stroke="#ffffff" stroke-opacity=".5" stroke-width="${size * 0.14}" paint-order="stroke">${escape(text)}</text></svg>`
  const { data, info } = await sharp(Buffer.from(svg))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { rgba: data, width: info.width, height: info.height }
}

/**
 * The line laid around a tile: what leaves it on one side comes in on the other. It is shorter than the tile is wide, and
 * rises by less than a tile's height in its letters' own, so it never meets itself.
 */
function wrapped({ rgba, width: line_width }: Pixels, width: number, height: number): Tile {
  let inked = 0
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 0) inked += 1
  const ink = new Uint16Array(inked * 6)
  let to = 0
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3] as number
    if (alpha === 0) continue
    const pixel = at / 4
    ink[to] = (pixel % line_width) % width
    ink[to + 1] = Math.floor(pixel / line_width) % height
    ink[to + 2] = 255 - alpha
    ink[to + 3] = (rgba[at] as number) * alpha
    ink[to + 4] = (rgba[at + 1] as number) * alpha
    ink[to + 5] = (rgba[at + 2] as number) * alpha
    to += 6
  }
  return { width, height, ink }
}
