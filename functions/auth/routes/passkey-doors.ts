/** Passkeys at the doors: instead of address and password, or after them in the code's place. */
import { createRoute } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { randomBytes } from 'node:crypto'
import { CHALLENGE_MINUTES, askForKnown, passkeysPossible } from '../../_shared/auth/webauthn.ts'
import { config } from '../../_shared/config.ts'
import { PasskeyOptions, ShownPasskey } from '../../_shared/contract/factor.ts'
import { SignedIn } from '../../_shared/contract/person.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { addressKey, isLimited } from '../../_shared/limits.ts'
import { Problem } from '../../_shared/problem.ts'
import { database, limits } from '../database.ts'
import { recordFailure } from '../failures.ts'
import { type Checked, checkPasskey } from '../passkey-check.ts'
import { giveChallenge, knownPasskeys, usePasskey } from '../passkeys.ts'
import { forgetTries, refuseFactor, requireHalfIn, spendTries } from '../second-factor.ts'
import { startSession } from '../session.ts'

/** Ties a challenge to the browser that asked for it, while nobody is signed in there yet. Opens nothing by itself. */
const DOOR_COOKIE = config.secure ? '__Host-portico-door' : 'portico-door'

const ask = createRoute({
  method: 'post',
  path: '/passkeys/sign-in/options',
  summary: 'What the browser is to ask any authenticator; good once, for five minutes, in this browser',
  responses: { 200: json(PasskeyOptions), ...problems }
})
const signIn = createRoute({
  method: 'post',
  path: '/passkeys/sign-in',
  summary: 'Sign in with a passkey alone: it is both factors; the session is complete',
  request: jsonBody(ShownPasskey),
  responses: { 200: json(SignedIn), ...problems }
})
const askSecond = createRoute({
  method: 'post',
  path: '/second-factor/passkey/options',
  summary: "What the browser is to ask one of the person's authenticators; good once, for five minutes",
  responses: { 200: json(PasskeyOptions), ...problems }
})
const second = createRoute({
  method: 'post',
  path: '/second-factor/passkey',
  summary: 'Show a passkey after the password; the session is complete',
  request: jsonBody(ShownPasskey),
  responses: { 200: json(SignedIn), ...problems }
})

export function passkeyDoorRoutes(app: Api): void {
  app.openapi(ask, async (c) => {
    if (!passkeysPossible) throw new Problem('conflict', 'Passkeys need an address with a name.')
    await limits.spend([{ limit: 'passkey_ask', key: addressKey(clientAddress(c)) }])
    const options = await askForKnown(null)
    await giveChallenge(database.pool, options.challenge, 'sign_in', doorCookie(c))
    return c.json({ options: { ...options } }, 200)
  })

  app.openapi(signIn, async (c) => {
    const wide = { limit: 'sign_in_address', key: addressKey(clientAddress(c)) } as const
    await limits.spend([wide]).catch(async (error: unknown) => {
      if (isLimited(error)) await recordFailure(c, 'limited', null)
      throw error
    })
    const { credential } = c.req.valid('json')
    const checked = await checkPasskey(credential, 'sign_in', getCookie(c, DOOR_COOKIE) ?? '')
    const setSession = checked && (await enter(c, checked))
    if (!setSession) {
      await recordFailure(c, 'passkey', checked?.person_id ?? null)
      throw new Problem('passkey_failed', 'This passkey opens nothing here.')
    }
    await limits.giveBack([wide])
    setSession()
    return c.json({ next: 'done' } as const, 200)
  })

  app.openapi(askSecond, async (c) => {
    const caller = await requireHalfIn(c)
    const known = await knownPasskeys(database.pool, caller.id)
    if (known.length === 0) throw new Problem('conflict', 'There is no passkey.')
    const options = await askForKnown(known)
    await giveChallenge(database.pool, options.challenge, 'second_factor', caller.session_id)
    return c.json({ options: { ...options } }, 200)
  })

  app.openapi(second, async (c) => {
    const caller = await requireHalfIn(c)
    await spendTries(c, caller)
    const { credential } = c.req.valid('json')
    const checked = await checkPasskey(credential, 'second_factor', caller.session_id, caller.id)
    const setSession = checked && (await enter(c, checked))
    if (!setSession) return refuseFactor(c, caller, 'passkey_failed')
    await forgetTries(c, caller)
    setSession()
    return c.json({ next: 'done' } as const, 200)
  })
}

/** The new session's cookie; null when the same answer was faster elsewhere. */
const enter = (c: Context, checked: Checked): Promise<(() => void) | null> =>
  database.transaction([], async (session, acts) =>
    (await usePasskey(session, checked.id, checked.counter))
      ? startSession(session, acts, c, checked.person_id, 2)
      : null
  )

/** The browser's own token, made when it has none; it lives as long as a challenge. */
function doorCookie(c: Context): string {
  const token = getCookie(c, DOOR_COOKIE) ?? randomBytes(32).toString('base64url')
  setCookie(c, DOOR_COOKIE, token, {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    secure: config.secure,
    maxAge: CHALLENGE_MINUTES * 60
  })
  return token
}
