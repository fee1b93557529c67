/**
 * How wide text is in the faces that we set it in, read from the fonts themselves: lines have to be broken before PDFium
 * sees them. OpenType specification: tables head, hhea, hmtx, cmap (subtable format 4, the basic multilingual plane).
 */
import { fontBytes } from './fonts.ts'

export type Face = 'DejaVuSans' | 'DejaVuSans-Bold' | 'DejaVuSansMono'

/** Thousandths of an em by code unit. */
type Widths = Uint16Array
const known = new Map<Face, Widths>()

/** What stands for a letter that takes two code units; PDFium would draw two boxes for it. */
export const REPLACED = '\ufffd'

/** The text's width in points. Letters that the face lacks count as what is drawn in their place. */
export function widthOf(text: string, face: Face, size: number): number {
  const widths = widthsOf(face)
  let sum = 0
  for (const letter of text) sum += widths[letter.length > 1 ? 0xfffd : letter.charCodeAt(0)] ?? 0
  return (sum * size) / 1_000
}

function widthsOf(face: Face): Widths {
  const found = known.get(face) ?? readWidths(fontBytes(face))
  known.set(face, found)
  return found
}

function readWidths(font: Buffer): Widths {
  const table = (tag: string): number => {
    for (let no = 0; no < font.readUInt16BE(4); no += 1)
      if (font.toString('latin1', 12 + no * 16, 16 + no * 16) === tag) return font.readUInt32BE(20 + no * 16)
    throw new Error(`the font has no table ${tag}`)
  }
  const em = font.readUInt16BE(table('head') + 18)
  const metrics = font.readUInt16BE(table('hhea') + 34)
  const hmtx = table('hmtx')
  const advance = (glyph: number) => font.readUInt16BE(hmtx + Math.min(glyph, metrics - 1) * 4)
  const widths = new Uint16Array(65_536).fill(Math.round((advance(0) * 1_000) / em))
  for (const [code, glyph] of glyphs(font, table('cmap')))
    widths[code] = Math.round((advance(glyph) * 1_000) / em)
  return widths
}

function* glyphs(font: Buffer, cmap: number): Generator<[code: number, glyph: number]> {
  const at = subtable(font, cmap)
  const segments = font.readUInt16BE(at + 6) / 2
  const word = (list: number, no: number) => font.readUInt16BE(at + 14 + list * segments * 2 + no * 2)
  for (let no = 0; no < segments; no += 1) {
    // The padding word lies between the first list and the second.
    const [end, start, delta, range] = [word(0, no), word(1, no + 1), word(2, no + 1), word(3, no + 1)]
    for (let code = start; code <= end && code < 0xffff; code += 1) {
      const place = at + 16 + 3 * segments * 2 + no * 2 + range + (code - start) * 2
      const glyph = range === 0 ? code + delta : font.readUInt16BE(place)
      if (glyph !== 0) yield [code, (range === 0 ? glyph : glyph + delta) & 0xffff]
    }
  }
}

function subtable(font: Buffer, cmap: number): number {
  for (let no = 0; no < font.readUInt16BE(cmap + 2); no += 1) {
    const at = cmap + font.readUInt32BE(cmap + 8 + no * 8)
    if (font.readUInt16BE(at) === 4) return at
  }
  throw new Error('the font has no table of letters')
}
