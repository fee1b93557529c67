/** Locks in sentences. Pure: `now` comes from outside. */
import type { Lock, LockShown, NewLock } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'
import { getLocale } from '#lib/paraglide/runtime.js'
import { dayOf, exactTime } from '#lib/time.ts'

type Told = Pick<NewLock, 'hides' | 'counts_from' | 'days'> & {
  /** When it begins; null: at once. */
  from: string | null
  /** It lies on each document of a folder or project, not on the thing itself. */
  each: boolean
}

/** "jedes Dokument 30 Tage nach dem Hochladen nur noch ansehen, frühestens ab 5. Dez. 2026, 09:00 MEZ" */
export function lockText({ hides, counts_from, days, from, each }: Told, zone: string): string {
  const effect = (when: string) => (hides ? m.lock_effect_hidden({ when }) : m.lock_effect_view({ when }))
  const time = from && exactTime(from, getLocale(), zone)
  if (!counts_from || days === null) return effect(time ? m.lock_when_at({ time }) : m.lock_when_now())
  const counted =
    counts_from === 'upload' ? m.lock_when_upload({ count: days }) : m.lock_when_change({ count: days })
  const words = effect(each ? m.lock_each({ when: counted }) : counted)
  return time ? `${words}, ${m.lock_not_before({ time })}` : words
}

export const lockLine = (lock: Lock, zone: string): string =>
  lockText({ ...lock, each: lock.thing.kind !== 'document' }, zone)

/** What a row says: it is locked, or when it will be. */
export function lockRow({ hides, at }: LockShown, now: number, zone: string): string {
  if (Date.parse(at) <= now) return m.lock_row_now()
  const date = dayOf(at, now, getLocale(), zone)
  return hides ? m.lock_row_hidden({ date }) : m.lock_row_view({ date })
}

/** The same as a sentence, with the hour. */
export function lockSentence({ hides, at }: LockShown, now: number, zone: string): string {
  const time = exactTime(at, getLocale(), zone)
  if (Date.parse(at) <= now) return m.lock_told_now({ time })
  return hides ? m.lock_told_hidden({ time }) : m.lock_told_view({ time })
}
