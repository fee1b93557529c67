/**
 * The short-lived token by which a parsing function knows that the connector, documents or sharing sent the call
 * (design §1). HS256 (RFC 7518 section 3.2) by jose; audience is the function's name, subject the job or the viewer.
 */
import { SignJWT, jwtVerify } from 'jose'
import { secretKey } from '../config.ts'
import { Problem } from '../problem.ts'
import { jobKey } from './job-key.ts'

const ISSUER = 'portico'
/** Seconds that a token outlives the call's limit: clocks of two machines, time in a queue. */
const GRACE = 30
/** Seconds by which two machines' clocks may differ. */
const CLOCK_TOLERANCE = 5

/**
 * @param key the secret job-signing-key
 * @param audience the function's name
 * @param subject the job's id; for watermark whoever looks, a person or a link's visit: these take turns
 * @param limit_seconds how long the call may take
 */
export function signJobToken(
  key: Uint8Array,
  audience: string,
  subject: string,
  limit_seconds: number
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt(now)
    .setExpirationTime(now + Math.ceil(limit_seconds) + GRACE)
    .sign(jobKey(key, audience))
}

/** The one answer to every token that is not right. */
export const refuseToken = (cause?: unknown) =>
  new Problem('not_signed_in', 'This call needs a token of ours.', { cause })

/**
 * The subject of the request's token. Throws `not_signed_in` with one message for whatever is wrong with it: missing,
 * expired, signed by another key, meant for another function.
 */
export async function verifyJobToken(request: Request, audience: string): Promise<string> {
  const token = /^Bearer ([\w.-]+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
  if (!token) throw refuseToken()
  const key = secretKey(`job-key-${audience}`)
  const verified = await jwtVerify(token, key, {
    algorithms: ['HS256'],
    issuer: ISSUER,
    audience,
    clockTolerance: CLOCK_TOLERANCE,
    requiredClaims: ['exp', 'iat', 'sub']
  }).catch((cause: unknown) => {
    throw refuseToken(cause)
  })
  return verified.payload.sub ?? ''
}
