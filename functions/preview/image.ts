/** A picture as a page: turned as its EXIF says, on white, no larger than a page image. */
import sharp from 'sharp'
import { PAGE_WIDTH, THUMBNAIL_WIDTH } from '../_shared/contract/job.ts'
import { PdfError } from '../_shared/pdf/pdfium.ts'
import type { Drawn } from './pool.ts'

/** A decompressed picture may not be larger: 50 MP are what a good camera makes, and 150 MB. */
const MAX_PIXELS = 50_000_000
/** Pixels; a ribbon of a picture is made smaller than PAGE_WIDTH. */
const MAX_HEIGHT = 8_000

/** Throws PdfError too_complex for too many pixels, broken for what cannot be decoded. */
export async function drawImage(path: string): Promise<Drawn> {
  const options = { limitInputPixels: MAX_PIXELS, failOn: 'error' as const, sequentialRead: true }
  try {
    const { data, info } = await sharp(path, options)
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize({ width: PAGE_WIDTH, height: MAX_HEIGHT, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .jpeg({ quality: 80, optimiseCoding: false })
      .toBuffer({ resolveWithObject: true })
    const thumbnail = await sharp(data)
      .resize({ width: THUMBNAIL_WIDTH })
      .webp({ quality: 70, effort: 0 })
      .toBuffer()
    return { width: info.width, height: info.height, image: data, thumbnail, words: [] }
  } catch (error) {
    const isTooLarge = error instanceof Error && /pixel limit/i.test(error.message)
    throw isTooLarge ? new PdfError('too_complex', 'pixels') : new PdfError('broken', 'not_readable')
  }
}
