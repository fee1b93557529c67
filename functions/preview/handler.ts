/** preview: page images, thumbnails and text, a few pages a call. Holds no credentials. */
import { verifyJobToken } from '../_shared/auth/job-token.ts'
import { PreviewRequest } from '../_shared/contract/job.ts'
import { readJob } from '../_shared/parser.ts'
import { close, warmUp } from './pool.ts'
import { preview } from './preview.ts'

async function fetch(request: Request): Promise<Response> {
  await verifyJobToken(request, 'preview')
  const job = await readJob(request, PreviewRequest)
  return Response.json(await preview(job, request.signal))
}

export const warm = warmUp
export { close }
export default { fetch }
