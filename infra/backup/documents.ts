/**
 * Documents that came since the last whole backup. The inbox knows which: what it costs depends on them and not on how
 * much the store holds. Each time all since that backup are named; what is at the target already is not read again.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { z } from 'zod'
import { holdDeletions } from '../../functions/_shared/db/hold.ts'
import { DERIVED, DOCUMENTS, DROPS } from '../../functions/_shared/storage/buckets.ts'
import { BackupProblem } from './problem.ts'
import { type Repository, backupArguments, startRestic, summaryIn } from './restic.ts'
import type { Begin } from './wal.ts'

/** Minutes before the backup began: what the store had told by then was in its copy of the objects for certain. */
const OVERLAP = 10

/** The last one: what the next one is compared with. */
const Last = z.strictObject({ run: z.string(), snapshot: z.string() })

const fileOf = (data: string): string => join(data, 'backup/recent.json')

function lastOf(data: string, run: string): string | null {
  if (!existsSync(fileOf(data))) return null
  const last = Last.parse(JSON.parse(readFileSync(fileOf(data), 'utf8')))
  return last.run === run ? last.snapshot : null
}

function remember(data: string, last: z.infer<typeof Last>): void {
  writeFileSync(`${fileOf(data)}.new`, `${JSON.stringify(last)}\n`, { mode: 0o600 })
  renameSync(`${fileOf(data)}.new`, fileOf(data))
}

/**
 * Saves what came since the backup began.
 *
 * @param at what came before this moment is at the target when it resolves
 * @returns bytes new to the target
 */
export async function saveDocuments(
  client: pg.ClientBase,
  repository: Repository,
  data: string,
  begin: Begin,
  at: string
): Promise<number> {
  const release = await holdDeletions(client)
  try {
    const paths = await pathsSince(client, data, begin.at)
    if (paths.length === 0) return 0
    const parent = lastOf(data, begin.run)
    const erased = String(await erasedSince(client, begin.at))
    const { child, done } = startRestic(
      repository,
      [
        ...backupArguments({ part: 'recent', run: begin.run, at, erased }, new Date(at)),
        ...(parent ? ['--parent', parent] : []),
        ...['--files-from-raw', '-']
      ],
      { cwd: join(data, 'store'), stdin: true }
    )
    child.stdin?.on('error', () => undefined) // its end says why
    child.stdin?.end(paths.map((path) => `${path}\0`).join(''))
    const { lines, unread } = await done
    const lost = unread.filter((one) => !one.path.includes(DERIVED))
    if (lost.length > 0)
      throw new BackupProblem(
        'store_away',
        `${lost.length} new documents could not be read: ${lost[0]?.path}.`
      )
    const summary = summaryIn(lines)
    remember(data, { run: begin.run, snapshot: summary.snapshot_id })
    return summary.data_added
  } finally {
    await release()
  }
}

/** Versions that came since and are not among the paths any more. */
async function erasedSince(client: pg.ClientBase, since: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from version
      where received_at >= $1::timestamptz - $2 * interval '1 minute' and erased_at is not null`,
    [since, OVERLAP]
  )
  return rows[0]?.count ?? 0
}

/** Below the store's folder: originals with what was made of them, and what S3 clients dropped. */
async function pathsSince(client: pg.ClientBase, data: string, since: string): Promise<string[]> {
  const { rows } = await client.query<{ bucket: string; key: string }>(
    // What is adopted from a drop is a version before the store has told of its copy.
    `with since as (select $1::timestamptz - $2 * interval '1 minute' as at)
     select bucket, key from inbox, since
      where received_at >= since.at and kind = 'created' and bucket = any($3)
      union
     select $4, object_key from version, since where received_at >= since.at and erased_at is null`,
    [since, OVERLAP, [DOCUMENTS, DROPS], DOCUMENTS]
  )
  const paths = rows.flatMap(({ bucket, key }) => [
    `objects/${bucket}/${key}`,
    ...(bucket === DOCUMENTS ? [`objects/${DERIVED}/${key.split('/')[1] ?? ''}`] : [])
  ])
  // What was erased meanwhile, and what nothing was made of.
  return paths.filter((path) => existsSync(join(data, 'store', path)))
}
