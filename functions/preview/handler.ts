/** preview: page images, thumbnails and text, a few pages a call. Holds no credentials. */
import { PreviewRequest } from '../_shared/contract/job.ts'
import { readJob } from '../_shared/parser.ts'
import { useOwnFonts } from '../_shared/pdf/fonts.ts'
import { close, warmUp } from './pool.ts'
import { preview } from './preview.ts'

// For drawings, which a process of its own draws; it inherits where the fonts are.
useOwnFonts()

async function fetch(request: Request): Promise<Response> {
  const job = await readJob(request, PreviewRequest, 'preview')
  return Response.json(await preview(job, request.signal))
}

export const warm = warmUp
export { close }
export default { fetch }
