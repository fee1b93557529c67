/** Signing in with the firm's own accounts (OpenID Connect): the provider, what its claims are worth, and the way back. */
import { z } from 'zod'
import { Time } from './common.ts'
import { StaffRole } from './person.ts'

/** What JSON in PostgreSQL takes as text: no controls, no halves of letters. */
const isPlain = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text)

/** Values of a claim, one each; order says nothing. */
const Values = z
  .array(z.string().trim().min(1).max(255).refine(isPlain, 'without control characters'))
  .max(50)
  .transform((all) => [...new Set(all)])

const Word = (most: number) => z.string().trim().min(1).max(most)

/** An issuer's identifier: https, no query, no fragment (OpenID Connect Discovery 1.0 section 3). */
const Issuer = z
  .url({ protocol: /^https?$/ })
  .trim()
  .max(500)
  .refine((text) => !/[?#]/.test(text), 'without query and fragment')

/** Which values of the claim give which role; who has several gets the first. */
export const RoleValues = z
  .object({ administrator: Values, staff: Values, assistant: Values, auditor: Values })
  .meta({ id: 'RoleValues' })
export type RoleValues = z.infer<typeof RoleValues>

/**
 * Whether the provider's second factor stands for Portico's. own: never; claims: where `acr` or `amr` says so; always: the
 * firm knows that the provider asks everybody for one.
 */
export const ProviderFactors = z.enum(['own', 'claims', 'always'])
export type ProviderFactors = z.infer<typeof ProviderFactors>

const Settings = z.object({
  enabled: z.boolean(),
  /** As people know it: "Sign in with …". */
  name: Word(60),
  issuer: Issuer,
  client_id: Word(255),
  /** Scopes beside openid, profile and email, with spaces between them. */
  scopes: z
    .string()
    .trim()
    .max(255)
    .regex(/^[\x21\x23-\x5b\x5d-\x7e ]*$/),
  /** The claim that says who somebody is here; with dots it may lie deeper ("realm_access.roles"). */
  role_claim: Word(255),
  roles: RoleValues,
  factors: ProviderFactors,
  /** What of `acr` and `amr` counts, where `factors` is claims. */
  factor_values: Values,
  /** Takes addresses that the provider does not call verified: where it gives them out itself and says nothing. */
  trusts_email: z.boolean(),
  /** Whoever has a role there and no account here gets one. */
  creates_accounts: z.boolean(),
  /** Staff sign in by the provider only. */
  passwords_off: z.boolean()
})

/** As administrators read it: the secret stays inside. */
export const IdentityProvider = Settings.extend({
  /** Where the provider sends people back to; it must be told. */
  redirect_uri: z.string(),
  changed_at: Time
}).meta({ id: 'IdentityProvider' })
export type IdentityProvider = z.infer<typeof IdentityProvider>

export const IdentityProviderPage = z.object({
  /** null: none was set up. */
  provider: IdentityProvider.nullable(),
  redirect_uri: z.string(),
  /** Whether the caller may switch passwords off: they came in by this very provider, as it is set up now. */
  by_provider: z.boolean(),
  /** Active staff who never came in by it. */
  staff_without: z.int()
})
export type IdentityProviderPage = z.infer<typeof IdentityProviderPage>

/** The whole setting; the secret only where it is new. */
export const IdentityProviderWish = Settings.extend({ client_secret: Word(1_000).optional() })
  .refine(({ factors, factor_values }) => factors !== 'claims' || factor_values.length > 0, {
    path: ['factor_values'],
    error: 'at least one value'
  })
  .refine(({ roles }) => Object.values(roles).some((values) => values.length > 0), {
    path: ['roles'],
    error: 'at least one value for one role'
  })
export type IdentityProviderWish = z.infer<typeof IdentityProviderWish>

/** What is tried; without a secret the one that is kept, at its own issuer only. */
export const ProviderTest = Settings.pick({ issuer: true, client_id: true }).extend({
  client_secret: Word(1_000).optional()
})
/** What a try came to; everything but `fine` is a reason. */
export const ProviderVerdict = z.enum([
  'fine',
  'not_https',
  'private_address',
  'unresolved',
  'unreachable',
  'tls',
  'no_document',
  'other_issuer',
  'no_code_flow',
  'no_pkce',
  'no_keys',
  'wrong_secret',
  'secret_not_tried'
])
export type ProviderVerdict = z.infer<typeof ProviderVerdict>
export const ProviderTested = z.object({ verdict: ProviderVerdict })

/** A path of ours; what leads to another site, in whatever spelling, is the start page. */
function ownPath(given: string): string {
  const url = given.startsWith('/') ? URL.parse(given, 'http://portal.invalid') : null
  return url?.origin === 'http://portal.invalid' && !url.pathname.startsWith('//')
    ? url.pathname + url.search
    : '/'
}

/** `next`: a path of ours. `prove`: somebody who is in shows it again. */
export const BeginVisit = z.object({
  next: z.string().max(2_000).default('/').transform(ownPath),
  prove: z.boolean().default(false)
})
export const VisitBegun = z.object({ location: z.url() })
/** What the provider sent along, as it stands in the address: without the question mark. */
export const EndVisit = z.object({ query: z.string().max(8_000) })
export const VisitEnded = z.object({
  next: z.enum(['second_factor', 'set_up_second_factor', 'done']),
  path: z.string()
})

export const STAFF_ROLES = StaffRole.options
