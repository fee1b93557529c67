/** scan: reads an object once, for its SHA-256, its real type and its viruses; and says how the scanner is. Holds no credentials. */
import { type ScanAnswer, ScanRequest, ScannerRequest } from '../_shared/contract/job.ts'
import { readJob } from '../_shared/parser.ts'
import { lookAtScanner, scan } from './scan.ts'

async function fetch(request: Request): Promise<Response> {
  if (new URL(request.url).pathname === '/scanner') {
    await readJob(request, ScannerRequest, 'scan')
    return Response.json({ outcome: 'done', result: await lookAtScanner() })
  }
  const job = await readJob(request, ScanRequest, 'scan')
  const answer: ScanAnswer = await scan(job.input, request.signal)
  return Response.json(answer)
}

export default { fetch }
