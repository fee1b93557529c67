import type { BackupUnderWay, Backups } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'
import { getLocale } from '#lib/paraglide/runtime.js'
import { exactTime } from '#lib/time.ts'

const PROBLEMS: Record<string, () => string> = {
  restic_missing: m.backups_problem_restic_missing,
  target_away: m.backups_problem_target_away,
  target_full: m.backups_problem_target_full,
  wrong_password: m.backups_problem_wrong_password,
  store_away: m.backups_problem_store_away,
  damaged: m.backups_problem_damaged,
  disk_full: m.backups_problem_disk_full,
  log: m.backups_problem_log,
  documents: m.backups_problem_documents,
  wal_lost: m.backups_problem_wal_lost,
  busy: m.backups_problem_busy
}

/** What went wrong and what to do, by its code. */
export const problemOf = (code: string): string => PROBLEMS[code]?.() ?? m.backups_problem_other({ code })

type State = NonNullable<Backups['state']>

/** How what goes out between two whole ones stands, in a word. */
export function recentStatus({ recent_late, recent_problem }: State): {
  kind: 'danger' | 'warn' | 'done'
  word: string
} {
  if (recent_late) return { kind: 'danger', word: m.backups_recent_late() }
  if (recent_problem) return { kind: 'warn', word: m.backups_recent_failed() }
  return { kind: 'done', word: m.backups_recent_in_time() }
}

/** Up to when what is new is saved, in one line where database and documents stand alike; then what is in the way. */
export function recentLines({ recent_at, documents_at, recent_problem }: State, time_zone: string): string[] {
  const problem = recent_problem ? [problemOf(recent_problem)] : []
  if (recent_at === null) return [m.backups_recent_none(), ...problem]
  const time = exactTime(recent_at, getLocale(), time_zone)
  const of_documents = documents_at === null ? '–' : exactTime(documents_at, getLocale(), time_zone)
  if (of_documents === time) return [m.backups_recent_both({ time }), ...problem]
  return [m.backups_recent_database({ time }), m.backups_recent_documents({ time: of_documents }), ...problem]
}

const STEPS = ['database', 'objects', 'drill'] as const
const STEP_NAMES = {
  database: m.backups_step_database,
  objects: m.backups_step_objects,
  drill: m.backups_step_drill
}

/** The steps of the one that is being made, and where it stands. What came meanwhile is more of the documents. */
export function stepsOf({ step }: BackupUnderWay): {
  name: string
  kind: 'done' | 'working' | 'waiting'
  now: boolean
}[] {
  const at = STEPS.indexOf(step === 'recent' ? 'objects' : step)
  return STEPS.map((one, i) => ({
    name: STEP_NAMES[one](),
    kind: i < at ? 'done' : i === at ? 'working' : 'waiting',
    now: i === at
  }))
}
