/** A page's files on their way to the places that the job brought for them. */
import { type OutputRole, OUTPUT_TYPE, type PageMade, type PreviewRequest } from '../_shared/contract/job.ts'
import { InputAway, InputGone } from '../_shared/parser.ts'
import { askStore } from '../_shared/store-way.ts'
import type { Drawn } from './drawn.ts'

/** Milliseconds for one PUT of some hundred KiB. */
const PATIENCE = 10_000

/** Sends a page's files to their slots. Throws InputAway when the store does not take them, InputGone without a slot. */
export async function putPage(
  job: PreviewRequest,
  no: number,
  drawn: Drawn,
  signal: AbortSignal
): Promise<PageMade> {
  const send = async (role: OutputRole, body: Uint8Array): Promise<string> => {
    const slot = job.output.find((one) => one.page === no && one.role === role)
    if (!slot) throw new InputGone('slot_missing')
    const headers = { 'content-type': OUTPUT_TYPE[role] }
    const ask = { method: 'PUT', headers, body, signal, patience: PATIENCE } as const
    const answer = await askStore(slot.url, ask).catch((cause: unknown) => {
      throw new InputAway('the store does not answer', { cause })
    })
    answer.resume()
    const { statusCode = 0 } = answer
    if (statusCode < 200 || statusCode > 299) throw new InputAway(`the store answered ${statusCode}`)
    return slot.key
  }
  const [image_key, thumbnail_key, text_key] = await Promise.all([
    send('image', drawn.image),
    send('thumbnail', drawn.thumbnail),
    drawn.text && send('text', drawn.text)
  ])
  return { no, width: drawn.width, height: drawn.height, image_key, thumbnail_key, text_key }
}
