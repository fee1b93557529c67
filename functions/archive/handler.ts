/** archive: a ZIP too large to be made while somebody waits, a slice of it a call. Holds no credentials. */
import { ArchiveRequest } from '../_shared/contract/archive-job.ts'
import { readJob } from '../_shared/parser.ts'
import { makeSlice } from './slice.ts'

async function fetch(request: Request): Promise<Response> {
  const job = await readJob(request, ArchiveRequest, 'archive')
  return Response.json(await makeSlice(job, request.signal))
}

export default { fetch }
