/**
 * One id for everything that follows from a request: the trace id of W3C Trace Context. As `call_id` it stands in the log,
 * as `traceparent` it travels from part to part, and rows of jobs and uploads keep it where work goes on later.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes, randomUUID } from 'node:crypto'

/** `span_id` is the part of the work that calls; `sampled`: somebody collects spans of it. */
export type Trace = { trace_id: string; span_id: string; sampled: boolean }

const spanId = (): string => randomBytes(8).toString('hex')

/** A trace of its own, which nothing came before. */
export const newTrace = (sampled = false): Trace => ({
  trace_id: randomUUID().replaceAll('-', ''),
  span_id: spanId(),
  sampled
})

/** The next step of the same trace. */
export const nextStep = (trace: Trace): Trace => ({ ...trace, span_id: spanId() })

const PARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** What a `traceparent` says (W3C Trace Context, section 3.2); null when it says nothing that we can read. */
export function readTraceparent(header: string | null | undefined): Trace | null {
  const [, trace_id, span_id, flags] = PARENT.exec(header ?? '') ?? []
  if (!trace_id || !span_id || !flags) return null
  return { trace_id, span_id, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/**
 * The trace of a call by what came with it: its `traceparent`, or else the `X-Call-Id` that OpenFaaS's gateway gives.
 *
 * @returns the step that this call is, and the one that called; null: nothing came before
 */
export function traceOf(
  header: string | null | undefined,
  call_id: string | null | undefined,
  sampled = false
): { trace: Trace; parent: Trace | null } {
  const parent = readTraceparent(header)
  if (parent) return { trace: nextStep(parent), parent }
  const trace_id = (call_id ?? '').toLowerCase().replaceAll('-', '')
  const begun = newTrace(sampled)
  const isId = /^(?!0{32})[0-9a-f]{32}$/.test(trace_id)
  return { trace: isId ? { ...begun, trace_id } : begun, parent: null }
}

export const traceparent = ({ trace_id, span_id, sampled }: Trace): string =>
  `00-${trace_id}-${span_id}-${sampled ? '01' : '00'}`

/** The trace id as people meet it: in the log and on pages that say that something went wrong. */
export const callIdOf = ({ trace_id }: Trace): string =>
  trace_id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

const current = new AsyncLocalStorage<Trace>()

/** Runs `work` as a part of this trace. */
export const inTrace = <T>(trace: Trace, work: () => T): T => current.run(trace, work)

/** The trace that what runs now is a part of. */
export const currentTrace = (): Trace | undefined => current.getStore()

/** Headers that carry it on to another part of ours. */
export const traceHeaders = (trace = currentTrace()): Record<string, string> =>
  trace ? { traceparent: traceparent(trace), 'x-call-id': callIdOf(trace) } : {}
