/**
 * SVG, drawn once and never served as itself. librsvg knows no scripts, and given bytes instead of a file it has no place
 * from which to load anything. It draws in a process of its own: a filter may take minutes and gigabytes in native code,
 * which no ended thread stops.
 */
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { PdfError } from '../_shared/pdf/pdfium.ts'
import { runBounded } from './bounded.ts'
import type { Drawn } from './drawn.ts'
import { asPage } from './image.ts'

/** Bytes. A plan of a house has a few MiB. */
const MAX_SIZE = 8 * 1024 * 1024
/** Milliseconds; less than what the pool allows a page. */
const TIME = 6_500
/** Bytes of memory of its own. */
const MEMORY = 200 * 1024 * 1024

/** Throws PdfError broken, or too_complex for what takes too long or too much. */
export async function drawSvg(path: string): Promise<Drawn> {
  if (statSync(path).size > MAX_SIZE) throw new PdfError('too_complex', 'size')
  const program = fileURLToPath(new URL('./svg-process.ts', import.meta.url))
  const run = await runBounded(process.execPath, ['--no-warnings', program, path], {
    env: { ...(process.env.FONTCONFIG_FILE && { FONTCONFIG_FILE: process.env.FONTCONFIG_FILE }) },
    time: TIME,
    memory: MEMORY
  })
  if (run.ended === 'time' || run.ended === 'memory') throw new PdfError('too_complex', run.ended)
  if (run.ended !== 'well' || run.said.length === 0) throw new PdfError('broken', 'not_readable')
  return asPage(sharp(run.said))
}
