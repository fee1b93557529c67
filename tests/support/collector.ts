/** A collector of spans: OTLP over HTTP with JSON, as OpenTelemetry's exporters send it. Nothing but HTTP and JSON. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

const Attributes = z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
const Batch = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z.string().optional(),
              name: z.string(),
              startTimeUnixNano: z.coerce.bigint(),
              endTimeUnixNano: z.coerce.bigint(),
              attributes: Attributes.default([])
            })
          )
        })
      )
    })
  )
})

export type CollectedSpan = {
  service: string
  name: string
  trace: string
  id: string
  parent: string | null
  attributes: Record<string, unknown>
}

export type Collector = {
  url: string
  spans: CollectedSpan[]
  /** As it came, for whoever looks for what must not be in it. */
  text: () => string
  stop: () => void
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = []
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString('utf8')
    if (request.url !== '/v1/traces') return void response.writeHead(404).end()
    bodies.push(body)
    for (const { resource, scopeSpans } of Batch.parse(JSON.parse(body)).resourceSpans)
      for (const span of scopeSpans.flatMap((scope) => scope.spans))
        spans.push({
          service: String(valuesOf(resource.attributes)['service.name']),
          name: span.name,
          trace: span.traceId,
          id: span.spanId,
          parent: span.parentSpanId || null,
          attributes: valuesOf(span.attributes)
        })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    text: () => bodies.join('\n'),
    stop: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

const valuesOf = (attributes: z.infer<typeof Attributes>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
