/**
 * The protocol of signing in at a provider: OpenID Connect Core 1.0, Authorization Code with PKCE (RFC 7636, S256), `iss`
 * (RFC 9207). Every check of the standard is oauth4webapi's; what is asked of the provider goes by _shared/http-out.ts.
 */
import type * as oauth from 'oauth4webapi'
import { config } from '../config.ts'
import { OutgoingError, fetchOut } from '../http-out.ts'
import type { Claims } from '../rules/provider.ts'

/** Loaded with the first sign-in of this kind. */
export const library = () => import('oauth4webapi')

/** Where the firm's accounts are, and as whom Portico asks. */
export type ProviderAt = { issuer: string; client_id: string; client_secret: string }

/** away: no answer, or none to go on with; denied: the person or the provider said no; failed: the answer is not right. */
export class ProviderError extends Error {
  readonly fault: 'away' | 'denied' | 'failed'
  /** A code of the library or of the standard; nothing of what was sent. */
  readonly reason: string
  constructor(fault: ProviderError['fault'], reason: string, cause?: unknown) {
    super(`provider: ${fault}: ${reason}`, { cause })
    this.name = 'ProviderError'
    this.fault = fault
    this.reason = reason
  }
}

/** The provider sends people back to here, and nowhere else. */
export const REDIRECT_URI = `${config.origin}/sign-in/provider/back`

/** Seconds that the clocks of both sides may differ. */
const SKEW = 60
/** Milliseconds: one answer, and all that a sign-in may ask together. */
export const ONE = 5_000
const ALL = 10_000
/** Bytes: key sets and documents are a few thousand. */
export const MOST = 256 * 1024

/** How the library asks. */
export function options(lib: typeof oauth, signal: AbortSignal = AbortSignal.timeout(ALL)) {
  return {
    [lib.customFetch]: (url: string, wish: oauth.CustomFetchOptions<string, unknown>): Promise<Response> => {
      const { body, method, headers } = wish
      const text = body === undefined || body === null ? null : String(body)
      return fetchOut(url, { method, headers, body: text, patience: ONE, most: MOST, signal })
    },
    // Whether a server may be asked without TLS is http-out.ts's to say.
    [lib.allowInsecureRequests]: true
  } as const
}

export const clientOf = (lib: typeof oauth, at: Pick<ProviderAt, 'client_id'>): oauth.Client => ({
  client_id: at.client_id,
  [lib.clockTolerance]: SKEW
})

type Known = { server: oauth.AuthorizationServer; until: number }
const known = new Map<string, Known>()
/** Milliseconds that a provider's document is taken as it was. Keys are never kept: a new one is known at once. */
const KEPT = 5 * 60_000

/** The provider's own description (OpenID Connect Discovery 1.0). Throws ProviderError. */
export async function discover(issuer: string, fresh = false): Promise<oauth.AuthorizationServer> {
  const found = known.get(issuer)
  if (!fresh && found && found.until > Date.now()) return found.server
  const lib = await library()
  const server = await faults(async () => {
    const url = new URL(issuer)
    const answer = await lib.discoveryRequest(url, { ...options(lib), algorithm: 'oidc' })
    const found = await lib.processDiscoveryResponse(url, answer)
    // Letter for letter (OpenID Connect Discovery 1.0 section 4.3); to the library two spellings of one URL are the same.
    if (found.issuer !== issuer) throw new ProviderError('failed', lib.JSON_ATTRIBUTE_COMPARISON)
    return found
  })
  known.clear()
  known.set(issuer, { server, until: Date.now() + KEPT })
  return server
}

export type VisitSecrets = { state: string; nonce: string; verifier: string }

export async function newVisitSecrets(): Promise<VisitSecrets> {
  const lib = await library()
  return {
    state: lib.generateRandomState(),
    nonce: lib.generateRandomNonce(),
    verifier: lib.generateRandomCodeVerifier()
  }
}

/**
 * Where the browser is sent.
 *
 * @param wish `again`: the provider is to ask the person anew, whatever session they have there
 */
export async function visitUrl(
  server: oauth.AuthorizationServer,
  at: Pick<ProviderAt, 'client_id'>,
  { state, nonce, verifier }: VisitSecrets,
  wish: { scopes: string; acr_values: string[]; again: boolean }
): Promise<URL> {
  const lib = await library()
  const url = URL.parse(server.authorization_endpoint ?? '')
  // Without TLS only where the provider itself was reached so, which http-out.ts allowed.
  if (!url || (url.protocol !== 'https:' && !server.issuer.startsWith('http:')))
    throw new ProviderError('failed', 'authorization_endpoint')
  const scopes = new Set(['openid', 'profile', 'email', ...wish.scopes.split(/\s+/).filter(Boolean)])
  const wishes: Record<string, string> = {
    client_id: at.client_id,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: [...scopes].join(' '),
    state,
    nonce,
    code_challenge: await lib.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(wish.acr_values.length > 0 && { acr_values: wish.acr_values.join(' ') }),
    ...(wish.again && { prompt: 'login', max_age: '0' })
  }
  for (const [name, value] of Object.entries(wishes)) url.searchParams.set(name, value)
  return url
}

