/**
 * The link by which a person stops mail without signing in (RFC 8058): the person's id, sealed. It stops mail and does
 * nothing else, so it neither ends nor is used up.
 */
import { seal, unseal } from './sealed.ts'

const USE = 'unsubscribe'

export const unsubscribeToken = (person_id: string): Promise<string> => seal(person_id, { use: USE })

/** The person of a token; null for what is not one of ours. Never throws. */
export async function personOfToken(token: string): Promise<string | null> {
  const opened = await unseal(token).catch(() => null)
  return opened?.about.use === USE ? opened.text : null
}
