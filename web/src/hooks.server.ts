import { building } from '$app/env'
import { ORIGIN } from '$app/env/private'
import { type RequestEvent, error, redirect } from '@sveltejs/kit'
import type { Handle, HandleServerError, ServerInit } from '@sveltejs/kit/hooks'
import { randomUUID } from 'node:crypto'
import { SessionInfo } from '#lib/contract.ts'
import { isOpenHelp } from '#lib/help/topics.ts'
import { problemText } from '#lib/problem.ts'
import { clientAddress, isFromEdge } from '#lib/server/client-address.ts'
import { type Answer, door, send } from '#lib/server/gateway.ts'
import { chooseLocale, inLocale } from '#lib/server/locale.ts'
import { withFragment } from '#lib/secret-in.ts'
import { safeNext } from '#lib/server/next.ts'
import { secret } from '#lib/server/secret.ts'

const SESSION_COOKIE = ORIGIN.startsWith('https:') ? '__Host-portico' : 'portico'

/** Pages for people who are not signed in. */
const OPEN =
  /^\/(sign-in|forgot|reset|email-undo|l|imprint|privacy|invitation|setup|unsubscribe|language)(\/|$)/

/** app.html's script keeps what is done until the framework runs. Pages without one (`csr = false`) send their forms themselves. */
const EARLY = /<script>\s*\/\/ What is pressed[^]*?<\/script>/
const FRAMEWORK = /<script nonce="[^"]*">\s*\{\s*__sveltekit_/

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Nothing has this id (RFC 9562 section 5.9). */
const NIL = '00000000-0000-0000-0000-000000000000'

/** A web without its secrets does not start. */
export const init: ServerInit = () => {
  if (building) return
  secret('edge-token')
  secret('db-web')
}

export const handle: Handle = async ({ event, resolve }) => {
  const meant = withFragment(event.url.pathname)
  if (meant) return new Response(null, { status: 303, headers: { location: meant } })
  // An id goes into the API's paths: "<id>/content" or "../../clock" would be another path. It finds nothing instead.
  if (event.params.id !== undefined && !UUID.test(event.params.id)) event.params.id = NIL
  event.locals.client_address = clientAddress(event)
  event.locals.passive = event.route.id === '/events' || event.request.headers.has('portico-passive')
  const found = await findSession(event)
  event.locals.session = found?.ok ? found.data : null
  event.locals.away = found && !found.ok && found.problem.status !== 401 ? found.problem : null
  const locale = chooseLocale(event)
  return inLocale(event, locale, async () => {
    if (event.route.id !== null) guard(event)
    const response = await resolve(event, {
      transformPageChunk: ({ html }) => {
        const page = html.replace('%lang%', locale)
        return FRAMEWORK.test(html) ? page : page.replace(EARLY, '')
      },
      preload: ({ type, path }) => type === 'js' || type === 'css' || path.includes('inter-latin-wght')
    })
    return withRoute(withSecurityHeaders(response), event.route.id)
  })
}

/** Null: no cookie, so nobody to ask about. */
async function findSession(event: RequestEvent): Promise<Answer<SessionInfo> | null> {
  if (!event.cookies.get(SESSION_COOKIE)) return null
  return send(event, 'GET', '/auth/session', undefined, SessionInfo)
}

/** Sends people to the door that they have still to pass. */
function guard(event: RequestEvent): void {
  const path = event.url.pathname
  const session = event.locals.session
  if (isOpenHelp(path)) return
  if (OPEN.test(path)) {
    if (path === '/sign-in' && session?.next === 'done')
      redirect(303, safeNext(event.url.searchParams.get('next')))
    return
  }
  // Nobody can say who this is. The layouts say so in words (lib/server/away.ts): an error from here would be bare.
  if (event.locals.away) return
  // News are no page: a browser that asks for them can do nothing with a door.
  if (event.route.id === '/events' && session?.next !== 'done')
    error(401, problemText({ code: 'not_signed_in' }))
  if (!session) redirect(303, door(event.url, 'not_signed_in'))
  if (path.startsWith('/second-factor')) return
  if (session.next !== 'done') redirect(303, door(event.url, 'second_factor_owed'))
}

/** What CSP (vite.config.ts) does not say. Pages show clients' affairs: no cache, no referrer for others, no foreign frame. */
function withSecurityHeaders(response: Response): Response {
  const headers = response.headers
  headers.set('x-content-type-options', 'nosniff')
  // Not no-referrer: with that browsers send `Origin: null` with forms, which then look like another site's.
  headers.set('referrer-policy', 'same-origin')
  headers.set('cross-origin-opener-policy', 'same-origin')
  headers.set('cross-origin-resource-policy', 'same-origin')
  headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()')
  headers.set('x-frame-options', 'DENY')
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  return response
}

/** For whoever measures (infra/observe): the template, not the address. Ends at the edge. */
function withRoute(response: Response, route: string | null): Response {
  const template = route?.replace(/\/\([^)]*\)/g, '').replace(/\[+(?:\.\.\.)?(\w+)[^\]]*\]+/g, '{$1}')
  if (template !== undefined) response.headers.set('x-portico-route', template || '/')
  return response
}

export const handleError: HandleServerError = ({ kind, error, event }) => {
  if (kind === 'app') return
  const status = kind === 'framework' ? error.status : 500
  if (status < 500)
    return { message: problemText({ code: status === 404 ? 'not_found' : 'invalid_request' }) }
  const call_id = (isFromEdge(event) && event.request.headers.get('x-call-id')) || randomUUID()
  const facts =
    error instanceof Error ? { error: error.name, message: error.message, at: error.stack } : { error }
  const line = { time: new Date().toISOString(), level: 'error', function: 'web', event: 'failed', call_id }
  process.stdout.write(`${JSON.stringify({ ...line, route: event.route.id, ...facts })}\n`)
  return { message: problemText({ code: 'internal' }), call_id }
}
