/** `given` when it is a path of ours, never another site (`//evil.example` and the like); else the start page. */
export function ownPath(given: FormDataEntryValue | null): string {
  if (typeof given !== 'string' || !given.startsWith('/')) return '/'
  const url = URL.parse(given, 'http://portal.invalid')
  // "/.//evil.example" is a path of ours to URL, and another site once it stands alone.
  if (url?.origin !== 'http://portal.invalid' || url.pathname.startsWith('//')) return '/'
  return url.pathname + url.search
}

/** Where a person goes on to after signing in: not to the door again. */
export function safeNext(given: FormDataEntryValue | null): string {
  const path = ownPath(given)
  return /^\/(sign-in|second-factor)([/?]|$)/.test(path) ? '/' : path
}

/** `page` with the place that comes after it. */
export const withNext = (page: string, next: string): string =>
  next === '/' ? page : `${page}?next=${encodeURIComponent(next)}`
