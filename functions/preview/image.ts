/** A picture as a page: turned as its EXIF says, on white, no larger than a page image. */
import sharp, { type Metadata } from 'sharp'
import { PAGE_WIDTH, THUMBNAIL_WIDTH } from '../_shared/contract/job.ts'
import { PdfError } from '../_shared/pdf/pdfium.ts'
import type { Drawn } from './drawn.ts'

/** 50 MP are what a good camera makes. */
const MAX_PIXELS = 50_000_000
/** Bytes that decoding may hold at once. */
const MAX_DECODED = 160 * 1024 * 1024
/** Pixels; a ribbon of a picture is made smaller than PAGE_WIDTH. */
const MAX_HEIGHT = 8_000
/** Seconds; native code that no ended worker stops. */
const LIMIT = 8

const options = { limitInputPixels: MAX_PIXELS, failOn: 'error' as const, sequentialRead: true }

/** Throws PdfError too_complex for too many pixels, broken for what cannot be decoded. */
export async function drawImage(path: string): Promise<Drawn> {
  try {
    if (held(await sharp(path, options).metadata()) > MAX_DECODED) throw new PdfError('too_complex', 'pixels')
    const { data, info } = await sharp(path, options)
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize({ width: PAGE_WIDTH, height: MAX_HEIGHT, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .jpeg({ quality: 80, optimiseCoding: false })
      .timeout({ seconds: LIMIT })
      .toBuffer({ resolveWithObject: true })
    const thumbnail = await sharp(data).resize({ width: THUMBNAIL_WIDTH }).jpeg({ quality: 75 }).toBuffer()
    return { width: info.width, height: info.height, image: data, thumbnail, words: [] }
  } catch (error) {
    throw reasonOf(error)
  }
}

/**
 * Bytes that a decoder holds at once. Line by line it is next to nothing, but a progressive JPEG keeps two bytes a
 * coefficient (50 MP of 4:4:4 took 380 MB), an interlaced PNG the whole picture.
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
  if (!isProgressive) return 0
  if (format === 'jpeg') return pixels * 2 * (chromaSubsampling === '4:2:0' ? 1.5 : channels)
  return pixels * channels * (depth === 'ushort' ? 2 : 1)
}

function reasonOf(error: unknown): PdfError {
  if (error instanceof PdfError) return error
  const message = error instanceof Error ? error.message : ''
  if (/pixel limit/i.test(message)) return new PdfError('too_complex', 'pixels')
  if (/timeout/i.test(message)) return new PdfError('too_complex', 'time')
  return new PdfError('broken', 'not_readable')
}
