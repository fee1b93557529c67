/** People, organisations, and the doors they come through. */
import { z } from 'zod'
import { Id, Level, Locale, Name, NamedPageQuery, PersonName, Time } from './common.ts'
import { StandsIn } from './deputy.ts'
import { FactorKind, ShownCredential } from './factor.ts'

/** The client whose view it shall be. */
export const SeeAs = z.object({ person_id: Id })
/** While one sees as a client: as whom, and until when. */
export const Seen = z.object({ as: z.object({ id: Id, name: z.string() }), until: Time })

export const StaffRole = z.enum(['administrator', 'staff', 'assistant', 'auditor'])

/** Compared by NFKC and lower case; kept as typed. */
export const Email = z.string().trim().max(254).pipe(z.email())

/** 8 to 128 characters (ASVS 5.0 6.2.1, 6.2.9), without a second factor 15 (rules/password.ts); no composition rules. */
export const Password = z.string().min(8).max(128)

/** Six digits; spaces from pasting are dropped. */
export const TotpCode = z
  .string()
  .transform((text) => text.replace(/\s/g, ''))
  .pipe(z.string().regex(/^\d{6}$/))

export const Organisation = z
  .object({ id: Id, name: z.string(), created_at: Time })
  .meta({ id: 'Organisation' })
export type Organisation = z.infer<typeof Organisation>
export const NewOrganisation = z.object({ name: Name })

export const Person = z
  .object({
    id: Id,
    name: z.string(),
    email: z.string(),
    staff_role: StaffRole.nullable(),
    organisations: z.array(z.object({ id: Id, name: z.string() })),
    active: z.boolean(),
    /** False until the invitation was accepted. */
    joined: z.boolean(),
    created_at: Time,
    /** null: never, or told to administrators only. */
    last_sign_in_at: Time.nullable(),
    /** Whether an authenticator app or a passkey is set up; null: told to administrators only. */
    second_factor: z.boolean().nullable()
  })
  .meta({ id: 'Person' })
export type Person = z.infer<typeof Person>

/** `active`: those who may come in; `staff`: of these the firm's own. */
const PeopleOnly = z.enum(['active', 'staff'])
export type PeopleOnly = z.infer<typeof PeopleOnly>
export const PeopleQuery = NamedPageQuery.extend({ only: PeopleOnly.optional() })

const LegalText = z.string().trim().max(20_000).default('')

/** A text that everybody may read, by language; empty: none. A line that begins with "# " is a heading. */
export const LegalTexts = z.object({ de: LegalText, en: LegalText, sv: LegalText }).meta({ id: 'LegalTexts' })
export type LegalTexts = z.infer<typeof LegalTexts>

export const Firm = z
  .object({
    name: Name,
    time_zone: z.string().max(64),
    locale: Locale,
    /** Without a virus scanner: true delivers (marked "not scanned"), false holds until an administrator releases. */
    deliver_unscanned: z.boolean(),
    /** Days that a link for third parties may last at most. */
    link_days_max: z.int().min(1).max(3_650),
    /** Days that a guest of a project may stay at most. */
    guest_days_max: z.int().min(1).max(1_095),
    /** Staff see only clients that they are assigned to. */
    walls: z.boolean(),
    imprint: LegalTexts,
    privacy: LegalTexts
  })
  .meta({ id: 'Firm' })
export const FirmChange = Firm.partial()

/** What the firm asks of whoever signs in. */
export const SignInRules = z
  .object({
    /** Administrators always, and whoever has a password of less than 15 characters (docs/decisions/second-factor.md). */
    second_factor_for: z.enum(['everybody', 'staff', 'nobody']),
    /** Days from the first sign-in; 0: at once. */
    second_factor_days: z.int().min(0).max(30),
    /** Codes by mail and by text message as a second factor; never for administrators. */
    email_codes: z.boolean(),
    sms_codes: z.boolean(),
    /** A second administrator confirms before a code for somebody who lost every factor works. */
    way_in_four_eyes: z.boolean()
  })
  .meta({ id: 'SignInRules' })
export type SignInRules = z.infer<typeof SignInRules>

export const SignInSettings = SignInRules.extend({
  /** Whether the operator has set up a gateway for text messages. */
  sms_possible: z.boolean(),
  administrators: z.int()
}).meta({ id: 'SignInSettings' })
export type SignInSettings = z.infer<typeof SignInSettings>

/** Who would have to set up a second factor. The first fifty by name. */
export const SignInAffected = z
  .object({
    count: z.int(),
    people: z.array(z.object({ id: Id, name: z.string(), staff_role: StaffRole.nullable() }))
  })
  .meta({ id: 'SignInAffected' })
export type SignInAffected = z.infer<typeof SignInAffected>

/** What stands on the door, for everybody; null before the firm is set up. */
export const DoorPlate = z
  .object({
    name: z.string().nullable(),
    /** Whether there is such a text, in any language. */
    imprint: z.boolean(),
    privacy: z.boolean(),
    /** The door of the firm's own accounts, by its name; `only`: staff have no other. null: there is none. */
    provider: z.object({ name: z.string(), only: z.boolean() }).nullable()
  })
  .meta({ id: 'DoorPlate' })
export type DoorPlate = z.infer<typeof DoorPlate>

/** The firm's public texts. */
export const LegalPages = z
  .object({ name: z.string(), imprint: LegalTexts, privacy: LegalTexts })
  .meta({ id: 'LegalPages' })