/**
 * Turns what the provider sent along into what it says of the person.
 *
 * @param query of the address that the browser came back to
 * @param wants claims that are asked for apart (userinfo) where the ID token lacks them
 * @throws ProviderError
 */
export async function claimsOf(
  server: oauth.AuthorizationServer,
  at: ProviderAt,
  query: string,
  { state, nonce, verifier }: VisitSecrets,
  wants: string[]
): Promise<{ issuer: string; subject: string; claims: Claims }> {
  const lib = await library()
  const how = options(lib)
  const client = clientOf(lib, at)
  // The library keeps keys by this very object: with a new one they are fetched anew.
  const as = { ...server }
  return faults(async () => {
    const params = lib.validateAuthResponse(as, client, new URLSearchParams(query), state)
    const { answer, tokens } = await redeem(
      lib,
      as,
      at,
      (auth) => lib.authorizationCodeGrantRequest(as, client, auth, params, REDIRECT_URI, verifier, how),
      { expectedNonce: nonce, requireIdToken: true }
    )
    await lib.validateApplicationLevelSignature(as, answer, how)
    const said = lib.getValidatedIdTokenClaims(tokens)
    if (!said) throw new ProviderError('failed', 'no_id_token')
    const missing = wants.some((name) => said[name] === undefined)
    const more =
      missing && as.userinfo_endpoint
        ? await lib.processUserInfoResponse(
            as,
            client,
            said.sub,
            await lib.userInfoRequest(as, client, tokens.access_token, how)
          )
        : {}
    return { issuer: as.issuer, subject: said.sub, claims: { ...more, ...said } }
  })
}

/** A client is registered for one way to show its secret, and nobody says which: the other one is tried after a no. */
export async function redeem(
  lib: typeof oauth,
  as: oauth.AuthorizationServer,
  at: ProviderAt,
  ask: (auth: oauth.ClientAuth) => Promise<Response>,
  expect: oauth.ProcessAuthorizationCodeResponseOptions
) {
  const ways = waysToShow(lib, as, at.client_secret)
  for (const [index, way] of ways.entries()) {
    const answer = await ask(way)
    try {
      const tokens = await lib.processAuthorizationCodeResponse(as, clientOf(lib, at), answer, expect)
      return { answer, tokens }
    } catch (error) {
      if (index === ways.length - 1 || !isWrongClient(lib, error)) throw error
    }
  }
  throw new ProviderError('failed', 'token_endpoint_auth_methods_supported')
}

function waysToShow(lib: typeof oauth, as: oauth.AuthorizationServer, secret: string): oauth.ClientAuth[] {
  const listed = as.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  return [
    ...(listed.includes('client_secret_post') ? [lib.ClientSecretPost(secret)] : []),
    ...(listed.includes('client_secret_basic') ? [lib.ClientSecretBasic(secret)] : [])
  ]
}

export const isWrongClient = (lib: typeof oauth, error: unknown): boolean =>
  (error instanceof lib.ResponseBodyError && error.error === 'invalid_client') ||
  error instanceof lib.WWWAuthenticateChallengeError

/** Every way that this can end becomes one of three. */
async function faults<T>(work: () => Promise<T>): Promise<T> {
  const lib = await library()
  try {
    return await work()
  } catch (error) {
    if (error instanceof ProviderError) throw error
    const outgoing = outgoingOf(error)
    if (outgoing) throw new ProviderError('away', outgoing.failure, error)
    if (error instanceof lib.AuthorizationResponseError) {
      const away = ['server_error', 'temporarily_unavailable'].includes(error.error)
      const fault = away ? 'away' : error.error === 'access_denied' ? 'denied' : 'failed'
      throw new ProviderError(fault, `authorization: ${error.error}`, error)
    }
    if (error instanceof lib.ResponseBodyError)
      throw new ProviderError(error.status >= 500 ? 'away' : 'failed', `answer: ${error.error}`, error)
    const cause = error instanceof Error ? error.cause : null
    if (cause instanceof Response && cause.status >= 500)
      throw new ProviderError('away', String(cause.status), error)
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new ProviderError('failed', code, error)
  }
}

export function outgoingOf(error: unknown): OutgoingError | null {
  if (error instanceof OutgoingError) return error
  return error instanceof Error && error.cause ? outgoingOf(error.cause) : null
}
