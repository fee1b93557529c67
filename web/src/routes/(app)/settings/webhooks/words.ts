import type { EventType, Webhook, WebhookDelivery } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'

/** Types that stand under one heading. */
export type TypeGroups = { name: string; types: EventType[] }[]

type Shown = { kind: 'done' | 'working' | 'waiting' | 'danger' | 'warn'; word: string }

export function stateOf({ state }: Pick<Webhook, 'state'>): Shown {
  if (state === 'on') return { kind: 'done', word: m.webhooks_state_on() }
  if (state === 'off') return { kind: 'waiting', word: m.webhooks_state_off() }
  return { kind: 'danger', word: state === 'gone' ? m.webhooks_state_gone() : m.webhooks_state_resting() }
}

export function deliveryOf({ state, attempts }: WebhookDelivery): Shown {
  if (state === 'delivered') return { kind: 'done', word: m.webhooks_delivered() }
  if (state === 'failed') return { kind: 'danger', word: m.webhooks_failed() }
  return { kind: attempts === 0 ? 'working' : 'warn', word: m.webhooks_waiting() }
}

const REASONS: Record<string, () => string> = {
  status: m.webhooks_reason_status,
  redirect: m.webhooks_reason_redirect,
  gone: m.webhooks_reason_gone,
  no_answer: m.webhooks_reason_no_answer,
  name_unknown: m.webhooks_reason_name_unknown,
  address_refused: m.webhooks_reason_address_refused,
  scheme_refused: m.webhooks_reason_scheme_refused,
  too_large: m.webhooks_reason_too_large,
  resting: m.webhooks_reason_resting,
  off: m.webhooks_reason_off
}
/** Why an event did not get through. */
export const reasonOf = (code: string): string => REASONS[code]?.() ?? code

const GROUPS: Record<string, () => string> = {
  documents: m.webhooks_group_documents,
  places: m.webhooks_group_places,
  comments: m.webhooks_group_comments,
  access: m.webhooks_group_access,
  links: m.webhooks_group_links
}
export const groupName = (name: string): string => GROUPS[name]?.() ?? name
