/** Whether the provider that a setting names is there, is what it says, and knows Portico. */
import type * as oauth from 'oauth4webapi'
import type { ProviderVerdict } from '../contract/provider.ts'
import { OutgoingError, fetchOut } from '../http-out.ts'
import {
  MOST,
  ONE,
  type ProviderAt,
  ProviderError,
  REDIRECT_URI,
  clientOf,
  discover,
  isWrongClient,
  library,
  options,
  outgoingOf,
  redeem
} from './oidc.ts'

const OF_FAILURE: Record<OutgoingError['failure'], ProviderVerdict> = {
  scheme_refused: 'not_https',
  address_refused: 'private_address',
  name_unknown: 'unresolved',
  no_answer: 'unreachable',
  too_large: 'no_document'
}

/** What node says of certificates: unknown authority, another name, out of date. */
const CERTIFICATE = /^(ERR_TLS_CERT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/

function verdictOf({ failure, cause }: OutgoingError): ProviderVerdict {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return CERTIFICATE.test(code) ? 'tls' : OF_FAILURE[failure]
}

/** Asks the provider all that can be asked without a person. Never throws. */
export async function tryProvider(at: ProviderAt): Promise<ProviderVerdict> {
  const lib = await library()
  try {
    const server = await discover(at.issuer, true)
    if (!server.authorization_endpoint || !server.token_endpoint) return 'no_code_flow'
    if (server.response_types_supported?.includes('code') === false) return 'no_code_flow'
    if (server.code_challenge_methods_supported?.includes('S256') === false) return 'no_pkce'
    if (!(await hasKeys(server.jwks_uri))) return 'no_keys'
    return await trySecret(lib, server, at)
  } catch (error) {
    const outgoing = outgoingOf(error)
    if (outgoing) return verdictOf(outgoing)
    const reason = error instanceof ProviderError ? error.reason : ''
    return reason === lib.JSON_ATTRIBUTE_COMPARISON ? 'other_issuer' : 'no_document'
  }
}

async function hasKeys(jwks_uri: string | undefined): Promise<boolean> {
  if (!jwks_uri) return false
  const answer = await fetchOut(jwks_uri, { patience: ONE, most: MOST })
  const set: unknown = answer.ok ? await answer.json().catch(() => null) : null
  return (
    typeof set === 'object' && set !== null && 'keys' in set && Array.isArray(set.keys) && set.keys.length > 0
  )
}

/** A code that nobody was given: who is known by the secret hears that the code is wrong, who is not hears that first. */
async function trySecret(
  lib: typeof oauth,
  server: oauth.AuthorizationServer,
  at: ProviderAt
): Promise<ProviderVerdict> {
  const client = clientOf(lib, at)
  const state = lib.generateRandomState()
  const made = new URLSearchParams({ code: lib.generateRandomNonce(), state, iss: server.issuer })
  const params = lib.validateAuthResponse(server, client, made, state)
  const verifier = lib.generateRandomCodeVerifier()
  const how = options(lib)
  try {
    await redeem(
      lib,
      server,
      at,
      (auth) => lib.authorizationCodeGrantRequest(server, client, auth, params, REDIRECT_URI, verifier, how),
      {}
    )
    return 'secret_not_tried'
  } catch (error) {
    if (outgoingOf(error)) throw error
    if (isWrongClient(lib, error)) return 'wrong_secret'
    if (error instanceof lib.ResponseBodyError && error.error === 'invalid_grant') return 'fine'
    if (error instanceof lib.ResponseBodyError && error.error === 'unauthorized_client') return 'wrong_secret'
    return 'secret_not_tried'
  }
}
