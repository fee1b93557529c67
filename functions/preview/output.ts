/** A page's files on their way to the places that the job brought for them. */
import { type OutputRole, OUTPUT_TYPE, type PageMade, type PreviewRequest } from '../_shared/contract/job.ts'
import { InputAway, InputGone } from '../_shared/parser.ts'
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
    const answer = await fetch(slot.url, {
      method: 'PUT',
      headers: { 'content-type': OUTPUT_TYPE[role] },
      body: new Uint8Array(body),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])
    }).catch((cause: unknown) => {
      throw new InputAway('the store does not answer', { cause })
    })
    await answer.body?.cancel()
    if (!answer.ok) throw new InputAway(`the store answered ${answer.status}`)
    return slot.key
  }
  const words = Buffer.from(JSON.stringify({ words: drawn.words }))
  const [image_key, thumbnail_key, text_key] = await Promise.all([
    send('image', drawn.image),
    send('thumbnail', drawn.thumbnail),
    drawn.words.length > 0 ? send('text', words) : null
  ])
  return { no, width: drawn.width, height: drawn.height, image_key, thumbnail_key, text_key }
}
