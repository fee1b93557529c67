/** Which language an answer is in: the person's own, else the cookie's, else the browser's first that we speak. */
import type { RequestEvent } from '@sveltejs/kit'
import type { Locale } from '#lib/contract.ts'
import { baseLocale, cookieName, extractLocaleFromHeader, isLocale } from '#lib/paraglide/runtime.js'
import { paraglideMiddleware } from '#lib/paraglide/server.js'

const YEAR = 365 * 24 * 60 * 60

/** Decides, and keeps the cookie in step: the browser's code reads its language from there. */
export function chooseLocale(event: RequestEvent): Locale {
  const cookie = event.cookies.get(cookieName)
  const known = event.locals.session?.person.locale ?? (isLocale(cookie) ? cookie : undefined)
  const locale = known ?? extractLocaleFromHeader(event.request) ?? baseLocale
  if (cookie !== locale) keepLocale(event, locale)
  return locale
}

/** Read by scripts, so not HttpOnly; it holds nothing but the language. */
export function keepLocale(event: RequestEvent, locale: Locale): void {
  const secure = event.url.protocol === 'https:'
  event.cookies.set(cookieName, locale, { path: '/', maxAge: YEAR, sameSite: 'lax', httpOnly: false, secure })
}

/** Runs with this language for every message of the request. */
export function inLocale(
  event: RequestEvent,
  locale: Locale,
  run: () => Promise<Response>
): Promise<Response> {
  const request = new Request(event.url, { headers: { cookie: `${cookieName}=${locale}` } })
  return paraglideMiddleware(request, run)
}
