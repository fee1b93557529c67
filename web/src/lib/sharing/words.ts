/** Sharing in words. Pure. */
import type { Link } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'

export const levelWords = (level: Link['level']): string =>
  level === 'view' ? m.visit_level_view() : m.visit_level_download()

const STATES = {
  open: { kind: 'done', word: m.links_state_open },
  used_up: { kind: 'warn', word: m.links_state_used_up },
  expired: { kind: 'waiting', word: m.links_state_expired },
  revoked: { kind: 'danger', word: m.links_state_revoked }
} as const

export function stateWords(state: Link['state']) {
  const { kind, word } = STATES[state]
  return { kind, word: word() }
}

/** The class of a device out of its User-Agent. */
export function deviceWords(user_agent: string): string {
  if (/iPad|Tablet|Android(?!.*Mobile)/.test(user_agent)) return m.links_device_tablet()
  if (/Mobile|iPhone/.test(user_agent)) return m.links_device_phone()
  return /Windows|Macintosh|X11|CrOS/.test(user_agent) ? m.links_device_computer() : m.links_device_unknown()
}
