/** Another program that is told by webhook: a real HTTP server that does as it is told. */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'

export type Message = { path: string; headers: Record<string, string>; body: string }
export type Behaviour = (response: ServerResponse, message: Message) => void

const takes: Behaviour = (response) => void response.writeHead(204).end()

/** Listens on loopback until the tests are over. */
export async function startReceiver() {
  const messages: Message[] = []
  const behaviours = new Map<string, Behaviour>()
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)])
    )
    const message = { path: request.url ?? '', headers, body: Buffer.concat(chunks).toString('utf8') }
    messages.push(message)
    ;(behaviours.get(message.path) ?? takes)(response, message)
  }
  const server = createServer((request, response) => void answer(request, response).catch(() => undefined))
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  const { port } = server.address() as AddressInfo
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    messages,
    url: (path: string, host = '127.0.0.1') => `http://${host}:${port}${path}`,
    /** From now on requests to this path are answered so; null: they are taken. */
    does: (path: string, what: Behaviour | null) =>
      void (what ? behaviours.set(path, what) : behaviours.delete(path)),
    at: (path: string) => messages.filter((message) => message.path === path)
  }
}
