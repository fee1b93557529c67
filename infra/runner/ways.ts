/**
 * The few ways out of a room that has no network: Unix sockets of ours. What comes through them is looked at, for whoever
 * took over the function behind would else have the store and the scanner to play with.
 */
import { Agent as PlainAgent, createServer as createHttp } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { type Server, connect, createServer } from 'node:net'
import { pipeline } from 'node:stream'
import { refuseStoreRequest, storeRequestHeaders } from '../edge/store-rules.ts'
import { forward } from './forward.ts'

/** Milliseconds: that the store gets to begin its answer, and that the scanner may be silent. */
const PATIENCE = 60_000
const SILENCE = 180_000

/** To the store: GET and PUT of one object, presigned, as the edge lets them through. Not yet listening. */
export function wayToStore(endpoint: string): Server {
  const store = new URL(endpoint)
  const secure = store.protocol === 'https:'
  const kept = { keepAlive: true, maxFreeSockets: 32, timeout: 30_000 }
  const target = {
    host: store.hostname,
    port: Number(store.port || (secure ? 443 : 80)),
    secure,
    agent: secure ? new SecureAgent(kept) : new PlainAgent(kept),
    patience: PATIENCE
  }
  return createHttp({ keepAliveTimeout: 65_000, requestTimeout: 0 }, (request, response) => {
    const [method, url] = [request.method ?? '', request.url ?? '']
    const refusal = refuseStoreRequest(method, url, request.headers)
    if (refusal) return void response.writeHead(refusal.status, { connection: 'close' }).end()
    const headers = storeRequestHeaders(request.rawHeaders, url)
    void forward(request, response, { ...target, method, path: url, headers }).then((outcome) => {
      // As from a store that is away: the job is tried again.
      if (!response.headersSent && outcome !== 'left') response.writeHead(503, { connection: 'close' }).end()
    })
  }).on('close', () => target.agent.destroy())
}

/** What scan says to clamd. Its other commands read files of the scanner's own machine, or end it. */
const COMMANDS = ['zPING\0', 'zVERSION\0', 'zINSTREAM\0']

/** To clamd: one command of those that scan uses, then whatever follows. Not yet listening. */
export function wayToScanner(at: { host: string; port: number }): Server {
  return createServer((inside) => {
    let said = Buffer.alloc(0)
    inside.on('error', () => undefined).setTimeout(SILENCE, () => inside.destroy())
    const judge = (chunk: Buffer) => {
      said = Buffer.concat([said, chunk])
      const text = said.subarray(0, 12).toString('latin1')
      if (COMMANDS.some((command) => text.startsWith(command))) {
        inside.off('data', judge).pause()
        const scanner = connect(at)
        scanner.write(said)
        pipeline(inside, scanner, inside, () => undefined)
      } else if (!COMMANDS.some((command) => command.startsWith(text))) inside.destroy()
    }
    inside.on('data', judge)
  })
}
