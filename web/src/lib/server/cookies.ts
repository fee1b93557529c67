/** Passes cookies that a function set on to the browser: SvelteKit wants them one by one, not as a header. */
import type { Cookies } from '@sveltejs/kit'

type Options = NonNullable<Parameters<Cookies['set']>[2]>

const SAME_SITE = { strict: 'strict', lax: 'lax', none: 'none' } as const

/** RFC 6265 section 4.1.1. Attributes that we do not know are dropped. */
export function passCookies(headers: Headers, cookies: Cookies): void {
  for (const line of headers.getSetCookie()) {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const at = pair.indexOf('=')
    if (at < 1) continue
    const options: Options = { path: '/', httpOnly: false, secure: false, encode: (value) => value }
    for (const attribute of attributes) apply(options, attribute)
    cookies.set(pair.slice(0, at), pair.slice(at + 1), options)
  }
}

function apply(options: Options, attribute: string): void {
  const [name = '', value = ''] = attribute.split('=', 2)
  if (/^httponly$/i.test(name)) options.httpOnly = true
  else if (/^secure$/i.test(name)) options.secure = true
  else if (/^path$/i.test(name)) options.path = value
  else if (/^max-age$/i.test(name)) options.maxAge = Number(value)
  else if (/^expires$/i.test(name)) options.expires = new Date(value)
  else if (/^samesite$/i.test(name))
    options.sameSite = SAME_SITE[value.toLowerCase() as keyof typeof SAME_SITE] ?? 'lax'
}
