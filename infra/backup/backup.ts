/**
 * One backup: the database first, then the objects it names, then the secrets by themselves. Only the last one makes it
 * whole: what a killed backup left is offered by no restore, and is cleared away by the next.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { holdDeletions } from '../../functions/_shared/db/hold.ts'
import { streamBaseBackup } from './base-backup.ts'
import { BackupProblem } from './problem.ts'
import type { Tell } from './progress.ts'
import {
  type Repository,
  type Summary,
  backupArguments,
  initialise,
  restic,
  snapshots,
  startRestic,
  summaryIn,
  unlock
} from './restic.ts'
import { connect, superuserUrl } from './running.ts'
import { type Repositories, type Settings, repositoriesOf, writeSettings } from './settings.ts'
import type { Environment } from './settings.ts'
import { forget } from './forget.ts'
import { DATABASE_FILE, type Whole, runsIn } from './runs.ts'
import { type Begin, holdWal, releaseWal } from './wal.ts'

export type Part = { bytes: number; added: number }

export type Made = {
  /** Its name: the moment it began. */
  run: string
  at: string
  seconds: number
  /** The number of the last act in the log that it holds for certain. */
  seq: number
  /** Bytes of the whole, and those that were new to the target (before they were compressed). */
  database: Part
  objects: Part
  secrets: Part
  /** Backups at the target now. */
  kept: number
}

/**
 * Makes one backup of a running portal.
 *
 * @param is_first whether the target may be empty: then it is made ready
 * @returns `begin`: from where the database's log goes on from it; null where it is not kept
 * @throws BackupProblem
 */
export async function makeBackup(
  data: string,
  settings: Settings,
  environment: Environment,
  is_first: boolean,
  tell: Tell
): Promise<{ made: Made; whole: Whole; begin: Begin | null }> {
  const begun = new Date()
  const run = begun.toISOString().slice(0, 19).replaceAll(':', '-') + 'Z'
  const objects = join(data, 'store/objects')
  if (!existsSync(join(objects, '.minio.sys/format.json')))
    throw new BackupProblem(
      'store_away',
      `${data} has no object store of its own. Where the objects lie in another one (S3_ENDPOINT), that one has to be backed up there.`
    )
  const client = await connect(data)
  try {
    const both = repositoriesOf(data, settings, environment)
    await makeReady(both, is_first)
    if (is_first) writeSettings(data, settings)
    const { rows } = await client.query('select last from audit_counter')
    // Before the copy: what it needs of the log, and all that comes later, is kept from here on.
    const wal = settings.recent_seconds > 0 ? await holdWal(client, data, settings.wal_megabytes) : null
    if (!wal) await releaseWal(client, data)
    const tags = {
      ...{ run, seq: String(rows[0]?.last ?? 0), server: await versionOf(client) },
      ...(wal && { wal: wal.segment })
    }
    const release = await holdDeletions(client)
    tell('database')
    const database = await saveDatabase(both.data, data, { ...tags, part: 'database' }, begun)
    const copied = new Date().toISOString()
    tell('objects')
    const saved = await saveObjects(both.data, data, { ...tags, part: 'objects', copied }, begun, tell)
    await release()
    const secrets = summaryIn(
      (
        await restic(both.secrets, [...backupArguments({ ...tags, part: 'secrets' }, begun), 'secrets'], {
          cwd: data
        })
      ).lines
    )
    const kept = await forget(both, settings, run)
    const whole = kept.find((one) => one.run === run)
    if (!whole) throw new BackupProblem('failed', 'The backup that was just made is not at the target.')
    const made = {
      run,
      at: begun.toISOString(),
      seconds: Math.round((Date.now() - begun.getTime()) / 100) / 10,
      seq: Number(tags.seq),
      database: partOf(database),
      objects: partOf(saved),
      secrets: partOf(secrets),
      kept: kept.length
    }
    return { made, whole, begin: wal && { run, at: made.at, ...wal } }
  } finally {
    await client.end().catch(() => undefined)
  }
}

const partOf = (summary: Summary): Part => ({
  bytes: summary.total_bytes_processed,
  added: summary.data_added
})

async function versionOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query('show server_version_num')
  return String(Math.floor(Number(rows[0]?.server_version_num) / 10_000))
}

/** A target that was used before has to be there: a disk that is not mounted must not look like a new one. */
async function makeReady(both: Repositories, is_first: boolean): Promise<void> {
  for (const repository of [both.data, both.secrets, both.wal]) {
    if (await unlock(repository)) continue
    // Targets of old have none of the log; the other two are there by now.
    if (!is_first && repository !== both.wal)
      throw new BackupProblem(
        'target_away',
        `The backups at ${repository.location} are gone: is the disk mounted, the bucket the right one? To begin anew there, remove backup/backup.json from the data folder and name the target again.`
      )
    await initialise(repository)
  }
}

async function saveDatabase(
  repository: Repository,
  data: string,
  tags: Record<string, string>,
  at: Date
): Promise<Summary> {
  const { child, done, kill } = startRestic(
    repository,
    [...backupArguments(tags, at), '--stdin', '--stdin-filename', DATABASE_FILE],
    { stdin: true }
  )
  const { stdin } = child
  if (!stdin) throw new Error('restic was started without stdin')
  let ended = false
  void done.then(
    () => (ended = true),
    () => (ended = true)
  )
  try {
    await streamBaseBackup(superuserUrl(data, 'postgres'), stdin)
  } catch (cause) {
    // restic's own end breaks the pipe a moment before we hear of it.
    await new Promise((resolve) => setTimeout(resolve, 500))
    if (ended) await done
    kill()
    throw new BackupProblem(
      'database_away',
      `The database could not be read to its end: ${cause instanceof Error ? cause.message : String(cause)}.`,
      {},
      cause
    )
  }
  stdin.end()
  return summaryIn((await done).lines)
}

/** What the store keeps for its own work, and begins anew by itself. */
const NOT_OBJECTS = ['objects/.minio.sys/tmp', 'objects/.minio.sys/multipart']

async function saveObjects(
  repository: Repository,
  data: string,
  tags: Record<string, string>,
  at: Date,
  tell: Tell
): Promise<Summary> {
  const before = runsIn(await snapshots(repository)).findLast((one) => one.objects !== null)?.objects
  const { lines, unread } = await restic(
    repository,
    [
      ...backupArguments(tags, at),
      ...NOT_OBJECTS.flatMap((path) => ['--exclude', join(data, 'store', path)]),
      ...(before ? ['--parent', before] : []),
      'objects'
    ],
    {
      cwd: join(data, 'store'),
      on_percent: (percent) => tell('objects', percent)
    }
  )
  const lost = unread.filter((one) => !(one.why === 'ENOENT' && mayVanish(one.path)))
  if (lost.length > 0)
    throw new BackupProblem(
      'store_away',
      `${lost.length} files of the object store could not be read, the first of them ${lost[0]?.path}: does this user own the data folder?`
    )
  return summaryIn(lines)
}

/** Derived files and the store's own notes come and go; originals do not while deletions are held. */
const mayVanish = (path: string): boolean => /\/(\.minio\.sys|portico-derived)\//.test(path)
