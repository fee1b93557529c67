/** Outgoing webhooks: endpoints of other programs that are told of events, by the Standard Webhooks specification. */
import { z } from 'zod'
import { Id, Name, Time } from './common.ts'
import { EventType } from './event.ts'

/** off: switched off by somebody; resting: it did not answer for days; gone: it said so itself (410). */
export const WebhookState = z.enum(['on', 'off', 'resting', 'gone'])
export type WebhookState = z.infer<typeof WebhookState>

/** Hours that the secret before signs too after a new one was made. */
export const OLD_SECRET_HOURS = 24
/** Days after which what became of a delivery is forgotten. */
export const DELIVERY_DAYS = 30

const Address = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .refine((url) => URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '', {
    message: 'no user name or password in the address: the signature says who calls'
  })

export const Webhook = z
  .object({
    id: Id,
    name: z.string(),
    url: z.string(),
    types: z.array(EventType),
    /** Only of these; none: of all. `name: null`: one that the reader may not see. */
    projects: z.array(z.object({ id: Id, name: z.string().nullable() })),
    state: WebhookState,
    state_at: Time,
    old_secret_until: Time.nullable(),
    /** Deliveries that wait, and that failed in the last 30 days. */
    waiting: z.int(),
    failed: z.int(),
    answered_at: Time.nullable(),
    made_by: z.object({ id: Id, name: z.string() }),
    created_at: Time,
    /** It rests, and the reader's inbox says so. */
    told: z.boolean()
  })
  .meta({ id: 'Webhook' })
export type Webhook = z.infer<typeof Webhook>

const Wish = z.object({
  name: Name,
  url: Address,
  types: z
    .array(EventType)
    .min(1)
    .transform((types) => [...new Set(types)]),
  project_ids: z.array(Id).max(100)
})
export const NewWebhook = Wish.extend({ project_ids: Wish.shape.project_ids.default([]) })
export type NewWebhook = z.infer<typeof NewWebhook>

/** What is left out stays. `state: on` also wakes one that rests or was gone. */
export const WebhookChange = Wish.extend({ state: z.enum(['on', 'off']) }).partial()
export type WebhookChange = z.infer<typeof WebhookChange>

/** The only answer that ever has this secret: `whsec_` and base64. */
export const MadeWebhook = z.object({ webhook: Webhook, secret: z.string() })

/** What an endpoint was told, or is to be told. Of its answer the status and nothing else is kept. */
export const WebhookDelivery = z
  .object({
    id: Id,
    /** `webhook-id`, and the event's id: the same at every try. */
    event_id: z.string(),
    type: z.string(),
    state: z.enum(['waiting', 'delivered', 'failed']),
    attempts: z.int(),
    status: z.int().nullable(),
    /** Why there was no answer, as a code. */
    reason: z.string().nullable(),
    created_at: Time,
    last_at: Time.nullable(),
    /** When it is tried next; null: it is not. */
    next_at: Time.nullable()
  })
  .meta({ id: 'WebhookDelivery' })
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

/** All deliveries that failed since a moment begin again. */
export const WebhookReplay = z.object({ since: Time })
export const WebhookReplayed = z.object({ count: z.int() })
