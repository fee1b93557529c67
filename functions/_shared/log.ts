/** One JSON line per event. Never bodies, tokens, names or file names: ids only. */
import { config } from './config.ts'
import { callIdOf, currentTrace } from './trace.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof LEVELS)[number]

function write(level: Level, event: string, facts: Record<string, unknown>): void {
  if (LEVELS.indexOf(level) < LEVELS.indexOf(config.log_level)) return
  const trace = currentTrace()
  const line = { time: new Date().toISOString(), level, function: config.function, event }
  process.stdout.write(
    `${JSON.stringify({ ...line, ...(trace && { call_id: callIdOf(trace) }), ...facts })}\n`
  )
}

export const log = {
  debug: (event: string, facts: Record<string, unknown> = {}) => write('debug', event, facts),
  info: (event: string, facts: Record<string, unknown> = {}) => write('info', event, facts),
  warn: (event: string, facts: Record<string, unknown> = {}) => write('warn', event, facts),
  error: (event: string, facts: Record<string, unknown> = {}) => write('error', event, facts)
}

/** An error as the log may hold it: name, code, message and place; for errors of ours the cause as well. */
export function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: String(error) }
  const code = 'code' in error ? String(error.code) : undefined
  const at = error.stack
    ?.split('\n')
    .slice(1, 4)
    .map((line) => line.trim())
  return {
    error: error.name,
    code,
    message: error.message.slice(0, 300),
    at,
    cause: error.cause && errorFacts(error.cause)
  }
}
