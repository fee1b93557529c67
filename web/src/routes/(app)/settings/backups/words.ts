import * as m from '#lib/paraglide/messages.js'

const PROBLEMS: Record<string, () => string> = {
  restic_missing: m.backups_problem_restic_missing,
  target_away: m.backups_problem_target_away,
  target_full: m.backups_problem_target_full,
  wrong_password: m.backups_problem_wrong_password,
  store_away: m.backups_problem_store_away,
  damaged: m.backups_problem_damaged,
  disk_full: m.backups_problem_disk_full,
  log: m.backups_problem_log,
  documents: m.backups_problem_documents
}

/** What went wrong and what to do, by its code. */
export const problemOf = (code: string): string => PROBLEMS[code]?.() ?? m.backups_problem_other({ code })
