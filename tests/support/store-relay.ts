/** A way to a store on which the next looks at an object (HEAD) get lost, or are answered by nobody who knows. */
import { type Socket, connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'

/** `swallow`: it arrives nowhere, and its connection stays open. Else the answer's status and headers. */
export type Instead = 'swallow' | { status: number; headers?: Record<string, string | number> }

export type StoreRelay = {
  /** The store's address by this way. */
  endpoint: string
  /** What becomes of the next looks, one each. */
  heads: (...instead: Instead[]) => void
  /** Looks that did not reach the store so far. */
  met: () => number
}

/** To the port that the endpoint names; ends with the file's tests. */
export async function startStoreRelay(direct: string): Promise<StoreRelay> {
  const port = Number(new URL(direct).port)
  const sockets = new Set<Socket>()
  const waiting: Instead[] = []
  let met = 0
  const server = createServer((inside) => {
    const outside = connect(port, '127.0.0.1')
    for (const one of [inside, outside]) {
      sockets.add(one)
      one
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(one)
          inside.destroy()
          outside.destroy()
        })
    }
    outside.pipe(inside)
    inside.on('data', (chunk) => {
      const instead = String(chunk).startsWith('HEAD ') ? waiting.shift() : undefined
      if (instead === undefined) return outside.write(chunk)
      met += 1
      if (instead !== 'swallow') inside.write(answerOf(instead))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    for (const one of sockets) one.destroy()
    server.close()
  })
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heads: (...instead) => void waiting.push(...instead),
    met: () => met
  }
}

function answerOf({ status, headers = { 'content-length': 0 } }: Exclude<Instead, 'swallow'>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} Instead\r\n${lines.join('')}\r\n`
}
