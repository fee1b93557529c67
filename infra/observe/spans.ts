/**
 * Spans for OpenTelemetry by OTLP over HTTP (JSON). They are written down when all is over, with the ids that travelled
 * along: nothing of this is needed in the functions. Loaded only where a collector is named (start.ts); where that is, and
 * what it asks for, the exporter reads from OTEL_EXPORTER_OTLP_… itself, as everywhere.
 */
import {
  type Attributes,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  TraceFlags,
  diag,
  trace as api
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes
} from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Trace } from '../../functions/_shared/trace.ts'
import { type CallSeen, type JobSeen, calls, jobs } from './seen.ts'

/** Milliseconds: how long spans are gathered, and between two complaints about a collector. */
const GATHER = 1_000
const COMPLAIN = 60_000

type Told = {
  service: string
  name: string
  kind: SpanKind
  attributes: Attributes
  failed: boolean
  from: number
  to: number
  trace: Trace
  parent: Trace | null
}

/**
 * Sends spans of what is seen until it is ended.
 *
 * @param warn is told, once a minute at most, that the collector does not take them; they are lost then
 */
export function collect(warn: (message: string) => void): () => Promise<void> {
  complainTo(warn)
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    scheduledDelayMillis: GATHER
  })
  const given = detectResources({ detectors: [resourceAttributesEnvDetector] })
  // The id of a step was given when it began: the SDK asks for it at the moment at which its span is made.
  let next: Trace | undefined
  const idGenerator = {
    generateTraceId: () => next?.trace_id ?? '',
    generateSpanId: () => next?.span_id ?? ''
  }
  const tracers = new Map<string, Tracer>()
  const tracerOf = (service: string): Tracer => {
    const known = tracers.get(service)
    if (known) return known
    const resource = resourceFromAttributes({ 'service.namespace': 'portico' })
      .merge(given)
      .merge(resourceFromAttributes({ 'service.name': `portico-${service}` }))
    const provider = new TracerProvider({ resource, idGenerator, spanProcessors: [processor] })
    const tracer = provider.getTracer('portico')
    tracers.set(service, tracer)
    return tracer
  }
  const write = (told: Told): void => {
    const { trace, parent } = told
    if (!trace.sampled) return
    next = trace
    const context = parent ? api.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : ROOT_CONTEXT
    const span: Span = tracerOf(told.service).startSpan(
      told.name,
      { kind: told.kind, startTime: told.from, attributes: told.attributes },
      context
    )
    if (told.failed) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(told.to)
  }
  const stops = [calls.listen((seen) => write(ofCall(seen))), jobs.listen((seen) => write(ofJob(seen)))]
  return async () => {
    for (const stop of stops) stop()
    await processor.shutdown().catch(() => undefined)
  }
}

const contextOf = ({ trace_id, span_id }: Trace) => ({
  traceId: trace_id,
  spanId: span_id,
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true
})

function ofCall(seen: CallSeen): Told {
  const { method, status, from, to, trace, parent } = seen
  const isStoreEvent = seen.by === 'gateway' && seen.function === 'intake'
  const isApi = seen.by === 'edge' && seen.function !== 'web' && seen.function !== 'store'
  const route = seen.route && (isApi ? `/api/v1/${seen.function}${seen.route}` : seen.route)
  return {
    service: seen.by === 'edge' ? 'edge' : seen.function,
    name: isStoreEvent ? 'store event' : `${method} ${route ?? seen.function}`,
    kind: isStoreEvent ? SpanKind.CONSUMER : SpanKind.SERVER,
    attributes: {
      'http.request.method': method,
      'http.response.status_code': status,
      'portico.part': seen.function,
      ...(route && { 'http.route': route })
    },
    failed: status >= 500,
    from,
    to,
    trace,
    parent
  }
}

/** Of a reason only what is a code: functions that read strangers' bytes may answer anything. */
const CODE = /^[a-z][a-z0-9_]{0,39}$/i

function ofJob({ kind, outcome, cause, from, to, trace, parent, ...seen }: JobSeen): Told {
  return {
    service: 'connector',
    name: `job ${kind}`,
    kind: SpanKind.CONSUMER,
    attributes: {
      'portico.job.kind': kind,
      'portico.job.outcome': outcome,
      'portico.job.function': seen.function,
      ...(cause && CODE.test(cause) && { 'portico.job.cause': cause })
    },
    failed: outcome === 'failed' || outcome === 'dead',
    from,
    to,
    trace,
    parent
  }
}

/** The exporter tries again by itself; when it gives up somebody should know, and not with each span. */
function complainTo(warn: (message: string) => void): void {
  let last = 0
  const complain = (message: string): void => {
    if (Date.now() - last < COMPLAIN) return
    last = Date.now()
    warn(message.slice(0, 300))
  }
  const nothing = () => undefined
  const logger = { error: complain, warn: complain, info: nothing, debug: nothing, verbose: nothing }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}
