/** Second factors: the authenticator app, passkeys (WebAuthn level 3), recovery codes. */
import { z } from 'zod'
import { Id, Name, Time } from './common.ts'

export const FactorKind = z.enum(['app', 'passkey', 'email', 'sms'])
export type FactorKind = z.infer<typeof FactorKind>

export const Passkey = z
  .object({ id: Id, name: z.string(), created_at: Time, last_used_at: Time.nullable() })
  .meta({ id: 'Passkey' })
export type Passkey = z.infer<typeof Passkey>

/** Which codes somebody may choose; `password_short`: only beside a password of 15 characters. */
export const SentOffers = z.object({
  email: z.enum(['yes', 'not_allowed', 'password_short']),
  sms: z.enum(['yes', 'not_allowed'])
})
export type SentOffers = z.infer<typeof SentOffers>

/** What stands between one's password and one's documents. */
export const SecondFactors = z
  .object({
    /** null: no authenticator app. */
    app: z.object({ set_up_at: Time }).nullable(),
    passkeys: z.array(Passkey),
    /** A code by mail; null: not chosen. `allowed`: the firm still takes it. */
    email: z.object({ since: Time, allowed: z.boolean() }).nullable(),
    /** A code by text message; of the number the last two digits. */
    sms: z.object({ since: Time, ends_in: z.string(), allowed: z.boolean() }).nullable(),
    /** What could be chosen beside what is there. */
    offers: SentOffers,
    /** Whether the firm asks one of this person. */
    asked: z.boolean(),
    /** False where the portal's address is a number: passkeys belong to names. */
    passkeys_possible: z.boolean(),
    /** null: none were made, or the factors they stood in for are gone. */
    recovery_codes: z.object({ left: z.int(), made_at: Time }).nullable()
  })
  .meta({ id: 'SecondFactors' })
export type SecondFactors = z.infer<typeof SecondFactors>

/** A telephone number in international form (ITU-T E.164); spaces and dashes are dropped. */
export const Phone = z
  .string()
  .max(40)
  .transform((text) => text.replace(/[\s()/.-]/g, '').replace(/^00/, '+'))
  .pipe(z.string().regex(/^\+[1-9]\d{6,14}$/))

/** Where a code shall go, and what for. `phone`: only to set a number up. */
export const AskCode = z
  .object({
    kind: z.enum(['email', 'sms']),
    purpose: z.enum(['enter', 'set_up', 'prove']),
    phone: Phone.optional()
  })
  .refine((wish) => (wish.phone !== undefined) === (wish.kind === 'sms' && wish.purpose === 'set_up'), {
    path: ['phone'],
    error: 'to set up text messages, and only then'
  })
export type AskCode = z.infer<typeof AskCode>
export const AskedCode = z.object({ expires_at: Time })

/** As typed from a mail or a telephone: eight letters, in any case, with or without the dash. */
export const SentCode = z.object({ code: z.string().trim().min(8).max(20) })

const Base64Url = z
  .string()
  .max(20_000)
  .regex(/^[A-Za-z0-9_-]*$/)

const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const
type Transport = (typeof TRANSPORTS)[number]
const isTransport = (text: string): text is Transport => TRANSPORTS.some((known) => known === text)

/** How the browser reaches an authenticator. What we do not know is dropped: it is a hint, and the list grows. */
export const Transports = z
  .array(z.string().max(64))
  .max(20)
  .transform((all) => all.filter(isTransport))

const Credential = z.object({ id: Base64Url, rawId: Base64Url, type: z.literal('public-key') })

/** What `PublicKeyCredential.toJSON()` gives after `navigator.credentials.create()`. */
export const MadeCredential = Credential.extend({
  response: z.object({
    clientDataJSON: Base64Url,
    attestationObject: Base64Url,
    transports: Transports.default([])
  })
})
export type MadeCredential = z.infer<typeof MadeCredential>

/** What it gives after `navigator.credentials.get()`. */
export const ShownCredential = Credential.extend({
  response: z.object({
    clientDataJSON: Base64Url,
    authenticatorData: Base64Url,
    signature: Base64Url,
    userHandle: Base64Url.nullish()
  })
})
export type ShownCredential = z.infer<typeof ShownCredential>

/** For `PublicKeyCredential.parseCreationOptionsFromJSON` and its sister; their shape is WebAuthn's. */
export const PasskeyOptions = z.object({ options: z.record(z.string(), z.unknown()) })
export const NewPasskey = z.object({ name: Name, credential: MadeCredential })
export const PasskeyChange = z.object({ name: Name })
export const ShownPasskey = z.object({ credential: ShownCredential })

/** As typed from paper, with or without dashes. */
export const RecoveryCode = z.object({ code: z.string().trim().min(8).max(64) })
/** The only time that they are to be seen. */
export const MadeRecoveryCodes = z
  .object({ codes: z.array(z.string()), made_at: Time })
  .meta({ id: 'MadeRecoveryCodes' })
export type MadeRecoveryCodes = z.infer<typeof MadeRecoveryCodes>
/** `left`: how many there are still; null: it was the code that an administrator gave. */
export const Recovered = z.object({
  next: z.enum(['second_factor', 'set_up_second_factor', 'done']),
  left: z.int().nullable()
})