export type LegalPages = z.infer<typeof LegalPages>

/** What the next step of signing in is. */
export const NextStep = z.enum(['second_factor', 'set_up_second_factor', 'done'])

export const SignIn = z.object({
  email: z.string().trim().min(1).max(254),
  password: z.string().min(1).max(128)
})
export const SignedIn = z.object({ next: NextStep })

export const SecondFactor = z.object({ code: TotpCode })

/** The QR code as an SVG path of unit modules, `size` modules wide, so that no inline image is needed. */
export const TotpSetup = z.object({
  secret: z.string(),
  otpauth_uri: z.string(),
  qr: z.object({ size: z.int(), path: z.string() })
})

/** How somebody may show again that it is them. */
export const ProofKind = z.enum(['code', 'passkey', 'password', 'email', 'sms', 'provider'])
export type ProofKind = z.infer<typeof ProofKind>
export const Proof = z.union([
  z.object({ code: TotpCode }),
  z.object({ credential: ShownCredential }),
  z.object({ password: z.string().min(1).max(128) }),
  /** Of a mail or a text message. */
  z.object({ sent_code: z.string().trim().min(8).max(20) })
])

export const ChangePassword = z.object({ current: z.string().min(1).max(128), password: Password })
export const AskReset = z.object({ email: z.string().trim().min(1).max(254) })
export const NewEmail = z.object({ email: Email })

export const SessionInfo = z
  .object({
    person: z.object({
      id: Id,
      name: z.string(),
      email: z.string(),
      staff_role: StaffRole.nullable(),
      locale: Locale,
      time_zone: z.string(),
      /** `administers`: looks after the organisation's people. */
      organisations: z.array(z.object({ id: Id, name: z.string(), administers: z.boolean() }))
    }),
    firm: z.object({ name: z.string() }),
    next: NextStep,
    /** By when a second factor must stand; null: one does, or none is asked for. */
    factor_due: Time.nullable(),
    /** How they prove it again before a sensitive act. */
    proofs: z.array(ProofKind),
    /** Whether the next one asks for that. */
    proof_due: z.boolean(),
    /** What one may show at the second door. */
    second_factors: z.array(FactorKind),
    /** The person's id is then the look's. */
    seeing: Seen.nullable(),
    /** Whose work they do now, besides their own. */
    stands_in: z.array(StandsIn)
  })
  .meta({ id: 'SessionInfo' })
export type SessionInfo = z.infer<typeof SessionInfo>

/** A session of one's own, as "where you are signed in" shows it. */
export const Device = z
  .object({
    id: Id,
    /** What the browser calls itself (User-Agent). */
    device: z.string().nullable(),
    /** The network it signed in from: the address, shortened. */
    place: z.string().nullable(),
    created_at: Time,
    last_used_at: Time,
    expires_at: Time,
    /** The one that asks. */
    current: z.boolean()
  })
  .meta({ id: 'Device' })
export type Device = z.infer<typeof Device>

export const Preferences = z.object({ locale: Locale })

/** A link's secret: 256 bit, base64url, from the fragment. */
export const LinkSecret = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

export const OpenLink = z.object({ secret: LinkSecret })
export const InvitationShown = z.object({
  firm: z.string(),
  invited_by: z.string().nullable(),
  name: z.string(),
  email: z.string(),
  expires_at: Time
})
export const ResetShown = z.object({ firm: z.string(), email: z.string(), expires_at: Time })
export type ResetShown = z.infer<typeof ResetShown>
export const ResetPassword = OpenLink.extend({ password: Password })
export const AcceptInvitation = OpenLink.extend({ name: PersonName, password: Password, locale: Locale })
export const SetUpFirm = OpenLink.extend({
  firm_name: PersonName,
  name: PersonName,
  email: Email,
  password: Password,
  locale: Locale,
  time_zone: z.string().max(64).optional()
})

/** Invites somebody by mail; with a project, gives a level on it at once. */
export const NewInvitation = z.object({
  email: Email,
  name: PersonName,
  locale: Locale,
  staff_role: StaffRole.nullable().default(null),
  organisation_id: Id.nullable().default(null),
  project_id: Id.nullable().default(null),
  level: Level.nullable().default(null),
  /** A guest of the project until then, for whom the inviter answers. */
  guest_until: Time.nullable().default(null)
})

export type StaffRole = z.infer<typeof StaffRole>
export type NewOrganisation = z.infer<typeof NewOrganisation>
export type Firm = z.infer<typeof Firm>
export type FirmChange = z.infer<typeof FirmChange>
export type NextStep = z.infer<typeof NextStep>
export type SignIn = z.infer<typeof SignIn>
export type SignedIn = z.infer<typeof SignedIn>
export type SecondFactor = z.infer<typeof SecondFactor>
export type TotpSetup = z.infer<typeof TotpSetup>
export type Preferences = z.infer<typeof Preferences>
export type OpenLink = z.infer<typeof OpenLink>
export type InvitationShown = z.infer<typeof InvitationShown>
export type AcceptInvitation = z.infer<typeof AcceptInvitation>
export type SetUpFirm = z.infer<typeof SetUpFirm>
export type NewInvitation = z.infer<typeof NewInvitation>

/** What the inviter learns: the same whether or not somebody has the address already. */
export const Invitation = z
  .object({ email: z.string(), name: z.string(), expires_at: Time })
  .meta({ id: 'Invitation' })
export type Invitation = z.infer<typeof Invitation>
