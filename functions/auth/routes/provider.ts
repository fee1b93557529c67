/** The door of the firm's own accounts: to the provider and back. */
import { createRoute } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { type ProviderRow, readProvider } from '../../_shared/auth/identity-provider.ts'
import { ProviderError, claimsOf, discover, newVisitSecrets, visitUrl } from '../../_shared/auth/oidc.ts'
import { unseal } from '../../_shared/auth/sealed.ts'
import { findCaller } from '../../_shared/auth/session.ts'
import { BeginVisit, EndVisit, VisitBegun, VisitEnded } from '../../_shared/contract/provider.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { addressKey, isLimited } from '../../_shared/limits.ts'
import { log } from '../../_shared/log.ts'
import { Problem, type ProblemCode, notFound } from '../../_shared/problem.ts'
import { type Refusal, factorsOf } from '../../_shared/rules/provider.ts'
import { database, limits } from '../database.ts'
import { type Recognised, enter, identityOf, wantedClaims } from '../entry.ts'
import { recordFailure } from '../failures.ts'
import { factorKindsOf } from '../passkeys.ts'
import { proveSession, startSession } from '../session.ts'
import { type OpenVisit, beginVisit, takeVisit } from '../visit.ts'

const begin = createRoute({
  method: 'post',
  path: '/provider/begin',
  summary: "Begin to sign in at the firm's provider, or to show there again that it is you",
  request: jsonBody(BeginVisit),
  responses: {
    200: json(VisitBegun, 'Where the browser goes; good once, for ten minutes, in it'),
    ...problems
  }
})
const end = createRoute({
  method: 'post',
  path: '/provider/end',
  summary: 'Come back from the provider',
  request: jsonBody(EndVisit),
  responses: { 200: json(VisitEnded, 'What is owed next, and the page that was wanted'), ...problems }
})

/** Milliseconds that the provider's clock may be behind ours. */
const SKEW = 60_000

export function providerRoutes(app: Api): void {
  app.openapi(begin, async (c) => {
    await limits.spend([{ limit: 'provider_visit', key: addressKey(clientAddress(c)) }])
    const provider = await requireProvider()
    const { next, prove } = c.req.valid('json')
    const caller = prove ? await findCaller(c, database) : null
    if (prove && (!caller || caller.factors < 2)) throw new Problem('not_signed_in', 'Please sign in.')
    const secrets = await newVisitSecrets()
    const wish = {
      scopes: provider.scopes,
      acr_values: provider.factors === 'claims' ? provider.factor_values : [],
      again: prove
    }
    const url = await discover(provider.issuer)
      .then((server) => visitUrl(server, provider, secrets, wish))
      .catch((error: unknown) => refuseAnswer(c, error))
    await beginVisit(c, secrets, { session_id: caller?.session_id ?? null, next })
    return c.json({ location: url.href }, 200)
  })

  app.openapi(end, async (c) => {
    const wide = { limit: 'sign_in_address', key: addressKey(clientAddress(c)) } as const
    await limits.spend([wide]).catch(async (error: unknown) => {
      if (isLimited(error)) await recordFailure(c, 'limited', null)
      throw error
    })
    const { query } = c.req.valid('json')
    const provider = await requireProvider()
    const visit = await takeVisit(c, query)
    if (!visit) {
      await recordFailure(c, 'provider_expired', null)
      throw new Problem('provider_expired', 'This sign-in was used, is too old, or began in another browser.')
    }
    const who = await recognise(provider, query, visit).catch((error: unknown) => refuseAnswer(c, error))
    const ended = visit.session_id
      ? await proveBy(c, provider, who, visit, visit.session_id)
      : await signInBy(c, provider, who, visit)
    await limits.giveBack([wide])
    return c.json(ended, 200)
  })
}

async function requireProvider(): Promise<ProviderRow> {
  const provider = await readProvider(database.pool)
  if (!provider?.enabled) throw notFound()
  return provider
}

async function recognise(provider: ProviderRow, query: string, { secrets }: OpenVisit): Promise<Recognised> {
  const { issuer, client_id } = provider
  const { text: client_secret } = await unseal(provider.client_secret)
  const at = { issuer, client_id, client_secret }
  return claimsOf(await discover(issuer), at, query, secrets, wantedClaims(provider))
}

async function signInBy(c: Context, provider: ProviderRow, who: Recognised, visit: OpenVisit) {
  const factors = factorsOf(who.claims, provider)
  const entered = await database.transaction([], async (session, acts) => {
    const found = await enter(session, acts, provider, who)
    if ('refused' in found) return found
    const begun = { identity_id: found.identity_id, proved_at: authTimeOf(who) ?? new Date(0) }
    const setCookie = await startSession(session, acts, c, found.person_id, factors, begun)
    return { ...found, setCookie }
  })
  if ('refused' in entered) return refusePerson(c, entered.refused, entered.person_id)
  entered.setCookie()
  const owes = (await factorKindsOf(database.pool, entered.person_id)).length > 0
  const owed = owes ? ('second_factor' as const) : ('set_up_second_factor' as const)
  return { next: factors === 2 ? ('done' as const) : owed, path: visit.next }
}

/** Somebody who is in was asked by the provider once more: the same person, just now, and as strictly as for coming in. */
async function proveBy(
  c: Context,
  provider: ProviderRow,
  who: Recognised,
  visit: OpenVisit,
  session_id: string
) {
  const caller = await findCaller(c, database)
  if (!caller || caller.session_id !== session_id)
    throw new Problem('provider_expired', 'The session that asked for this has ended.')
  const identity = await database.transaction([], (session) => identityOf(session, who))
  const at = authTimeOf(who)
  const fresh = at !== null && at.getTime() >= visit.begun_at.getTime() - SKEW
  if (identity?.id !== caller.id || !fresh || factorsOf(who.claims, provider) < 2) {
    await recordFailure(c, 'provider_proof', caller.id)
    throw new Problem('provider_failed', 'This is no proof: another account, or not asked anew.')
  }
  const setCookie = await database.transaction([], (session, acts) => proveSession(session, acts, c, caller))
  setCookie()
  return { next: 'done' as const, path: visit.next }
}

/** When the person last showed there who they are; null: the provider does not say. Never in the future. */
function authTimeOf({ claims }: Recognised): Date | null {
  const seconds = claims.auth_time
  return typeof seconds === 'number' ? new Date(Math.min(seconds * 1000, Date.now())) : null
}

const OF_FAULT = { away: 'provider_away', denied: 'provider_denied', failed: 'provider_failed' } as const

/** What the provider's answer, or its silence, comes to. */
async function refuseAnswer(c: Context, error: unknown): Promise<never> {
  if (!(error instanceof ProviderError)) throw error
  log.warn('provider_answer', { fault: error.fault, reason: error.reason })
  const code = OF_FAULT[error.fault]
  await recordFailure(c, code, null)
  throw new Problem(code, `The provider's answer: ${error.fault}.`, { cause: error })
}

const OF_REFUSAL: Record<Refusal, ProblemCode> = {
  no_role: 'provider_no_role',
  unverified: 'provider_unverified',
  lookalike: 'provider_refused',
  unknown: 'provider_refused',
  not_staff: 'provider_refused',
  deactivated: 'provider_refused',
  other_identity: 'provider_refused'
}

async function refusePerson(c: Context, refused: Refusal, person_id: string | null): Promise<never> {
  await recordFailure(c, `provider_${refused}`, person_id)
  throw new Problem(OF_REFUSAL[refused], 'The provider knows this person; here they have no way in.')
}
