/**
 * The one way on which the functions that read strangers' bytes reach the store. In a room of the runner's there is no
 * network, just a socket (STORE_SOCKET) behind which the runner looks at each request and passes it on.
 */
import http from 'node:http'
import https from 'node:https'
import { config } from './config.ts'

export type StoreAsk = {
  method: 'GET' | 'PUT'
  headers?: http.OutgoingHttpHeaders
  body?: Uint8Array
  signal: AbortSignal
  /** Milliseconds of silence until the answer begins. */
  patience: number
}

const KEPT = { keepAlive: true, maxFreeSockets: 8 }
const plain = { open: http.request, agent: new http.Agent(KEPT) }
const secure = { open: https.request, agent: new https.Agent(KEPT) }

/** A kept connection may be closed by the other end at the very moment it is used again. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE'])

/**
 * Asks the store, at a presigned URL, and gives its answer once that has begun. By node:http: fetch, which streams what
 * is here whole, was a tenth of a page's time, and knows no sockets.
 *
 * @throws when it does not answer
 */
export async function askStore(url: string, ask: StoreAsk): Promise<http.IncomingMessage> {
  const { host, hostname, port, protocol, pathname, search } = new URL(url)
  const way = protocol === 'https:' && !config.store_socket ? secure : plain
  const options = {
    ...(config.store_socket ? { socketPath: config.store_socket } : { host: hostname, port }),
    path: pathname + search,
    method: ask.method,
    signal: ask.signal,
    headers: { host, ...ask.headers, ...(ask.body && { 'content-length': ask.body.length }) }
  }
  const send = (agent: http.Agent | https.Agent | false) =>
    new Promise<http.IncomingMessage | 'closed'>((resolve, reject) => {
      const request = way.open({ ...options, agent }, (answer) => {
        request.setTimeout(0)
        resolve(answer)
      })
      request.setTimeout(ask.patience, () => request.destroy(new Error('the store is silent')))
      request.on('error', (error: NodeJS.ErrnoException) =>
        request.reusedSocket && CLOSED.has(error.code ?? '') ? resolve('closed') : reject(error)
      )
      request.end(ask.body)
    })
  const first = await send(way.agent)
  const answer = first === 'closed' ? await send(false) : first
  if (answer === 'closed') throw new Error('the store closed a new connection')
  return answer
}
