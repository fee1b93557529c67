/** Loopback ports: the same again at each start where they are still free, so that bookmarks and tools stay right. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** The port itself if nobody listens there, else any free one. 0: any. */
export function freePort(wanted = 0): Promise<number> {
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', () => (wanted === 0 ? reject(new Error('no free port')) : resolve(freePort())))
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : wanted))
    })
  })
}

/** A port for each name; remembers them in a JSON file. */
export async function keptPorts<N extends string>(
  file: string,
  names: readonly N[]
): Promise<Record<N, number>> {
  let kept: Record<string, unknown> = {}
  try {
    kept = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // The first start, or a torn file: any port will do.
  }
  const taken = new Set<number>()
  const ports: Partial<Record<N, number>> = {}
  for (const name of names) {
    const wanted = kept[name]
    let port = await freePort(typeof wanted === 'number' ? wanted : 0)
    while (taken.has(port)) port = await freePort()
    taken.add(port)
    ports[name] = port
  }
  writeFileSync(file, `${JSON.stringify(ports, null, 2)}\n`, { mode: 0o600 })
  return ports as Record<N, number>
}
