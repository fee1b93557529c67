/**
 * The runner in routing mode, where each function is a container of its own: the edge, and a gateway that passes
 * /function/NAME on to the container's address instead of starting a process. TLS ends before it.
 */
import { Agent, type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { z } from 'zod'
import { createEdge } from '../edge/edge.ts'
import { createMachineDoor } from '../edge/machines.ts'
import { watchFunction } from '../observe/seen.ts'
import { sendSpans, serveMetrics } from '../observe/start.ts'
import { type Outcome, endToEnd, forward } from '../runner/forward.ts'
import { close, listen } from '../runner/listen.ts'
import { type FunctionSpec, readStack } from '../runner/stack.ts'

const CALL = /^\/function\/([a-z][a-z0-9-]*)(\/[^?]*)?(\?.*)?$/
/** Milliseconds that a function's own time limit gets before the gateway's. */
const GRACE = 1_000

/** @param address where a function is, by its name: `http://{name}:8080` */
export function createRouter(specs: FunctionSpec[], address: (name: string) => URL): Server {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 30_000 })
  const limits = new Map(specs.map((spec) => [spec.name, spec.exec_timeout * 1000 + GRACE]))
  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/healthz') return plain(response, 200, 'OK')
    const [, name = '', path = '/', query = ''] = CALL.exec(request.url ?? '') ?? []
    const patience = limits.get(name)
    if (patience === undefined) return plain(response, 404, 'no such function')
    const at = address(name)
    const call = watchFunction(request, response, name, path)
    // The name by which it is addressed is what Knative routes by; what the person typed is the edge's business.
    const headers = endToEnd(request.rawHeaders, (header) => header === 'host' || call.isReplaced(header))
    const outcome = await forward(request, response, {
      host: at.hostname,
      port: Number(at.port || 80),
      agent,
      method: request.method ?? 'GET',
      path: path + query,
      headers: ['Host', at.host, ...headers, ...call.headers],
      patience,
      answer: (from) => {
        call.answered(from)
        return endToEnd(from.rawHeaders)
      }
    })
    if (!response.headersSent && outcome !== 'left') unreached(response, outcome)
  }
  return createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 }, (request, response) => {
    void route(request, response).catch(() => plain(response, 500, 'internal error'))
  }).on('close', () => agent.destroy())
}

function unreached(response: ServerResponse, outcome: Outcome): void {
  response.setHeader('retry-after', '1')
  if (outcome === 'late') return plain(response, 504, 'the function took too long')
  if (outcome === 'died') return plain(response, 502, 'the function died')
  plain(response, 503, 'the function is not there')
}

function plain(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

const Environment = z.object({
  ORIGIN: z.url({ protocol: /^https$/ }),
  FUNCTION_URL: z.string().default('http://{name}:8080'),
  WEB_URL: z.url().default('http://web:3000'),
  STORE_URL: z.url().default('http://store:9000'),
  /** Set where OpenFaaS's own gateway routes: then there is none here. */
  GATEWAY_URL: z.string().default(''),
  TRUSTED_PROXIES: z.string().default(''),
  EDGE_PORT: z.coerce.number().default(8480),
  GATEWAY_PORT: z.coerce.number().default(8080),
  /** The door for S3 tools is open where it has an address (docs/guide/s3.md). */
  S3_TOOLS_ORIGIN: z
    .url({ protocol: /^https$/ })
    .or(z.literal(''))
    .default(''),
  S3_TOOLS_PORT: z.coerce.number().default(8481),
  /** Who in front of us makes `traceparent` itself, and lets none through from outside. */
  TRUST_TRACEPARENT: z.enum(['true', 'false']).default('false')
})

/** Milliseconds for requests under way when it is asked to end. */
const DRAIN = 10_000

async function main(): Promise<void> {
  const env = Environment.parse(process.env)
  const { config, secret } = await import('../../functions/_shared/config.ts')
  const { log } = await import('../../functions/_shared/log.ts')
  const specs = readStack(new URL('../../stack.yml', import.meta.url), {})
  const servers: Server[] = []
  if (env.GATEWAY_URL === '') {
    const router = createRouter(specs, (name) => new URL(env.FUNCTION_URL.replace('{name}', name)))
    await listen(router, env.GATEWAY_PORT, '0.0.0.0')
    servers.push(router)
  }
  const edge = createEdge({
    origin: env.ORIGIN.replace(/\/$/, ''),
    gateway: env.GATEWAY_URL || `http://127.0.0.1:${env.GATEWAY_PORT}`,
    store: env.STORE_URL,
    web: env.WEB_URL,
    edge_token: secret('edge-token'),
    is_public: (name) => specs.some((spec) => spec.name === name && spec.is_public),
    proxies: env.TRUSTED_PROXIES.split(/[\s,]+/).filter((address) => address !== ''),
    trusts_traceparent: env.TRUST_TRACEPARENT === 'true',
    openapi: new URL('../../docs/openapi.json', import.meta.url)
  })
  await listen(edge, env.EDGE_PORT, '0.0.0.0')
  servers.unshift(edge)
  if (env.S3_TOOLS_ORIGIN !== '') {
    const door = createMachineDoor({ store: env.STORE_URL })
    await listen(door, env.S3_TOOLS_PORT, '0.0.0.0')
    servers.unshift(door)
  }
  const stopMetrics =
    config.metrics &&
    (await serveMetrics(config.metrics, async (registry) => {
      const { countCalls } = await import('../observe/calls.ts')
      countCalls(registry, env.GATEWAY_URL === '')
    }))
  const stopSpans =
    config.traced > 0
      ? await sendSpans(config.traced, (message) => log.warn('spans_not_taken', { message }))
      : null
  process.on('SIGTERM', () => {
    void Promise.all([...servers.map((server) => close(server, DRAIN)), stopMetrics?.(), stopSpans?.()]).then(
      () => process.exit(0)
    )
  })
}

if (import.meta.main) await main()
