/** Photos in the order they were taken, each as a leaf of a PDF. */
import { type JpegFacts, readJpeg } from './jpeg.ts'
import { type Leaf, pdfOf } from './pdf.ts'

/** Of pixels that have to be drawn anew: what a reader sees no loss at. */
const QUALITY = 0.9

/**
 * One PDF of these photos, by the time they were taken, where they do not say by the file's, then by name. Rejects when
 * one of them cannot be read by this browser.
 */
export async function pdfOfPhotos(photos: File[], name: string): Promise<File> {
  const read: { photo: File; facts: JpegFacts | null }[] = []
  for (const photo of photos) read.push({ photo, facts: await readJpeg(photo) })
  const leaves: Leaf[] = []
  // One after the other: where pixels have to be decoded, one picture at a time is in memory.
  for (const { photo, facts } of read.toSorted(byTime)) leaves.push(await leafOf(photo, facts))
  return new File([pdfOf(leaves)], name, { type: 'application/pdf' })
}

type Read = { photo: File; facts: JpegFacts | null }

const byTime = (a: Read, b: Read): number => {
  const [one, other] = [momentOf(a), momentOf(b)]
  if (one !== other) return one < other ? -1 : 1
  return a.photo.name.localeCompare(b.photo.name, undefined, { numeric: true })
}

/** As Exif writes times, so that both kinds compare: by the wall clock where the photo was taken or is sent. */
function momentOf({ photo, facts }: Read): string {
  if (facts?.taken && /^\d{4}:\d\d:\d\d \d\d:\d\d:\d\d$/.test(facts.taken)) return facts.taken
  const at = new Date(photo.lastModified)
  const two = (figure: number) => String(figure).padStart(2, '0')
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join(':')
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`
}

/** A JPEG as it is; what a PDF does not take (PNG, WebP, HEIC, JPEG for print) is drawn once and becomes one. */
async function leafOf(photo: File, facts: JpegFacts | null): Promise<Leaf> {
  if (facts && facts.components !== 4) return { file: photo, ...facts }
  const picture = await createImageBitmap(photo)
  const { width, height } = picture
  const canvas = new OffscreenCanvas(width, height)
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('this browser draws nothing')
  pen.fillStyle = '#fff' // behind what is transparent
  pen.fillRect(0, 0, width, height)
  pen.drawImage(picture, 0, 0)
  picture.close()
  const file = await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
  return { file, width, height, components: 3, orientation: 1 }
}
