/** An answer of the portal that is no success. */
export class CallError extends Error {
  /** 0: there was no answer. */
  readonly status: number
  readonly code: string
  /** Fields of the request that were wrong, as the problem names them ("files.3.name"). */
  readonly fields: string[]

  constructor(status: number, code: string, detail: string, fields: string[] = []) {
    super(detail)
    this.name = 'CallError'
    this.status = status
    this.code = code
    this.fields = fields
  }
}

/** Whether the same call may succeed later, unchanged. */
export const passes = (error: unknown): boolean =>
  error instanceof CallError && (error.status === 0 || error.status === 429 || error.status >= 500)

export const isSignedOut = (error: unknown): boolean => error instanceof CallError && error.status === 401
