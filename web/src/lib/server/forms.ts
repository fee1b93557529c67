/** Forms: what was typed comes back with every error. */
import { type ActionFailure, fail } from '@sveltejs/kit'
import type { Failed, Trouble } from '#lib/problem.ts'

/** The form's text fields. Files are none of the web's business. */
export function typedIn(data: FormData): Record<string, string> {
  return Object.fromEntries(
    [...data].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  )
}

const SECRET = new Set(['password', 'current', 'secret', 'code', 'client_secret'])

/** The answer of an action that failed: the problem, and what was typed but for what is secret. */
export function failed(problem: Trouble, typed: Record<string, string>, form = ''): ActionFailure<Failed> {
  const kept = Object.fromEntries(Object.entries(typed).filter(([name]) => !SECRET.has(name)))
  return fail(problem.status >= 400 ? problem.status : 500, { form, problem, typed: kept })
}

/** Empty text means that nothing was said. */
export const orNull = (text: string | undefined): string | null => text?.trim() || null
