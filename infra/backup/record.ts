/** What backups tell the database of themselves and of what was read back (migrations 0060_backups, 0083_recent). */
import type pg from 'pg'
import type { Made } from './backup.ts'
import type { Drilled } from './drill.ts'
import type { Code } from './problem.ts'
import type { Recent } from './recent.ts'
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

/** What came since the last whole backup is at the target. Documents that are not there leave their moment as it was. */
export const recordRecent = async (client: pg.Client, settings: Settings, recent: Recent): Promise<void> => {
  await client.query(
    `insert into backup_recent (every_seconds, run, at, documents_at, problem, seconds, bytes)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do update
       set every_seconds = excluded.every_seconds, run = excluded.run, at = excluded.at,
           documents_at = coalesce(excluded.documents_at, backup_recent.documents_at), tried_at = now(),
           problem = excluded.problem, seconds = excluded.seconds, bytes = excluded.bytes`,
    [
      settings.recent_seconds,
      recent.run,
      recent.at,
      recent.documents_at,
      recent.documents_problem,
      recent.seconds,
      recent.bytes
    ]
  )
}

export const recordRecentFailed = (client: pg.Client, settings: Settings, problem: Code): Promise<unknown> =>
  client.query(
    `insert into backup_recent (every_seconds, problem) values ($1, $2)
     on conflict (id) do update set every_seconds = excluded.every_seconds, problem = excluded.problem, tried_at = now()`,
    [settings.recent_seconds, problem]
  )

/** It is switched off: nothing is late that is not wanted. */
export const recordNoRecent = (client: pg.Client): Promise<unknown> =>
  client.query('delete from backup_recent')
