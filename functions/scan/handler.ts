/** scan: reads an object once, for its SHA-256, its real type and its viruses. Holds no credentials. */
import { type ScanAnswer, ScanRequest } from '../_shared/contract/job.ts'
import { readJob } from '../_shared/parser.ts'
import { scan } from './scan.ts'

async function fetch(request: Request): Promise<Response> {
  const job = await readJob(request, ScanRequest, 'scan')
  const answer: ScanAnswer = await scan(job.input, request.signal)
  return Response.json(answer)
}

export default { fetch }
