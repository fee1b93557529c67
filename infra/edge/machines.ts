/** The door for S3 tools of machines: a listener of its own, before the object store. What may pass is in machine-rules.ts. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { newTrace } from '../../functions/_shared/trace.ts'
import { isSampled, watchCall } from '../observe/seen.ts'
import { forward } from '../runner/forward.ts'
import { machineAnswerHeaders, machineRequestHeaders, refuseMachineRequest } from './machine-rules.ts'
import { isPlainConnection } from './request-rules.ts'
import { wayTo } from './way.ts'

/** Milliseconds. Joining 10,000 parts takes the store a while. */
const HEADERS_PATIENCE = 15_000
const ANSWER_PATIENCE = 120_000
const SILENCE = 60_000
/** Machines at the same time: tools open four to ten connections each. */
const CONNECTIONS = 512

/** The door's server, not yet listening. `store`: an http address on an inner network, or an https one elsewhere. */
export function createMachineDoor({ store }: { store: string }): Server {
  const way = wayTo(store, 32)

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [method, url] = [request.method ?? '', request.url ?? '']
    if (method === 'GET' && url === '/_/health') return void response.writeHead(200).end('ok\n')
    const refusal = isPlainConnection(request.headers.connection)
      ? refuseMachineRequest(method, url, request.headers)
      : ({ status: 400, code: 'InvalidRequest', reason: 'This Connection does not pass.' } as const)
    if (refusal) return answer(response, refusal.status, refusal.code, refusal.reason)
    watchCall(response, {
      ...{ by: 'edge', function: 'store', method, trace: newTrace(isSampled()), parent: null }
    })
    const outcome = await forward(request, response, {
      ...{ ...way, method, path: url },
      headers: machineRequestHeaders(request.rawHeaders),
      patience: ANSWER_PATIENCE,
      answer: (from) => machineAnswerHeaders(from.rawHeaders)
    })
    if (!response.headersSent && outcome !== 'left') answer(response, 503, 'SlowDown', 'The store is away.')
  }

  const server = createServer(
    {
      headersTimeout: HEADERS_PATIENCE,
      requestTimeout: 0, // a large file may take its time as long as it moves
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 5_000
    },
    (request, response) =>
      void handle(request, response).catch(() => {
        if (response.headersSent) response.destroy()
        else answer(response, 500, 'InternalError', 'Something went wrong on our side.')
      })
  )
  server.maxConnections = CONNECTIONS
  server.setTimeout(SILENCE)
  server.on('close', () => way.agent.destroy())
  return server
}

/** Errors as S3 tools read them. Codes and reasons are our own words: nothing in them needs escaping. */
function answer(response: ServerResponse, status: number, code: string, reason: string): void {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${reason.replace(/[<>&]/g, '')}</Message></Error>\n`
  response
    .writeHead(status, {
      'content-type': 'application/xml',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'close'
    })
    .end(text)
}
