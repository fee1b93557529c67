/** watermark: one page's image with one viewer's mark burned in, while somebody waits. Holds no credentials. */
import { verifyJobToken } from '../_shared/auth/job-token.ts'
import { WatermarkRequest } from '../_shared/contract/job.ts'
import { InputAway, openInput, readBody } from '../_shared/parser.ts'
import { Problem } from '../_shared/problem.ts'
import { burn } from './burn.ts'
import { inTurn } from './turns.ts'

/** Bytes. Our own page images have some hundred KiB. */
const MAX_IMAGE = 32 * 1024 * 1024

async function fetch(request: Request): Promise<Response> {
  const asker = await verifyJobToken(request, 'watermark')
  const wish = await readBody(request, WatermarkRequest)
  const image = await inTurn(asker, request.signal, async () =>
    burn(await load(wish.page_image.url, request.signal), wish.mark.lines)
  )
  return new Response(new Uint8Array(image), {
    headers: { 'content-type': 'image/jpeg', 'cache-control': 'no-store' }
  })
}

async function load(url: string, signal: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of await openInput(url, signal)) {
      size += chunk.length
      if (size > MAX_IMAGE) throw new Problem('too_large', 'This is no page image of ours.')
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    if (cause instanceof InputAway)
      throw new Problem('store_away', 'The page image does not come.', { cause, retryAfter: 3 })
    throw new Problem('not_found', 'There is no such page image.', { cause })
  }
  return Buffer.concat(chunks)
}

export const warm = async (): Promise<void> => {
  // The first SVG loads fonts: half a second that nobody should wait for.
  await import('./tile.ts').then(({ tileOf }) => tileOf(['·'], 1240))
}

export default { fetch }
