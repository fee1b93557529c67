/** What the notify function is asked to send. One template each for what a person is told. */
import { z } from 'zod'
import { Locale, Time } from './common.ts'
import { NoticeKind } from './notice.ts'

export const MailTemplate = z.enum([
  'invitation',
  'access',
  'held',
  'emergency',
  'backup',
  'scanner',
  'given_up',
  'webhook',
  'news',
  'link',
  'renewal',
  'reset',
  'password_changed',
  'new_device',
  'email',
  'email_changed',
  'recovered',
  'factors',
  'code',
  'way_in',
  'way_in_confirm',
  'way_in_used',
  'deputy',
  'deputy_of_other'
])
export type MailTemplate = z.infer<typeof MailTemplate>

/** One mail to one person. Holds no name of a person, a file or a project: mail is read on the way. */
export const Mail = z.object({
  template: MailTemplate,
  locale: Locale,
  /** The firm's name. */
  firm: z.string(),
  /** Where the button leads. */
  link: z.url(),
  /** A one-time code to be typed where it was asked for; never in the subject. */
  code: z.string().nullable().default(null),
  /** Until when the link works, and the reader's zone. */
  expires_at: Time.nullable().default(null),
  time_zone: z.string().default('UTC'),
  /** What is new, for `news`: kinds and how many. */
  news: z.array(z.object({ kind: NoticeKind, count: z.int().min(1) })).default([]),
  /** How to stop such mail: the page for people, the address for mail programs (RFC 8058). */
  unsubscribe: z.object({ page: z.url(), one_click: z.url() }).nullable().default(null),
  /** Who the firm is, as it says itself, in the language that it wrote it in, and the page with all of it. */
  imprint: z.object({ text: z.string(), lang: Locale, page: z.url() }).nullable().default(null)
})
export type Mail = z.infer<typeof Mail>

/** A text message with a code. `to`: E.164. */
export const TextMessage = z.object({
  to: z.string().regex(/^\+\d{7,15}$/),
  firm: z.string(),
  code: z.string(),
  locale: Locale
})
export type TextMessage = z.infer<typeof TextMessage>

/** `{to}` and `{text}` in url and body are filled in, as the place and the type need it. docs/guide/sms.md */
export const SmsGateway = z.object({
  url: z.url({ protocol: /^https?$/ }),
  method: z.enum(['GET', 'POST', 'PUT']).default('POST'),
  type: z.enum(['application/json', 'application/x-www-form-urlencoded']).default('application/json'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default('{"to":"{to}","text":"{text}"}')
})
export type SmsGateway = z.infer<typeof SmsGateway>

/** One message to another program's endpoint, signed already. `patience`: seconds. */
export const WebhookMessage = z.object({
  delivery: z.uuid(),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  patience: z.number().positive()
})
export type WebhookMessage = z.infer<typeof WebhookMessage>

/** What the endpoint said: its status, and never more. `failure`: why it said nothing, as a code. */
export const WebhookAnswer = z.object({
  delivery: z.uuid(),
  status: z.int().nullable(),
  failure: z.string().max(40).nullable(),
  /** Seconds. */
  retry_after: z.number().min(0).nullable()
})
export type WebhookAnswer = z.infer<typeof WebhookAnswer>

const NotifyCall = z.object({ job: z.uuid(), kind: z.literal('notify'), attempt: z.int().min(1) })
export const NotifyRequest = z.union([
  NotifyCall.extend({ to: z.string().min(3).max(254), mail: Mail }),
  NotifyCall.extend({ sms: TextMessage }),
  NotifyCall.extend({ webhook: WebhookMessage })
])
export type NotifyRequest = z.infer<typeof NotifyRequest>

/** What became of it: the id under which every try of this job is the same message. */
export const NotifySent = z.object({ message_id: z.string() })
export type NotifySent = z.infer<typeof NotifySent>
