/** What an operator's own tools are told of us: metrics at ports of their own, spans where a collector is named. */
import { sendSpans, serveMetrics } from '../observe/start.ts'
import { memoryOf } from './excess.ts'
import type { FunctionPool } from './functions.ts'
import { CannotStart, type Options } from './options.ts'

export type Watching = {
  /** Environment of the connector, which tells of itself. */
  connector: Record<string, string>
  stop: () => Promise<void>
}

/** @param kept ports that are the same at each start, for where none is named */
export async function startWatching(
  options: Options,
  kept: { metrics: number; connector_metrics: number },
  pool: FunctionPool,
  say: (line: string) => void
): Promise<Watching> {
  const { metrics, traced, otel } = options
  const stops: (() => Promise<void>)[] = []
  const stop = async () => void (await Promise.all(stops.map((one) => one())))
  if (traced > 0) stops.push(await sendSpans(traced, (message) => say(`Traces are not taken: ${message}`)))
  if (!metrics) return { connector: otel, stop }
  const { host, port } = metrics
  stops.push(await tellMetrics(host, port ?? kept.metrics, pool))
  const next = port === null ? kept.connector_metrics : port + 1
  return { connector: { ...otel, METRICS_HOST: host, METRICS_PORT: String(next) }, stop }
}

async function tellMetrics(host: string, port: number, pool: FunctionPool): Promise<() => Promise<void>> {
  return serveMetrics({ host, port }, async (registry) => {
    const { countCalls } = await import('../observe/calls.ts')
    countCalls(registry, true, { list: () => pool.list(), memory: memoryOf })
  }).catch((cause: unknown) => {
    throw new CannotStart(`Metrics cannot be told at ${host}:${port}: choose another METRICS_PORT, or off.`, {
      cause
    })
  })
}
