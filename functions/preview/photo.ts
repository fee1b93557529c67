/**
 * HEIC, the photos of Apple's telephones, by libheif as WebAssembly: sharp comes without HEVC, for whose decoder it would
 * have to be built anew. Its memory counts to what pages may take (pdf/memory.ts).
 */
import { readFileSync, statSync } from 'node:fs'
import type { Library } from 'libheif-js/libheif-wasm/libheif-bundle.mjs'
import sharp from 'sharp'
import { PdfError } from '../_shared/pdf/pdfium.ts'
import type { Drawn } from './drawn.ts'
import { asPage } from './image.ts'

/** Bytes of a file; a photo of 48 MP has 5 MB. */
const MAX_SIZE = 32 * 1024 * 1024
/** Pixels: planes and the colours made of them must find room. */
const MAX_PIXELS = 25_000_000

let loaded: Promise<Library> | undefined

async function library(): Promise<Library> {
  const { default: start } = await import('libheif-js/libheif-wasm/libheif-bundle.mjs')
  return start({ print: () => {}, printErr: () => {} })
}

/** The first picture of the file; turned already, for libheif applies what the file says. Throws PdfError. */
export async function drawPhoto(path: string): Promise<Drawn> {
  if (statSync(path).size > MAX_SIZE) throw new PdfError('too_complex', 'size')
  loaded ??= library()
  const { HeifDecoder } = await loaded
  const pictures = new HeifDecoder().decode(readFileSync(path))
  const [picture] = pictures
  if (!picture) throw new PdfError('broken', 'not_readable')
  try {
    const [width, height] = [picture.get_width(), picture.get_height()]
    if (width * height > MAX_PIXELS) throw new PdfError('too_complex', 'pixels')
    const data = new Uint8ClampedArray(width * height * 4)
    const made = await new Promise((done) => picture.display({ data, width, height }, done))
    if (!made) throw new PdfError('broken', 'not_readable')
    return await asPage(sharp(data, { raw: { width, height, channels: 4 } }))
  } finally {
    for (const one of pictures) one.free()
  }
}
