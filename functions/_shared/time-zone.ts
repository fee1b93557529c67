import { Problem } from './problem.ts'

/** Throws invalid_request on a name that this machine's IANA data does not have. */
export function requireTimeZone(name: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch (cause) {
    throw new Problem('invalid_request', 'There is no such time zone.', {
      cause,
      errors: [{ field: 'time_zone', code: 'unknown', detail: 'There is no such time zone.' }]
    })
  }
}
