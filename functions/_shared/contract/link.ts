/** Links for third parties, and the visits made through them. */
import { z } from 'zod'
import { Id, Locale, PersonName, Time } from './common.ts'
import { PreviewResult } from './document.ts'

/** What a visitor may do at most; never more than the link's maker may at that moment. */
export const LinkLevel = z.enum(['view', 'download'])
export type LinkLevel = z.infer<typeof LinkLevel>

export const NewLink = z.object({
  /** Documents or folders of one project. */
  thing_ids: z.array(Id).min(1).max(100),
  /** Whom it is for, in the maker's words. */
  recipient: z.string().trim().min(1).max(200),
  level: LinkLevel.default('view'),
  /** null: in 14 days, or when the firm's longest time is over. */
  valid_until: Time.nullable().default(null),
  password: z.string().min(8).max(200).nullable().default(null),
  max_opens: z.int().min(1).max(10_000).nullable().default(null),
  note: z.string().trim().max(1_000).nullable().default(null)
})
export type NewLink = z.infer<typeof NewLink>

const LinkState = z.enum(['open', 'used_up', 'expired', 'revoked'])
const Shared = z.object({ id: Id, kind: z.enum(['project', 'folder', 'document']), name: z.string() })
/** `name` null: something that the asker does not see any more. */
const SharedOnce = Shared.extend({ name: z.string().nullable() })

export const Link = z
  .object({
    id: Id,
    project_id: Id,
    recipient: z.string(),
    level: LinkLevel,
    things: z.array(SharedOnce),
    valid_until: Time,
    state: LinkState,
    has_password: z.boolean(),
    opens: z.int(),
    /** How often it was called up with its secret: people look once before they open, programs that check mails never open. */
    looks: z.int(),
    max_opens: z.int().nullable(),
    note: z.string().nullable(),
    created_at: Time,
    /** When somebody asked for a renewal that nobody has answered. */
    renewal_asked_at: Time.nullable(),
    /** Of the last mail: waiting for the mail server, or given up; null: sent, just on its way, or none. */
    mail: z.enum(['waiting', 'failed']).nullable()
  })
  .meta({ id: 'Link' })
export type Link = z.infer<typeof Link>

/** `url` is told to the request that made it, and to the same one repeated: its secret is kept nowhere. */
export const MadeLink = Link.extend({ url: z.url() }).meta({ id: 'MadeLink' })
export type MadeLink = z.infer<typeof MadeLink>

/** One opening, as the maker sees it. */
export const LinkVisit = z
  .object({ id: Id, name: z.string(), device: z.string(), opened_at: Time })
  .meta({ id: 'LinkVisit' })

export const LinkWithVisits = Link.extend({ visits: z.array(LinkVisit) }).meta({ id: 'LinkWithVisits' })
export type LinkWithVisits = z.infer<typeof LinkWithVisits>

/** What the firm allows whoever makes a link. */
export const LinkTerms = z
  .object({
    /** Days that a link may last at most. */
    days_max: z.int()
  })
  .meta({ id: 'LinkTerms' })
export type LinkTerms = z.infer<typeof LinkTerms>

/** A link goes on, at the same address. */
export const LinkRenewal = z.object({
  /** null: in 14 days, or when the firm's longest time is over. */
  valid_until: Time.nullable().default(null),
  /** How often it may be opened from now on, where that is counted; null: as often as it might be at first. */
  more_opens: z.int().min(1).max(10_000).nullable().default(null)
})

const Secret = z.string().min(1).max(200)

/** A link's mail. The secret comes from whoever made the link: the portal does not know it. */
export const LinkMailing = z.object({
  secret: Secret,
  to: z.email().max(254),
  locale: Locale.default('de')
})

export const LinkAsk = z.object({ secret: Secret })

/** What whoever holds the secret is told before they open: nothing of what is shared once it has ended. */
export const LinkShown = z
  .object({
    state: LinkState,
    firm: z.string(),
    sender: z.string(),
    recipient: z.string(),
    level: LinkLevel,
    things: z.array(Shared.omit({ id: true })),
    note: z.string().nullable(),
    has_password: z.boolean(),
    valid_until: Time,
    time_zone: z.string()
  })
  .meta({ id: 'LinkShown' })
export type LinkShown = z.infer<typeof LinkShown>

export const LinkOpening = z.object({
  secret: Secret,
  password: z.string().max(200).nullable().default(null),
  /** The visitor's name or address: burned into every page that may only be viewed. */
  name: PersonName
})

/** What a visitor is told. */
export const Visit = z
  .object({
    link_id: Id,
    firm: z.string(),
    sender: z.string(),
    recipient: z.string(),
    level: LinkLevel,
    note: z.string().nullable(),
    valid_until: Time,
    time_zone: z.string()
  })
  .meta({ id: 'Visit' })
export type Visit = z.infer<typeof Visit>

export const SharedDocument = z
  .object({
    id: Id,
    name: z.string(),
    /** The folders that it lies in, from the shared one on; empty where it is shared itself. */
    path: z.array(z.string()),
    /** What the visitor may do with it at this moment. */
    level: LinkLevel,
    /** The current version's number. */
    version: z.int(),
    size: z.number(),
    page_count: z.int().nullable(),
    pages_ready: z.int(),
    preview_result: PreviewResult.nullable()
  })
  .meta({ id: 'SharedDocument' })
export type SharedDocument = z.infer<typeof SharedDocument>
