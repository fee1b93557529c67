/** The browser's part of a passkey (WebAuthn level 3). Its own JSON forms are used: no library is loaded for it. */
import { ApiError, api } from '#lib/api.ts'
import type { Passkey, SignedIn } from '#lib/contract.ts'
import { deviceName } from '#lib/device-name.ts'
import * as m from '#lib/paraglide/messages.js'

type Asked<T> = { options: T }

/** Whether this browser has passkeys, and their JSON forms (all since spring 2025). */
export const browserHasPasskeys = (): boolean =>
  'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential

/** Makes a passkey and adds it to the account of whoever is signed in. Throws; `passkeyTrouble` says what. */
export async function addPasskey(name?: string): Promise<Passkey> {
  const asked = await api<Asked<PublicKeyCredentialCreationOptionsJSON>>('/auth/passkeys/options', {
    method: 'POST'
  })
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked.options)
  const credential = jsonOf(await navigator.credentials.create({ publicKey }))
  const body = { name: name || deviceName(navigator.userAgent) || m.passkey_name_default(), credential }
  return api<Passkey>('/auth/passkeys', { method: 'POST', body })
}

/** Shows a passkey after the password. Throws; `passkeyTrouble` says what. */
export async function showPasskey(): Promise<SignedIn> {
  const path = '/auth/second-factor/passkey'
  const asked = await api<Asked<PublicKeyCredentialRequestOptionsJSON>>(`${path}/options`, { method: 'POST' })
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options)
  const credential = jsonOf(await navigator.credentials.get({ publicKey }))
  return api<SignedIn>(path, { method: 'POST', body: { credential } })
}

/** Shows a passkey again, before what is sensitive. Throws; `passkeyTrouble` says what. */
export async function provePasskey(): Promise<void> {
  const asked = await api<Asked<PublicKeyCredentialRequestOptionsJSON>>('/auth/prove/options', {
    method: 'POST'
  })
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options)
  const credential = jsonOf(await navigator.credentials.get({ publicKey }))
  await api('/auth/prove', { method: 'POST', body: { credential } })
}

/** What to tell the person. Whoever closed the browser's dialog is told as well: it may have closed by itself. */
export function passkeyTrouble(error: unknown): string {
  if (error instanceof ApiError) return error.message
  if (error instanceof DOMException && error.name === 'InvalidStateError') return m.passkey_known()
  return m.passkey_stopped()
}

function jsonOf(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('no credential', 'NotAllowedError')
  return credential.toJSON()
}
