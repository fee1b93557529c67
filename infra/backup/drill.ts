/**
 * A backup nobody has brought back to life is a hope. After each one its database is restored from the target into a
 * scratch server and brought forward by the log that was saved after it, the log's numbers are checked, and documents taken by chance are read from a scratch store that
 * came from the target too, with the keys that came from it.
 */
import { mkdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { DOCUMENTS } from '../../functions/_shared/storage/buckets.ts'
import { type Checked, type VersionRow, checkLog, checkVersions, sampleVersions } from './check.ts'
import type { Choice } from './choose.ts'
import { BackupProblem } from './problem.ts'
import { takeWal } from './recover.ts'
import { restic } from './restic.ts'
import { takeSecrets } from './restore.ts'
import { makeFolder, unpackDatabase, withDatabase, withStore } from './scratch.ts'
import type { Repositories } from './settings.ts'

export type Drilled = {
  /** Null: all was as it should be. Else a code of problem.ts, `log` or `documents`. */
  problem: string | null
  /** In a sentence; null where there is no problem. */
  says: string | null
  log_rows: number
  documents: number
  seconds: number
}

/** Of the space that the scratch database takes: its log grows while it starts. */
const RESERVE = 1.5

/**
 * Tries a backup out, in `<data>/drill`, which is gone afterwards. Never throws: whatever goes wrong is the answer.
 *
 * @param wish.choose which one, with what goes on from it
 * @param wish.bytes of its database
 */
export async function drill(
  both: Repositories,
  data: string,
  wish: { choose: () => Promise<Choice>; bytes: number; documents: number }
): Promise<Drilled> {
  const begun = Date.now()
  const folder = join(data, 'drill')
  const found = { log_rows: 0, documents: 0 }
  const ended = (problem: string | null, says: string | null): Drilled => ({
    problem,
    says,
    ...found,
    seconds: Math.round((Date.now() - begun) / 100) / 10
  })
  try {
    rmSync(folder, { recursive: true, force: true })
    makeFolder(folder)
    const room = statfsSync(folder)
    if (room.bavail * room.bsize < wish.bytes * RESERVE)
      return ended('disk_full', 'There is not enough space in the data folder to try the backup out.')
    const choice = await wish.choose()
    const { run, wal } = choice
    await takeSecrets(both, run, folder)
    await unpackDatabase(both.data, run.database, folder)
    await takeWal(both, choice, folder)
    return await withDatabase(folder, choice, async (client) => {
      const log = await checkLog(client, wal?.seq ?? run.seq)
      found.log_rows = log.rows
      if (log.broken_at !== null)
        return ended('log', `The log in the backup is broken at number ${log.broken_at}.`)
      const sample = await sampleVersions(client, wish.documents)
      const { missing } = await checkSample(both, choice, folder, sample)
      found.documents = sample.length
      return missing.length === 0
        ? ended(null, null)
        : ended(
            'documents',
            `${missing.length} of ${sample.length} documents did not come back from the backup as they were.`
          )
    })
  } catch (error) {
    return ended(
      error instanceof BackupProblem ? error.code : 'failed',
      error instanceof Error ? error.message : String(error)
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Gets these versions' files and the store's own notes from the snapshot, and reads them through a store. */
async function checkSample(
  both: Repositories,
  { run, recents }: Choice,
  folder: string,
  sample: VersionRow[]
): Promise<Checked> {
  const sum: Checked = { versions: 0, bytes: 0, unhashed: 0, missing: [] }
  if (sample.length === 0) return sum
  const paths = ['/objects/.minio.sys', ...sample.map((one) => `/objects/${DOCUMENTS}/${one.object_key}`)]
  const store = join(folder, 'store')
  mkdirSync(store, { recursive: true, mode: 0o700 })
  for (const snapshot of [run.objects, ...recents.map(({ id }) => id)])
    await restic(both.data, [
      ...['restore', '--no-lock', snapshot, '--target', store],
      ...paths.flatMap((path) => ['--include', path])
    ]).catch((error: unknown) => {
      // A damaged file is found by reading it; anything else is the target's.
      if (!(error instanceof BackupProblem && (error.code === 'failed' || error.code === 'damaged')))
        throw error
    })
  await withStore(folder, (client) => checkVersions(sample, client, sum))
  return sum
}
