/** What there is to be measured, told by those who see it. Nobody need listen: then telling costs nothing. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Trace, readTraceparent, traceHeaders, traceOf } from '../../functions/_shared/trace.ts'

/** A request that was answered, or not. */
export type CallSeen = {
  /** Who saw it: `edge` what comes from outside, `gateway` each call of a function. */
  by: 'edge' | 'gateway'
  /** The function, or `web`, `store`. */
  function: string
  method: string
  /** The route's template; null: it did not say. */
  route: string | null
  /** Of the answer; 499 when whoever asked went away. */
  status: number
  /** Epoch milliseconds at its begin and its end; a stream of events ends where it begins to flow. */
  from: number
  to: number
  stream: boolean
  trace: Trace
  /** The step that called; null: nothing came before. */
  parent: Trace | null
}

/** A claim of a job that has come to an end. */
export type JobSeen = {
  kind: string
  /** The function that was called; `connector` where none was needed. */
  function: string
  outcome: 'done' | 'continue' | 'retry' | 'failed' | 'refused' | 'dead' | 'lost'
  /** Why, where it did not go well. */
  cause: string | null
  from: number
  to: number
  /** Milliseconds from what it is about (the store's event, or else the row) until now, for jobs that make a record of it. */
  lag: number | null
  trace: Trace
  parent: Trace | null
}

function telling<T>() {
  const listeners = new Set<(seen: T) => void>()
  return {
    tell: (seen: T): void => {
      for (const listener of listeners) listener(seen)
    },
    listen: (listener: (seen: T) => void): (() => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  }
}

export const calls = telling<CallSeen>()
export const jobs = telling<JobSeen>()
export const claims = telling<{ kind: string; count: number }>()

/** A function's own word about the route that it chose; nothing else of an answer gets into labels. */
const ROUTE = /^\/[\w/{}.*-]{0,119}$/
/** Headers of answers that are for us, and end at the edge. */
export const isForUs = (name: string): boolean => name === 'x-portico-route' || name === 'traceresponse'

/** `quiet`: nobody is told of it, because nobody asked for anything (health, waking). */
type Watched = Pick<CallSeen, 'by' | 'function' | 'method' | 'trace' | 'parent'> & { quiet?: boolean }

/** Follows one exchange to its end, however it ends. `answered` is to be told when the answer begins. */
export function watchCall(response: ServerResponse, call: Watched) {
  const from = Date.now()
  const { quiet: _, ...said } = call
  const seen: CallSeen = { ...said, route: null, status: 0, from, to: 0, stream: false }
  response.once('close', () => {
    // 499, as servers write it, where whoever asked did not wait.
    seen.status = response.headersSent ? response.statusCode : 499
    seen.to ||= Date.now()
    if (!call.quiet) calls.tell(seen)
  })
  return {
    trace: call.trace,
    answered: (answer: IncomingMessage): void => {
      const route = answer.headers['x-portico-route']
      if (typeof route === 'string' && ROUTE.test(route)) seen.route = route
      // An event of the store has no caller to tell us; what it is about may have one (intake).
      const about = readTraceparent(answer.headers.traceresponse?.toString())
      if (about && !seen.parent) {
        seen.parent = about
        seen.trace = { ...seen.trace, trace_id: about.trace_id, sampled: about.sampled }
      }
      if (answer.headers['content-type']?.startsWith('text/event-stream')) {
        seen.stream = true
        seen.to = Date.now()
      }
    }
  }
}

/** The part of requests that spans are collected of; spans.ts sets it where somebody collects. */
export const sampling = { ratio: 0 }
export const isSampled = (): boolean => sampling.ratio > 0 && Math.random() < sampling.ratio

/** Follows a call that goes to a function; `headers` are its own words to that, in the place of what the caller said. */
export function watchFunction(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  path: string
) {
  const { trace, parent } = traceOf(
    request.headers.traceparent?.toString(),
    request.headers['x-call-id']?.toString(),
    isSampled()
  )
  const method = request.method ?? 'GET'
  return {
    ...watchCall(response, {
      by: 'gateway',
      function: name,
      method,
      trace,
      parent,
      quiet: path.startsWith('/_/')
    }),
    isReplaced: (header: string): boolean => header === 'traceparent' || header === 'x-call-id',
    headers: Object.entries(traceHeaders(trace)).flat()
  }
}
