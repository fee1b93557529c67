/** What keeps the commands from being done, with the exit code by which scripts tell one from another. */
import { PorticoError } from 'portico/client'

/** 0 is done; 1: some of it was not. */
export const EXIT = {
  some_failed: 1,
  usage: 2,
  refused: 3,
  not_found: 4,
  away: 5,
  disk: 6
} as const
export type Cause = keyof typeof EXIT

export class CommandProblem extends Error {
  readonly exit: number
  readonly code: string

  constructor(cause: Cause, message: string, code: string = cause) {
    super(message)
    this.name = 'CommandProblem'
    this.exit = EXIT[cause]
    this.code = code
  }
}

const REFUSED: Record<number, string> = {
  401: 'The portal does not know this API key: it may have expired or been revoked.',
  403: 'This API key may not do that.'
}
const DISK = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EFBIG'])

/** Anything that was thrown, as what the command says of it. */
export function problemOf(error: unknown): CommandProblem {
  if (error instanceof CommandProblem) return error
  if (error instanceof PorticoError) {
    const { status, code, message } = error
    if (status === 401 || status === 403)
      return new CommandProblem('refused', `${REFUSED[status]} (${message})`, code)
    if (status === 404)
      return new CommandProblem('not_found', 'There is no such thing for this API key.', code)
    if (status >= 500 || status === 429)
      return new CommandProblem('away', `The portal cannot answer just now: ${message}`, code)
    return new CommandProblem('some_failed', message, code)
  }
  const code = codeOf(error)
  if (DISK.has(code)) return new CommandProblem('disk', messageOf(error), code)
  if (code === 'ENOENT') return new CommandProblem('usage', messageOf(error), code)
  if (error instanceof TypeError || code !== '')
    return new CommandProblem(
      'away',
      `The portal cannot be reached (${causeOf(error)}).`,
      code || 'unreachable'
    )
  return new CommandProblem('some_failed', messageOf(error), 'unknown')
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? '' : codeOf(error.cause)
}

const causeOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error ? causeOf(error.cause) : messageOf(error)
