/** What a backup tells the database of itself and of what was read back from it (migrations/0060_backups.sql). */
import type pg from 'pg'
import type { Made } from './backup.ts'
import type { Drilled } from './drill.ts'
import type { Code } from './problem.ts'
import type { Settings } from './settings.ts'

const minutesOf = (settings: Settings): number => Math.max(1, Math.round(settings.every_hours * 60))

/** A whole one; its id. */
export async function recordMade(client: pg.Client, settings: Settings, made: Made): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into backup (begun_at, every_minutes, run, database_bytes, database_added, objects_bytes, objects_added, kept)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [
      made.at,
      minutesOf(settings),
      made.run,
      made.database.bytes,
      made.database.added,
      made.objects.bytes,
      made.objects.added,
      made.kept
    ]
  )
  return rows[0]?.id ?? ''
}

/** One that failed. */
export const recordFailed = (
  client: pg.Client,
  settings: Settings,
  begun: Date,
  problem: Code
): Promise<unknown> =>
  client.query('insert into backup (begun_at, every_minutes, problem) values ($1, $2, $3)', [
    begun,
    minutesOf(settings),
    problem
  ])

export const recordDrill = (
  client: pg.Client,
  backup_id: string,
  begun: Date,
  drilled: Drilled
): Promise<unknown> =>
  client.query(
    'insert into backup_drill (backup_id, begun_at, problem, log_rows, documents) values ($1, $2, $3, $4, $5)',
    [backup_id, begun, drilled.problem, drilled.log_rows, drilled.documents]
  )
