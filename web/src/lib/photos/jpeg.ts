/** What a JPEG says about itself before its pixels (ITU-T T.81 annex B; CIPA DC-008, Exif). Nothing is decoded. */

export type JpegFacts = {
  /** Pixels as stored, before `orientation`. */
  width: number
  height: number
  /** 1 grey, 3 colour, 4 for print. */
  components: number
  /** Exif: 1 upright … 8; how the stored pixels have to be turned. */
  orientation: number
  /** When it was taken, "2026:11:23 14:05:00", on the camera's clock; null: it does not say. */
  taken: string | null
}

/** Bytes: what cameras write before the frame's header (Exif with a thumbnail, colour profile) is below this. */
const HEAD = 512 * 1024

/** The facts; null for what is no JPEG of 8 bits, or broken. Reads the beginning only where that is enough. */
export async function readJpeg(file: Blob): Promise<JpegFacts | null> {
  const head = await file.slice(0, HEAD).arrayBuffer()
  const facts = factsOf(new DataView(head))
  if (facts !== 'further' || file.size <= HEAD) return facts === 'further' ? null : facts
  const whole = factsOf(new DataView(await file.arrayBuffer()))
  return whole === 'further' ? null : whole
}

function factsOf(view: DataView): JpegFacts | null | 'further' {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null
  let exif: Pick<JpegFacts, 'orientation' | 'taken'> = { orientation: 1, taken: null }
  for (let at = 2; ;) {
    if (at + 10 > view.byteLength) return 'further'
    if (view.getUint8(at) !== 0xff) return null
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) {
      at += 1 // fill
      continue
    }
    const length = view.getUint16(at + 2)
    if (isFrame(marker))
      return view.getUint8(at + 4) === 8
        ? {
            height: view.getUint16(at + 5),
            width: view.getUint16(at + 7),
            components: view.getUint8(at + 9),
            ...exif
          }
        : null
    if (marker === 0xda || marker === 0xd9 || length < 2) return null // pixels before their frame: broken
    if (marker === 0xe1 && at + 2 + length <= view.byteLength) exif = exifOf(view, at + 4, length - 2) ?? exif
    at += 2 + length
  }
}

/** SOF0 … SOF15 without the three tables that stand among them. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

const ORIENTATION = 0x0112
const EXIF_FOLDER = 0x8769
const TAKEN = 0x9003

function exifOf(
  view: DataView,
  from: number,
  length: number
): Pick<JpegFacts, 'orientation' | 'taken'> | null {
  if (length < 16 || textAt(view, from, 4) !== 'Exif') return null
  const tiff = new DataView(view.buffer, view.byteOffset + from + 6, length - 6)
  const little = tiff.getUint16(0) === 0x4949
  try {
    const tags = folderAt(tiff, tiff.getUint32(4, little), little)
    const inner = tags.get(EXIF_FOLDER)
    const more = inner === undefined ? null : folderAt(tiff, tiff.getUint32(inner + 8, little), little)
    const turned = tags.get(ORIENTATION)
    const taken = more?.get(TAKEN)
    const orientation = turned === undefined ? 1 : tiff.getUint16(turned + 8, little)
    return {
      orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
      taken: taken === undefined ? null : textAt(tiff, tiff.getUint32(taken + 8, little), 19)
    }
  } catch (error) {
    if (error instanceof RangeError) return null // points outside of itself
    throw error
  }
}

/** Tag → where its entry of twelve bytes stands. */
function folderAt(tiff: DataView, at: number, little: boolean): Map<number, number> {
  const count = tiff.getUint16(at, little)
  const tags = new Map<number, number>()
  for (let index = 0; index < count; index += 1) {
    const entry = at + 2 + index * 12
    tags.set(tiff.getUint16(entry, little), entry)
  }
  return tags
}

const textAt = (view: DataView, at: number, length: number): string =>
  Array.from({ length }, (_, index) => String.fromCharCode(view.getUint8(at + index))).join('')
