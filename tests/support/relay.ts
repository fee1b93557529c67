/** A way to a database that can be cut, or fall silent with its connections open, as firewalls and moved addresses do it. */
import { type Socket, connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'

export type Relay = {
  /** The database's address by this way. */
  url: (direct: string) => string
  /** All connections end, and nobody is let in until `mend`. */
  cut: () => void
  mend: () => void
  /** Nothing passes on the connections that there are, and nobody is told; new ones work. */
  silence: () => void
  /** What is asked arrives, and no answer comes back. */
  swallow: () => void
}

/** To the port that a connection URL names; ends with the file's tests. */
export async function startRelay(direct: string): Promise<Relay> {
  const port = Number(new URL(direct).port)
  const pairs = new Set<[Socket, Socket]>()
  let isCut = false
  const server = createServer((inside) => {
    if (isCut) return void inside.destroy()
    const outside = connect(port, '127.0.0.1')
    const pair: [Socket, Socket] = [inside, outside]
    pairs.add(pair)
    inside.pipe(outside).pipe(inside)
    for (const one of pair)
      one
        .on('error', () => undefined)
        .on('close', () => {
          pairs.delete(pair)
          inside.destroy()
          outside.destroy()
        })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  const end = () => {
    for (const pair of pairs) for (const one of pair) one.destroy()
  }
  after(() => {
    end()
    server.close()
  })
  return {
    url: (text) => {
      const url = new URL(text)
      url.port = String(address.port)
      return url.href
    },
    cut: () => {
      isCut = true
      end()
    },
    mend: () => void (isCut = false),
    silence: () => {
      for (const [inside, outside] of pairs) {
        inside.unpipe(outside).pause()
        outside.unpipe(inside).pause()
      }
    },
    swallow: () => {
      for (const [inside, outside] of pairs) outside.unpipe(inside).resume()
    }
  }
}
