/** Passkeys (WebAuthn level 3): what authenticators are asked, and whether what they answer is theirs. */
import type { VerifiedAuthenticationResponse, VerifiedRegistrationResponse } from '@simplewebauthn/server'
import { isIP } from 'node:net'
import { config } from '../config.ts'
import type { MadeCredential, ShownCredential, Transports } from '../contract/factor.ts'
import type { z } from 'zod'

/** Loaded with the first passkey: certificates' formats take 100 ms that a password never needs. */
const library = () => import('@simplewebauthn/server')

/** The name that passkeys belong to: the configured address's, never the one that a request says. */
const RP_ID = new URL(config.origin).hostname

/** Passkeys belong to a name (WebAuthn level 3 section 5.1.2); an address of numbers has none. */
export const passkeysPossible = isIP(RP_ID.replace(/^\[|\]$/g, '')) === 0

/** How long an authenticator may take. */
export const CHALLENGE_MINUTES = 5
const timeout = CHALLENGE_MINUTES * 60_000

type Known = { credential_id: string; transports: z.infer<typeof Transports> }
const described = (known: Known[]) =>
  known.map(({ credential_id, transports }) => ({ id: credential_id, transports }))

/** Takes a challenge for good: false when it was not given to this holder, has been answered, or is too old. */
export type TakeChallenge = (challenge: string) => Promise<boolean>

/** @param known the person's passkeys: an authenticator makes no second one of them */
export async function askForNew(
  person: { id: string; name: string; email: string; firm_name: string },
  known: Known[]
) {
  const { generateRegistrationOptions } = await library()
  return generateRegistrationOptions({
    rpName: person.firm_name,
    rpID: RP_ID,
    userID: new Uint8Array(Buffer.from(person.id)),
    userName: person.email,
    userDisplayName: person.name,
    timeout,
    attestationType: 'none',
    excludeCredentials: described(known),
    // Discoverable and verified, so that each can be the only step of a sign-in.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' }
  })
}

/**
 * @param known null: whichever the person picks; it must then verify them itself, for there is no password beside it
 * @param verify whether it must do so in any case
 */
export async function askForKnown(known: Known[] | null, verify = known === null) {
  const { generateAuthenticationOptions } = await library()
  return generateAuthenticationOptions({
    rpID: RP_ID,
    timeout,
    userVerification: verify ? 'required' : 'preferred',
    ...(known && { allowCredentials: described(known) })
  })
}

export type MadePasskey = { credential_id: string; public_key: Buffer; counter: number }

/** What was made, or null: another origin, another challenge, another portal's. Never throws for a bad answer. */
export async function checkNew(made: MadeCredential, take: TakeChallenge): Promise<MadePasskey | null> {
  const { verifyRegistrationResponse } = await library()
  const checked: VerifiedRegistrationResponse = await verifyRegistrationResponse({
    response: { ...made, clientExtensionResults: {} },
    expectedChallenge: take,
    expectedOrigin: config.origin,
    expectedRPID: RP_ID,
    requireUserVerification: true
  }).catch(refusedByLibrary)
  if (!checked.verified) return null
  const { id, publicKey, counter } = checked.registrationInfo.credential
  return { credential_id: id, public_key: Buffer.from(publicKey), counter }
}

/**
 * The authenticator's new count, or null. A count that does not rise is refused by the library: it may be a copy.
 * Never throws for a bad answer.
 *
 * @param verified whether the authenticator must have verified the person: the passkey is the only step, or proves a sensitive act
 */
export async function checkKnown(
  shown: ShownCredential,
  passkey: MadePasskey,
  take: TakeChallenge,
  verified: boolean
): Promise<number | null> {
  const { verifyAuthenticationResponse } = await library()
  const { userHandle, ...response } = shown.response
  const checked: VerifiedAuthenticationResponse | { verified: false } = await verifyAuthenticationResponse({
    response: {
      ...shown,
      response: { ...response, ...(userHandle && { userHandle }) },
      clientExtensionResults: {}
    },
    expectedChallenge: take,
    expectedOrigin: config.origin,
    expectedRPID: RP_ID,
    credential: {
      id: passkey.credential_id,
      publicKey: new Uint8Array(passkey.public_key),
      counter: passkey.counter
    },
    requireUserVerification: verified
  }).catch(refusedByLibrary)
  return checked.verified ? checked.authenticationInfo.newCounter : null
}

/** The library says no by throwing plain errors; the database's own go on (they have a code). */
function refusedByLibrary(error: unknown): { verified: false } {
  if (
    error instanceof Error &&
    !('code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code))
  )
    return { verified: false }
  throw error
}
