/** Which language an answer is in: the person's own, else the cookie's, else the browser's first that we speak. */
import { ORIGIN } from '$app/env/private'
import type { RequestEvent } from '@sveltejs/kit'
import type { Locale } from '#lib/contract.ts'
import { baseLocale, extractLocaleFromHeader, isLocale } from '#lib/paraglide/runtime.js'
import { paraglideMiddleware } from '#lib/paraglide/server.js'

const YEAR = 365 * 24 * 60 * 60
/** As the session's (docs/decisions/cookie-name.md). */
const SECURE = ORIGIN.startsWith('https:')
const COOKIE = SECURE ? '__Host-language' : 'language'

/** Decides, and keeps the cookie in step: the sign-in page speaks as the portal did last. */
export function chooseLocale(event: RequestEvent): Locale {
  const cookie = event.cookies.get(COOKIE)
  const known = event.locals.session?.person.locale ?? (isLocale(cookie) ? cookie : undefined)
  const locale = known ?? extractLocaleFromHeader(event.request) ?? baseLocale
  if (cookie !== locale) keepLocale(event, locale)
  return locale
}

export function keepLocale(event: RequestEvent, locale: Locale): void {
  event.cookies.set(COOKIE, locale, {
    path: '/',
    maxAge: YEAR,
    sameSite: 'lax',
    httpOnly: true,
    secure: SECURE
  })
}

/** Runs with this language for every message of the request. */
export function inLocale(
  event: RequestEvent,
  locale: Locale,
  run: () => Promise<Response>
): Promise<Response> {
  const request = new Request(event.url, { headers: { 'accept-language': locale } })
  return paraglideMiddleware(request, run)
}
