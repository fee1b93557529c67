/**
 * The database's own log (WAL) since the last whole backup. The server keeps it for us by a replication slot; the finished
 * and the begun segments are read where they lie, up to a mark that we write into it ourselves: a restore goes exactly to
 * that mark or fails (docs/decisions/backups.md).
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { z } from 'zod'
import { BackupProblem } from './problem.ts'
import { type Repository, backupArguments, restic, summaryIn } from './restic.ts'

/** Each backup has a slot of its own: that an older one's log became too much must not take the newer one's along. */
const SLOTS = 'portico_wal_'

/** Bytes: initdb's own choice, and what the names of segments are counted by. */
const SEGMENT = 16 * 1024 * 1024
const SEGMENTS_A_LOG = 0x1_0000_0000 / SEGMENT

/** Where the log of the newest whole backup begins; `<data>/backup/wal.json`. */
const Begin = z.strictObject({
  run: z.string(),
  at: z.string(),
  segment: z.string().length(24),
  lsn: z.string(),
  slot: z.string()
})
export type Begin = z.infer<typeof Begin>

const fileOf = (data: string): string => join(data, 'backup/wal.json')

/** Null: no whole backup was made yet from which the log goes on. */
export function readBegin(data: string): Begin | null {
  if (!existsSync(fileOf(data))) return null
  return Begin.parse(JSON.parse(readFileSync(fileOf(data), 'utf8')))
}

export function writeBegin(data: string, begin: Begin): void {
  writeFileSync(`${fileOf(data)}.new`, `${JSON.stringify(begin)}\n`, { mode: 0o600 })
  renameSync(`${fileOf(data)}.new`, fileOf(data))
}

/** From now on the next whole backup is due at once: without one there is nothing that the log could go on from. */
export const forgetBegin = (data: string): void => rmSync(fileOf(data), { force: true })

/**
 * From here on the server keeps its log until it is at the target, but no more than `megabytes` of it: a target that is
 * away for days does not fill the disk.
 */
export async function holdWal(
  client: pg.ClientBase,
  data: string,
  megabytes: number
): Promise<Pick<Begin, 'segment' | 'lsn' | 'slot'>> {
  await client.query(`alter system set max_slot_wal_keep_size = '${Math.round(megabytes)}MB'`)
  await client.query('select pg_reload_conf()')
  await dropSlots(client, readBegin(data)?.slot)
  const slot = `${SLOTS}${Date.now()}`
  await client.query('select pg_create_physical_replication_slot($1, true)', [slot])
  const { rows } = await client.query<{ segment: string; lsn: string }>(
    'select pg_walfile_name(lsn) as segment, lsn::text as lsn from pg_current_wal_lsn() lsn'
  )
  if (!rows[0]) throw new Error('the database does not say where its log is')
  return { ...rows[0], slot }
}

/** The server lets go of what was kept for us. */
export async function releaseWal(client: pg.ClientBase, data: string): Promise<void> {
  forgetBegin(data)
  await dropSlots(client)
}

/** Those of older backups, and of backups that were killed. */
export const dropSlots = (client: pg.ClientBase, but = ''): Promise<unknown> =>
  client.query(
    `select pg_drop_replication_slot(slot_name) from pg_replication_slots
      where starts_with(slot_name, $1) and slot_name <> $2 and not active`,
    [SLOTS, but]
  )

/** A place in the log that a restore can be brought to, and nothing that was committed before is after it. */
export type Mark = { name: string; at: string; segment: string; seq: number }

/** Writes a mark; resolves when it is on the disk. */
export async function markWal(client: pg.ClientBase): Promise<Mark> {
  const { rows: before } = await client.query<{ at: Date; seq: string | null }>(
    'select clock_timestamp() as at, (select last from audit_counter)::text as seq'
  )
  const at = (before[0]?.at ?? new Date()).toISOString()
  const name = `portico_${at}`
  await client.query('begin')
  try {
    await client.query('set local synchronous_commit = on')
    await client.query('set local log_min_messages = fatal') // it would tell of each one
    await client.query('select pg_create_restore_point($1)', [name])
    // With a number of its own it has a commit record: written through to the disk, and with a time by which a restore
    // to any moment before knows that it has come far enough.
    await client.query('select pg_current_xact_id()')
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
  const { rows } = await client.query<{ segment: string }>(
    'select pg_walfile_name(pg_current_wal_insert_lsn()) as segment'
  )
  const segment = rows[0]?.segment ?? ''
  return { name, at, segment, seq: Number(before[0]?.seq ?? 0) }
}

const numberOf = (segment: string): number =>
  parseInt(segment.slice(8, 16), 16) * SEGMENTS_A_LOG + parseInt(segment.slice(16), 16)

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0')

/** The names of all segments from one to another of the same timeline, both included. */
export function segmentsBetween(first: string, last: string): string[] {
  const timeline = first.slice(0, 8)
  const [from, to] = [numberOf(first), numberOf(last)]
  if (last.slice(0, 8) !== timeline || to < from) return []
  return Array.from(
    { length: to - from + 1 },
    (_, i) => timeline + hex(Math.floor((from + i) / SEGMENTS_A_LOG)) + hex((from + i) % SEGMENTS_A_LOG)
  )
}

/** @throws wal_lost when the server no longer has everything since the backup */
export async function requireHeld(client: pg.ClientBase, begin: Begin): Promise<void> {
  const { rows } = await client.query<{ is_held: boolean }>(
    `select wal_status in ('reserved', 'extended') and restart_lsn <= $2::pg_lsn as is_held
       from pg_replication_slots where slot_name = $1`,
    [begin.slot, begin.lsn]
  )
  if (rows[0]?.is_held !== true)
    throw new BackupProblem(
      'wal_lost',
      'The database’s log since the last whole backup is no longer all there: the target was away for too long. A whole backup makes it good, and is made at once.'
    )
}

/**
 * Saves the log from the backup to the mark as one snapshot: a restore needs the backup and the last of these, and there
 * is no chain that could break.
 *
 * @returns bytes that were read, and those new to the target
 */
export async function saveWal(
  client: pg.ClientBase,
  repository: Repository,
  data: string,
  { begin, mark, tags }: { begin: Begin; mark: Mark; tags: Record<string, string> }
): Promise<{ bytes: number; added: number }> {
  const segments = segmentsBetween(begin.segment, mark.segment)
  if (segments.length === 0)
    throw new BackupProblem(
      'wal_lost',
      'The database was restored since the last whole backup: another one is due.'
    )
  const { lines, unread } = await restic(
    repository,
    // All of it is read each time: by times and sizes alone a segment that is being written looks the same too soon.
    [...backupArguments({ ...tags, part: 'wal', run: begin.run }, new Date(mark.at)), '--force', ...segments],
    { cwd: join(data, 'postgres/pg_wal') }
  )
  const summary = summaryIn(lines)
  try {
    if (unread.length > 0 || summary.total_bytes_processed !== segments.length * SEGMENT)
      throw new BackupProblem(
        'wal_lost',
        `Of the database’s log ${unread[0]?.path ?? 'a part'} was not there.`
      )
    await requireHeld(client, begin)
  } catch (error) {
    await restic(repository, ['forget', summary.snapshot_id]).catch(() => undefined)
    throw error
  }
  return { bytes: summary.total_bytes_processed, added: summary.data_added }
}
