/** What goes wrong with a backup or a restore and has a name: one sentence that says what to do, and an exit code. */

/** Exit codes are part of the command's surface (docs/guide/backups.md): scripts of offices look at them. */
export const EXIT_CODES = {
  usage: 2,
  restic_missing: 10,
  target_away: 11,
  target_full: 12,
  wrong_password: 13,
  busy: 14,
  database_away: 15,
  store_away: 16,
  not_set_up: 17,
  folder_not_empty: 18,
  something_missing: 19,
  no_such_snapshot: 20,
  disk_full: 21,
  drill_failed: 22,
  not_well: 23,
  damaged: 24,
  wal_lost: 25,
  failed: 1
} as const
export type Code = keyof typeof EXIT_CODES

export class BackupProblem extends Error {
  readonly code: Code
  /** What a program gets beside the sentence. */
  readonly facts: Record<string, unknown>

  constructor(code: Code, message: string, facts: Record<string, unknown> = {}, cause?: unknown) {
    super(message, { cause })
    this.name = 'BackupProblem'
    this.code = code
    this.facts = facts
  }

  get exit(): number {
    return EXIT_CODES[this.code]
  }
}
