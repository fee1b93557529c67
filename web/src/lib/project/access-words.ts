/** Access in sentences: who may what, through what, until when. Pure. */
import * as m from '#lib/paraglide/messages.js'
import type { AccessReason, Grant, Level, Simulation, SimulationStep, ThingAccess } from '#lib/contract.ts'
import { getLocale } from '#lib/paraglide/runtime.js'
import { exactTime } from '#lib/time.ts'
import type { z } from 'zod'

const LEVEL: Record<Level, () => string> = {
  view: m.access_level_view,
  download: m.access_level_download,
  contribute: m.access_level_contribute,
  manage: m.access_level_manage
}

/** "ansehen und herunterladen"; null: "nichts". */
export const levelText = (level: Level | null): string => (level ? LEVEL[level]() : m.access_level_none())

const DENIED: Record<Level, () => string> = {
  view: m.access_deny_view,
  download: m.access_deny_download,
  contribute: m.access_deny_contribute,
  manage: m.access_deny_manage
}

/** What is left of a denied level: "höchstens ansehen". */
export const denyText = (level: Level): string => DENIED[level]()

type Thing = Grant['thing']
type Principal = Pick<Grant['principal'], 'kind' | 'name'>

/** "für den Ordner Belege" */
export function thingText(thing: Thing): string {
  if (thing.kind === 'firm') return m.access_on_firm()
  if (thing.kind === 'project') return m.access_on_project({ name: thing.name })
  return thing.kind === 'folder'
    ? m.access_on_folder({ name: thing.name })
    : m.access_on_document({ name: thing.name })
}

/** "Ordner Belege" */
export function thingName(thing: Pick<Thing, 'kind' | 'name'>): string {
  if (thing.kind === 'firm') return thing.name
  if (thing.kind === 'project') return m.access_name_project({ name: thing.name })
  return thing.kind === 'folder'
    ? m.access_name_folder({ name: thing.name })
    : m.access_name_document({ name: thing.name })
}

/** Nothing of a person: the name says it. */
export function principalKindText(kind: Principal['kind']): string {
  if (kind === 'person') return ''
  return kind === 'group' ? m.access_kind_group() : m.access_kind_organisation()
}

/** "darf ansehen, bis 4. Dez. 2026, 18:00 MEZ" */
export const grantText = (grant: Grant, time_zone: string): string =>
  [
    m.access_may({ level: grant.allows ? levelText(grant.level) : denyText(grant.level) }),
    grant.own_only && m.access_own_only(),
    windowText(grant, time_zone)
  ]
    .filter(Boolean)
    .join(', ')

/** "Sperre für den Ordner Belege: nur ansehen, ab …" */
export function lockText(lock: ThingAccess['locks'][number], time_zone: string): string {
  const on = lock.on.name ? thingText(lock.on) : m.access_hidden_place()
  const window = windowText(lock, time_zone)
  return lock.hides ? m.access_lock_hidden({ on, window }) : m.access_lock_view({ on, window })
}

function throughText(through: Principal): string {
  if (through.kind === 'person') return m.access_personal()
  return through.kind === 'organisation'
    ? m.access_through_organisation({ name: through.name })
    : m.access_through_group({ name: through.name })
}

/** "über Muster GmbH für das Projekt Jahresabschluss, bis 4. Dez. 2026, 18:00 MEZ" */
export function reasonText(reason: z.infer<typeof AccessReason>, time_zone: string): string {
  const words = [
    `${throughText(reason.through)} ${thingText(reason.on)}`,
    reason.own_only && m.access_own_only()
  ]
    .filter(Boolean)
    .join(', ')
  const time = (at: string) => exactTime(at, getLocale(), time_zone)
  const told = reason.until ? `${words}, ${m.access_until({ time: time(reason.until) })}` : words
  const place = reason.in_place_of
  return place ? m.access_in_place_of({ name: place.name, time: time(place.until), reason: told }) : told
}

/** "ab …, bis …"; empty without a window. */
export function windowText(grant: Pick<Grant, 'valid_from' | 'valid_until'>, time_zone: string): string {
  const time = (at: string) => exactTime(at, getLocale(), time_zone)
  return [
    grant.valid_from && m.access_from({ time: time(grant.valid_from) }),
    grant.valid_until && m.access_until({ time: time(grant.valid_until) })
  ]
    .filter(Boolean)
    .join(', ')
}

/** As levelText, of an answer that may be nothing. */
export const anyLevelText = (level: Simulation['level']): string => levelText(level === 'none' ? null : level)

/** One line of the simulator's chain, as a sentence. */
export function stepText(step: SimulationStep, time_zone: string): string {
  const name = step.person?.name ?? m.simulation_somebody()
  const until = step.valid_until
    ? `, ${m.access_until({ time: exactTime(step.valid_until, getLocale(), time_zone) })}`
    : ''
  const through = step.through
    ? step.through.kind === 'link'
      ? m.simulation_through_link({ name: step.through.name })
      : throughText({ ...step.through, kind: step.through.kind })
    : m.simulation_through_hidden()
  const level = levelText(step.level)
  const words: Record<SimulationStep['step'], () => string> = {
    allow: () =>
      `${m.simulation_allow({ through, level })}${step.own_only ? `, ${m.access_own_only()}` : ''}${until}`,
    deny: () => `${m.simulation_deny({ through, level })}${until}`,
    not_active: () => m.simulation_not_active({ name }),
    in_place_of: () => `${m.simulation_in_place_of({ name })}${until}`,
    no_more_than: () => m.simulation_no_more_than({ name }),
    excluded: () => m.simulation_excluded({ name }),
    walled_off: () => m.simulation_walled_off({ name }),
    waiting: () => m.simulation_waiting({ name }),
    hidden: () => `${m.simulation_hidden()}${until}`,
    view_only: () => `${m.simulation_view_only()}${until}`
  }
  return words[step.step]()
}
