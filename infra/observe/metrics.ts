/**
 * The port for Prometheus: GET /metrics and nothing else. It is a port of its own that no way from outside leads to; what
 * it says holds no person, no name and no id. Loaded only where somebody wants it (start.ts).
 */
import { type Server, createServer } from 'node:http'
import Counter from 'prom-client/lib/counter.js'
import Gauge from 'prom-client/lib/gauge.js'
import Histogram from 'prom-client/lib/histogram.js'
import Registry from 'prom-client/lib/registry.js'

export { Counter, Gauge, Histogram, Registry }

/** Seconds: from a quick answer to a call that used up its time. */
export const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** A registry with what is true of each process. */
export function openRegistry(): Registry {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'Start of the process, in seconds since the epoch.',
    registers
  }).set(Math.round(Date.now() / 1000 - process.uptime()))
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the process.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    }
  })
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process, its own and the kernel’s for it.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    }
  })
  return registry
}

/**
 * Words that come from elsewhere (reasons, routes), as labels: of a plain form, and never more than so many different ones.
 * Every other one is `other`, so that nobody can fill the memory of whoever counts.
 */
export function bounded(most: number, form: RegExp): (word: string | null) => string {
  const known = new Set<string>()
  return (word) => {
    if (word === null || !form.test(word)) return 'other'
    if (!known.has(word) && known.size >= most) return 'other'
    known.add(word)
    return word
  }
}

/** Milliseconds for one scrape; a database that hangs must not hold scrapes up one behind the other. */
const PATIENCE = 8_000

/** The server, not yet listening. */
export function metricsServer(registry: Registry): Server {
  const server = createServer({ requestTimeout: 10_000, keepAliveTimeout: 65_000 }, (request, response) => {
    const path = request.url?.split('?')[0]
    if (path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD'))
      return void response.writeHead(404).end()
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(503).end()
    )
  })
  server.setTimeout(PATIENCE * 10)
  return server
}
