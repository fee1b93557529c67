/** Uploads in the reader's language. */
import * as m from '#lib/paraglide/messages.js'
import { getLocale } from '#lib/paraglide/runtime.js'
import type { Complaint } from '../look.ts'
import type { Failure, Phase, Sky } from '../types.ts'

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** "1,2 MB": thousands, as the person's own computer shows sizes. */
export function bytesText(bytes: number, locale: string = getLocale()): string {
  const step = bytes < 1_000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1_000 ** step
  const format = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: UNITS[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step > 0 && value < 10 ? 1 : 0
  })
  return format.format(value)
}

/** "40 Sek.", "3 Min.", "1 Std. 20 Min.": rounded as coarsely as the guess is. */
export function durationText(seconds: number): string {
  if (seconds < 55) return m.upload_seconds({ count: Math.max(5, Math.ceil(seconds / 5) * 5) })
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 60) return m.upload_minutes({ count: minutes })
  return m.upload_hours({ hours: Math.floor(minutes / 60), minutes: minutes % 60 })
}

export const PHASE_TEXT: Record<Phase, () => string> = {
  waiting: m.upload_phase_waiting,
  queued: m.upload_phase_waiting,
  sending: m.upload_phase_sending,
  finishing: m.upload_phase_finishing,
  received: m.upload_phase_received,
  paused: m.upload_phase_paused,
  failed: m.upload_phase_failed,
  needs_file: m.upload_phase_needs_file
}

const FAILURE_TEXT: Record<Exclude<Failure['code'], 'problem'>, () => string> = {
  unreadable: m.upload_failure_unreadable,
  too_large: m.upload_failure_too_large,
  bad_name: m.upload_failure_bad_name,
  forbidden: m.upload_failure_forbidden,
  refused: m.upload_failure_refused,
  mismatch: m.upload_failure_mismatch,
  gone: m.upload_failure_gone
}

export const failureText = (failure: Failure): string =>
  failure.code === 'problem' ? (failure.detail ?? m.upload_failure_refused()) : FAILURE_TEXT[failure.code]()

export const SKY_TEXT: Record<Exclude<Sky, 'fine'>, () => string> = {
  offline: m.upload_sky_offline,
  away: m.upload_sky_away,
  signed_out: m.upload_sky_signed_out
}

export function complaintText({ why, picked, name }: Complaint): string {
  if (why === 'name') return m.upload_wrong_name({ picked, name })
  if (why === 'size') return m.upload_wrong_size({ name })
  if (why === 'content') return m.upload_wrong_content({ name })
  return why === 'elsewhere' ? m.upload_elsewhere({ name }) : m.upload_cannot_read({ name: picked })
}
