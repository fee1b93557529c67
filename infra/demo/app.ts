/** The authenticator app of scripts. */
import { setTimeout as wait } from 'node:timers/promises'
import { generate } from 'otplib'

/** Seconds of a step (RFC 6238, section 4); the portal takes codes of one step to either side of now, each once. */
const STEP = 30
/** The newest step whose code was given out here, by secret. */
const given = new Map<string, number>()

/**
 * A code that was not given out before: that of now, or of the next step, and only for the third within one step it
 * waits. @param secret base32
 */
export async function nextCode(secret: string): Promise<string> {
  const now = Math.floor(Date.now() / 1_000 / STEP)
  const step = Math.max(now, (given.get(secret) ?? 0) + 1)
  given.set(secret, step)
  if (step > now + 1) await wait((step - 1) * STEP * 1_000 - Date.now() + 500)
  return generate({ secret, epoch: step * STEP })
}
