/** Counts requests and calls of functions, in the process that has edge and gateway. */
import { BUCKETS, Counter, Gauge, Histogram, type Registry, bounded } from './metrics.ts'
import { type CallSeen, calls } from './seen.ts'

/** All functions and the web have about 350 routes. */
const ROUTES = 600
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const NAME = /^[a-z][a-z0-9-]*$/

/** A process of a function, where this process starts them. */
export type FunctionNow = { name: string; pid: number | null }

/**
 * @param has_gateway calls of functions pass through here; else the edge is all that sees what people ask of them
 * @param functions those that this process runs; left out where others do
 */
export function countCalls(
  registry: Registry,
  has_gateway: boolean,
  functions?: { list: () => FunctionNow[]; memory: (pid: number) => number }
): () => void {
  const registers = [registry]
  const total = new Counter({
    name: 'portico_http_requests_total',
    help: 'Requests answered, by function (or web, store), method, route template and class of status.',
    labelNames: ['function', 'method', 'route', 'status'] as const,
    registers
  })
  const duration = new Histogram({
    name: 'portico_http_request_duration_seconds',
    help: 'From a request to the end of its answer. Streams of events are not timed.',
    labelNames: ['function', 'method', 'route'] as const,
    buckets: BUCKETS,
    registers
  })
  if (functions) tellFunctions(registry, functions)
  const routeOf = bounded(ROUTES, /^/)
  return calls.listen((seen: CallSeen) => {
    const isOfFunction = seen.function !== 'web' && seen.function !== 'store'
    if (seen.by === 'edge' && isOfFunction && has_gateway) return
    const labels = {
      function: NAME.test(seen.function) ? seen.function : 'other',
      method: METHODS.has(seen.method) ? seen.method : 'other',
      route: routeOf(seen.route)
    }
    total.inc({ ...labels, status: `${Math.floor(seen.status / 100)}xx` })
    if (!seen.stream) duration.observe(labels, (seen.to - seen.from) / 1000)
  })
}

function tellFunctions(
  registry: Registry,
  functions: { list: () => FunctionNow[]; memory: (pid: number) => number }
): void {
  const registers = [registry]
  const labelNames = ['function'] as const
  new Gauge({
    name: 'portico_function_running',
    help: 'Whether the function’s process runs; it starts at its first call.',
    labelNames,
    registers,
    collect() {
      for (const { name, pid } of functions.list()) this.set({ function: name }, pid === null ? 0 : 1)
    }
  })
  new Gauge({
    name: 'portico_function_memory_bytes',
    help: 'Memory that the function’s process holds for itself alone, as its limit counts it.',
    labelNames,
    registers,
    collect() {
      this.reset()
      for (const { name, pid } of functions.list())
        if (pid !== null) this.set({ function: name }, functions.memory(pid))
    }
  })
}
