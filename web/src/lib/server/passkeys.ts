/** Whether this portal's address can have passkeys at all (as functions/_shared/auth/webauthn.ts decides it). */
import { ORIGIN } from '$app/env/private'
import { isIP } from 'node:net'

export const passkeysPossible = isIP(new URL(ORIGIN).hostname.replace(/^\[|\]$/g, '')) === 0
