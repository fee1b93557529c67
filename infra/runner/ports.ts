/** Loopback ports: the same again at each start where they are still free, so that bookmarks and tools stay right. */
import { randomInt } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** Below the range from which systems take ports for outgoing connections: none of those comes in between. */
const FIRST = 20_000
const PAST = 32_000
const TRIES = 100

/** The port itself if nobody listens there, else any free one. 0: any. */
export async function freePort(wanted = 0): Promise<number> {
  if (wanted !== 0 && (await isFree(wanted))) return wanted
  for (let i = 0; i < TRIES; i += 1) {
    const port = randomInt(FIRST, PAST)
    if (await isFree(port)) return port
  }
  throw new Error('no free port')
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
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
