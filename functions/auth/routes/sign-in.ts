/** The first door: address and password. One message and one time, whether or not there is such an account. */
import { createRoute } from '@hono/zod-openapi'
import { emailKey } from '../../_shared/auth/email.ts'
import { passwordMatches } from '../../_shared/auth/password.ts'
import { SignIn, SignedIn } from '../../_shared/contract/person.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { type Try, addressKey, isLimited } from '../../_shared/limits.ts'
import { Problem } from '../../_shared/problem.ts'
import { database, limits } from '../database.ts'
import { deviceOf, isKnownDevice } from '../device.ts'
import { recordFailure } from '../failures.ts'
import { standsAlone } from '../../_shared/rules/password.ts'
import { findAccount, learnLength } from '../person.ts'
import { endSession, startWithPassword } from '../session.ts'

const signIn = createRoute({
  method: 'post',
  path: '/sign-in',
  summary: 'Show address and password; the second factor comes next',
  request: jsonBody(SignIn),
  responses: {
    200: json(SignedIn, 'What is owed next; until it is done the cookie is good for nothing else'),
    ...problems
  }
})

const signOut = createRoute({
  method: 'post',
  path: '/sign-out',
  summary: 'End this session',
  responses: { 204: { description: 'Signed out' }, ...problems }
})

export function signInRoutes(app: Api): void {
  app.openapi(signIn, async (c) => {
    const { email, password } = c.req.valid('json')
    const key = emailKey(email)
    const address = addressKey(clientAddress(c))
    const account = await findAccount(database.pool, key)
    const own = await isKnownDevice(database.pool, deviceOf(c), account?.id ?? null)
    const pair = { limit: 'sign_in_pair', key: `${key} ${address}` } as const
    const wide = [
      { limit: 'sign_in_address', key: address },
      { limit: 'sign_in_account', key },
      { limit: 'sign_in_all', key: '' }
    ] as const
    // In a browser that they got in with before nobody else's tries stand in an owner's way.
    const device = { limit: 'sign_in_device', key: `${key} ${deviceOf(c)?.toString('hex') ?? ''}` } as const
    const tries: Try[] = own ? [device] : [pair, ...wide]
    await limits.spend(tries).catch(async (error: unknown) => {
      if (isLimited(error)) await recordFailure(c, 'limited', null)
      throw error
    })

    const matches = await passwordMatches(account?.password_hash ?? null, password)
    if (!matches || !account?.password_opens) {
      await recordFailure(c, matches ? 'provider_only' : 'password', account?.id ?? null)
      throw new Problem('sign_in_failed', 'Address or password is wrong.')
    }

    await (own ? limits.forget([device]) : Promise.all([limits.forget([pair]), limits.giveBack([...wide])]))
    const { next, setCookie } = await database.transaction([], async (session, acts) => {
      if (!account.password_alone && account.password_hash !== null && standsAlone(password))
        await learnLength(session, account.id, account.password_hash)
      return startWithPassword(session, acts, c, account.id)
    })
    setCookie()
    return c.json({ next }, 200)
  })

  app.openapi(signOut, async (c) => {
    await database.transaction([], (session, acts) => endSession(session, acts, c))
    return c.body(null, 204)
  })
}
