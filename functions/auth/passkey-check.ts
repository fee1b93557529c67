/** Whether what an authenticator says is so, wherever it is asked: at the doors, and by whoever asks for proof again. */
import { checkKnown } from '../_shared/auth/webauthn.ts'
import type { ShownCredential } from '../_shared/contract/factor.ts'
import { database } from './database.ts'
import { type Purpose, challengeTaker, findPasskey } from './passkeys.ts'

/** `counter`: what the authenticator counts now, to be kept by usePasskey. */
export type Checked = { id: string; person_id: string; counter: number }

/**
 * The passkey that answered, or null. Whatever a known passkey says, right or wrong, uses the challenge up.
 *
 * @param holder what the challenge was given to
 * @param owner whose it must be; none: it says so itself, and must have verified that person
 */
export async function checkPasskey(
  shown: ShownCredential,
  purpose: Purpose,
  holder: string,
  owner?: string
): Promise<Checked | null> {
  const passkey = await findPasskey(database.pool, shown.id)
  if (!passkey || (owner !== undefined && passkey.person_id !== owner)) return null
  if (owner === undefined && !passkey.opens_alone) return null
  const said = shown.response.userHandle
  // WebAuthn level 3 section 7.2 step 6: without a name beside it the authenticator must say whose it is.
  if (owner === undefined && !said) return null
  if (said && Buffer.from(said, 'base64url').toString() !== passkey.person_id) return null
  const take = challengeTaker(database, purpose, holder)
  const counter = await checkKnown(shown, passkey, take, owner === undefined || purpose === 'prove')
  return counter === null ? null : { id: passkey.id, person_id: passkey.person_id, counter }
}
