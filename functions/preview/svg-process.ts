/** A program: draws the SVG that it is given the path of, as PNG on its output. Started by svg.ts, which bounds it. */
import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { PAGE_WIDTH } from '../_shared/contract/job.ts'

/** Pixels. */
const MAX_PIXELS = 12_000_000

sharp.cache(false)
sharp.concurrency(1)

/** Milliseconds. Should the thread that watches be ended first, nobody else would stop this. */
const LAST = 10_000
setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST).unref()

const bytes = readFileSync(process.argv[2] ?? '')
const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata()
// At 72 dots an inch a unit is a pixel; drawn as large as a page, neither more nor, for a ribbon, higher.
const scale = Math.min(PAGE_WIDTH / width, Math.sqrt(MAX_PIXELS / (width * height)))
const density = Math.min(2_400, Math.max(1, 72 * scale))
const png = await sharp(bytes, { density, limitInputPixels: MAX_PIXELS * 2 })
  .flatten({ background: '#ffffff' })
  .png({ compressionLevel: 1 })
  .toBuffer()
process.stdout.write(png)
