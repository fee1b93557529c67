/** A picture as a page: turned as its EXIF says, on white, no larger than a page image. */
import sharp, { type Metadata, type Sharp } from 'sharp'
import { PAGE_WIDTH, THUMBNAIL_WIDTH } from '../_shared/contract/job.ts'
import { PdfError } from '../_shared/pdf/pdfium.ts'
import type { Answer, Drawn } from './drawn.ts'
import { drawPhoto } from './photo.ts'

/** 50 MP are what a good camera makes. */
const MAX_PIXELS = 50_000_000
/** Bytes that decoding may hold at once. */
const MAX_DECODED = 160 * 1024 * 1024
/** Pixels; a ribbon of a picture is made smaller than PAGE_WIDTH. */
const MAX_HEIGHT = 8_000
/** Seconds; native code that no ended worker stops. */
const LIMIT = 8
/** Pages of a TIFF; more is a bomb or a phone book. */
const MAX_PAGES = 5_000

const options = { limitInputPixels: MAX_PIXELS, failOn: 'error' as const, sequentialRead: true }

/**
 * Throws PdfError too_complex for too many pixels, broken for what cannot be decoded.
 *
 * @param page of a file that has several, from 0
 */
export async function drawImage(path: string, page = 0): Promise<Drawn> {
  try {
    const found = await sharp(path, { ...options, page }).metadata()
    // AVIF and HEIC share their container; which it is, only its inside tells.
    if (found.format === 'heif' && found.compression !== 'av1') return await drawPhoto(path)
    if (held(found) > MAX_DECODED) throw new PdfError('too_complex', 'pixels')
    return await asPage(sharp(path, { ...options, page }))
  } catch (error) {
    throw reasonOf(error)
  }
}

/** A page of a file of several pictures (TIFF), and how many it has. */
export async function drawPageOf(path: string, no: number): Promise<Answer> {
  const { pages = 1 } = await sharp(path, options)
    .metadata()
    .catch((error: unknown) => {
      throw reasonOf(error)
    })
  if (pages > MAX_PAGES) throw new PdfError('too_complex', 'pages')
  return { page_count: pages, page: no <= pages ? await drawImage(path, no - 1) : null }
}

/** The page of a picture that sharp has opened. Throws what sharp throws. */
export async function asPage(picture: Sharp): Promise<Drawn> {
  const { data, info } = await picture
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .resize({ width: PAGE_WIDTH, height: MAX_HEIGHT, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .jpeg({ quality: 80, optimiseCoding: false })
    .timeout({ seconds: LIMIT })
    .toBuffer({ resolveWithObject: true })
  const thumbnail = await sharp(data).resize({ width: THUMBNAIL_WIDTH }).jpeg({ quality: 75 }).toBuffer()
  return { width: info.width, height: info.height, image: data, thumbnail, text: null }
}

/**
 * Bytes that a decoder holds at once. Line by line it is next to nothing, but a progressive JPEG keeps two bytes a
 * coefficient (50 MP of 4:4:4 took 380 MB), an interlaced PNG the whole picture, a GIF its canvas, a TIFF of one strip
 * all of it, AVIF its planes and the colours made of them.
 */
function held({
  width,
  height,
  format,
  isProgressive,
  chromaSubsampling,
  channels,
  depth
}: Metadata): number {
  const pixels = width * height
  const bytes = depth === 'uchar' ? 1 : depth === 'ushort' ? 2 : 4
  if (format === 'gif') return pixels * 4
  if (format === 'tiff') return pixels * channels * bytes
  if (format === 'heif') return pixels * 6 * bytes
  if (!isProgressive) return 0
  if (format === 'jpeg') return pixels * 2 * (chromaSubsampling === '4:2:0' ? 1.5 : channels)
  return pixels * channels * bytes
}

function reasonOf(error: unknown): PdfError {
  if (error instanceof PdfError) return error
  const message = error instanceof Error ? error.message : ''
  if (/pixel limit/i.test(message)) return new PdfError('too_complex', 'pixels')
  if (/timeout/i.test(message)) return new PdfError('too_complex', 'time')
  return new PdfError('broken', 'not_readable')
}
