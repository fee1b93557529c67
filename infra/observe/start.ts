/** Begins to serve metrics, where somebody wants them: only then is anything of it loaded. */
import { close } from '../runner/listen.ts'
import type { Registry } from './metrics.ts'
import { sampling } from './seen.ts'

export type MetricsAddress = { host: string; port: number }

/** Milliseconds for a scrape under way at the end. */
const DRAIN = 500

/**
 * @param fill with what this process has to say
 * @returns ends it. Throws when the port is taken
 */
export async function serveMetrics(
  at: MetricsAddress,
  fill: (registry: Registry) => void | Promise<void>
): Promise<() => Promise<void>> {
  const { metricsServer, openRegistry } = await import('./metrics.ts')
  const registry = openRegistry()
  await fill(registry)
  const server = metricsServer(registry)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, resolve)
  })
  return () => close(server, DRAIN)
}

/**
 * Begins to send spans to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names.
 *
 * @param ratio the part of requests that are followed, from 0 to 1
 * @returns sends what is left, and ends it
 */
export async function sendSpans(
  ratio: number,
  warn: (message: string) => void
): Promise<() => Promise<void>> {
  const { collect } = await import('./spans.ts')
  const stop = collect(warn)
  sampling.ratio = ratio
  return async () => {
    sampling.ratio = 0
    await stop()
  }
}
