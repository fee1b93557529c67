/** Where a signed-in person goes on to: a path of ours, never another site (`//evil.example` and the like). */
export function safeNext(given: string | null): string {
  if (!given?.startsWith('/')) return '/'
  const url = new URL(given, 'http://portal.invalid')
  const ours = url.origin === 'http://portal.invalid'
  return ours && !/^\/(sign-in|second-factor)(\/|$)/.test(url.pathname) ? url.pathname + url.search : '/'
}
