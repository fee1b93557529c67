/** In its own thread: opens a document, draws pages of it, keeps it open for the next page. */
import { parentPort, workerData } from 'node:worker_threads'
import sharp from 'sharp'
import type { z } from 'zod'
import type { PageText } from '../_shared/contract/document.ts'
import { PAGE_WIDTH, THUMBNAIL_WIDTH } from '../_shared/contract/job.ts'
import { limitWasmMemory, wasRefused } from '../_shared/pdf/memory.ts'
import { type PdfDocument, PdfError, openPdf, pdfium } from '../_shared/pdf/pdfium.ts'
import { type Rendered, renderPage } from '../_shared/pdf/render.ts'
import type { Word } from '../_shared/pdf/words.ts'
import { type TextForm, openText } from '../_shared/pdf/text-pages.ts'
import { type Answer, type Ask, DRAWN, type Drawn, type LetGo, type Reply, type WorkerData } from './drawn.ts'
import { type Grey, greyOf } from './grey.ts'
import { drawImage, drawPageOf } from './image.ts'
import { drawPhoto } from './photo.ts'
import { drawSvg } from './svg.ts'

sharp.cache(false)
sharp.concurrency(1)

const { cells, cell, limit }: WorkerData = workerData
limitWasmMemory(cells, cell, limit)

let open: { path: string; document: PdfDocument } | null = null

function letGo(): void {
  open?.document.close()
  open = null
}

async function documentOf(wish: Ask & { kind: 'pdf' | TextForm }): Promise<PdfDocument> {
  if (open?.path === wish.path) return open.document
  letGo()
  const document = await (wish.kind === 'pdf' ? openPdf(wish.path) : openText(wish.path, wish.kind))
  open = { path: wish.path, document }
  return document
}

/**
 * A page's files. Pixels of a page without colours are copied out of PDFium's memory while they are looked at, so that
 * the next page may be drawn meanwhile.
 *
 * @param before the answer about the page before: there are buffers for two
 */
async function encode({ rgb, width, height, words }: Rendered, before: Promise<void>): Promise<Drawn> {
  const grey = greyOf(rgb, width, height)
  await before
  if (grey) parentPort?.postMessage(DRAWN)
  const made = await Promise.all(
    grey
      ? [jpegOfGrey(grey.page), jpegOfGrey(grey.thumbnail)]
      : [jpegOf(rgb, width, height), thumbnailOf(rgb, width, height)]
  )
  const [image, thumbnail] = made as [Buffer, Buffer]
  return { width, height, image, thumbnail, text: textOf(words) }
}

/** optimiseCoding costs more than half of the time for 5 % of the bytes. */
const JPEG = { quality: 75, optimiseCoding: false }

const jpegOf = (rgb: Buffer, width: number, height: number): Promise<Buffer> =>
  sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg(JPEG)
    .toBuffer()

/** sharp would make three channels of one. */
const jpegOfGrey = ({ pixels, width, height }: Grey): Promise<Buffer> =>
  sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .jpeg(JPEG)
    .toBuffer()

function textOf(words: Word[]): Drawn['text'] {
  if (words.length === 0) return null
  const text: z.infer<typeof PageText> = { words }
  return encoder.encode(JSON.stringify(text))
}
const encoder = new TextEncoder()

/** Of every second row: two rows read as one that is twice as wide, of which the left half is taken. */
function thumbnailOf(rgb: Buffer, width: number, height: number): Promise<Buffer> {
  const rows = Math.max(1, Math.floor(height / 2))
  const wide = height < 2 ? width : width * 2
  return sharp(rgb.subarray(0, wide * rows * 3), { raw: { width: wide, height: rows, channels: 3 } })
    .extract({ left: 0, top: 0, width, height: rows })
    .resize({
      width: THUMBNAIL_WIDTH,
      height: Math.max(1, Math.round((height * THUMBNAIL_WIDTH) / width)),
      fit: 'fill',
      kernel: 'linear'
    })
    .jpeg({ quality: 75 })
    .toBuffer()
}

const PICTURE = { picture: drawImage, photo: drawPhoto, drawing: drawSvg }

async function draw(wish: Ask, before: Promise<void>): Promise<Answer> {
  const { kind, path, no } = wish
  if (kind === 'pictures') return trusted(await drawPageOf(path, no))
  if (kind === 'picture' || kind === 'photo' || kind === 'drawing')
    return trusted({ page_count: 1, page: no === 1 ? await PICTURE[kind](path) : null })
  const document = await documentOf({ kind, path, no })
  const { page_count } = document
  if (no > page_count) return { page_count, page: null }
  return { page_count, page: await encode(trusted(renderPage(document, no, PAGE_WIDTH)), before) }
}

/** PDFium leaves out a picture for which it found no room, and says nothing. Asked before the next page is begun. */
function trusted<T>(drawn: T): T {
  if (wasRefused()) throw new PdfError('too_complex', 'memory')
  return drawn
}

async function answer(wish: Ask, before: Promise<void>): Promise<Reply> {
  wasRefused()
  try {
    const drawn = await draw(wish, before)
    // Also where there was nothing to draw: the pool takes the first answer for the first wish.
    await before
    return { answer: drawn }
  } catch (error) {
    const refused = wasRefused()
    await before
    if (refused) return { failed: { result: 'too_complex', reason: 'memory', whole: false } }
    if (!(error instanceof PdfError)) throw error
    // Without an open document no other page will be better.
    const whole = open === null && wish.kind !== 'pictures'
    return { failed: { result: error.result, reason: error.message, whole } }
  }
}

/** The text's bytes are handed over, not copied. */
function send(reply: Reply): void {
  const text = 'answer' in reply ? reply.answer.page?.text : null
  parentPort?.postMessage(reply, text ? [text.buffer] : [])
}

/** Answers go out in the order of the wishes. */
let answered: Promise<void> = Promise.resolve()

parentPort?.on('message', (wish: Ask | LetGo) => {
  if (wish.kind !== 'let_go') answered = answer(wish, answered).then(send)
  else if (open?.path === wish.path) letGo()
})

// Instantiated while nobody waits yet.
void pdfium()
