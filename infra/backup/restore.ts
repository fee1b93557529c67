/**
 * A portal from its backup, in an empty folder: secrets, database, objects; then every object's hash and the log's
 * numbers are checked. Until all of that is done the folder is marked, and no portal starts on it. What cannot be
 * restored leaves the folder as empty as it was; only a restore that is killed leaves its mark.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Checked, type CheckedLog, checkLog, checkObjects } from './check.ts'
import type { Say } from './backup.ts'
import { BackupProblem } from './problem.ts'
import { restic, isThere, unreadableSnapshots } from './restic.ts'
import { type Run, type Whole, isWhole } from './runs.ts'
import { runsAt } from './forget.ts'
import { makeFolder, unpackDatabase, withDatabase, withStore } from './scratch.ts'
import type { Repositories } from './settings.ts'
import { UNFINISHED } from '../runner/data.ts'
import { findBinaries } from '../postgres/binaries.ts'

export type Restored = {
  run: string
  at: string
  seconds: number
  objects: Checked
  log: CheckedLog
  /** What restic could not give back, in its words; what of it matters is in `objects`. Null: nothing. */
  complaint: string | null
}

/** Whether the portal is whole. */
export const isComplete = (restored: Restored): boolean =>
  restored.objects.missing.length === 0 && restored.log.broken_at === null && restored.complaint === null

/** The backups that can be restored; oldest first. Throws not_set_up when there is none at the target. */
export async function wholeRuns(both: Repositories): Promise<Whole[]> {
  for (const repository of [both.data, both.secrets])
    if (!(await isThere(repository)))
      throw new BackupProblem('no_such_snapshot', `There is no backup at ${repository.location}.`)
  const whole = (await runsAt(both)).filter(isWhole)
  if (whole.length === 0)
    throw new BackupProblem('no_such_snapshot', 'There is no whole backup at the target: none ever ended.')
  return whole
}

/** The last one, or the one that is called so (its name or one of its snapshots' ids, or how they begin). */
export function chooseRun(runs: Whole[], wanted: string | undefined): Whole {
  if (wanted === undefined || wanted === 'latest') return runs.at(-1) as Whole
  const fits = (run: Run) =>
    [run.run, run.database, run.objects, run.secrets].some((id) => id?.startsWith(wanted))
  const found = runs.filter(fits)
  if (wanted.length >= 4 && found.length === 1 && found[0]) return found[0]
  throw new BackupProblem(
    'no_such_snapshot',
    `There is ${found.length === 0 ? 'no' : 'more than one'} backup ${wanted}; there are: ${runs
      .slice(-20)
      .map((run) => run.run)
      .join(', ')}.`
  )
}

/** Throws folder_not_empty. */
export function requireEmpty(data: string): void {
  if (!existsSync(data)) return
  const there = readdirSync(data)
  if (there.includes(UNFINISHED))
    throw new BackupProblem(
      'folder_not_empty',
      `A restore into ${data} did not come to its end: empty the folder and begin again.`
    )
  if (there.length > 0)
    throw new BackupProblem('folder_not_empty', `${data} is not empty: a restore needs an empty folder.`)
}

/**
 * Restores one backup into an empty folder and checks it.
 *
 * @throws BackupProblem; what is missing in a backup that could be restored is no problem but in the answer
 */
export async function restore(
  both: Repositories,
  wanted: string | undefined,
  data: string,
  say: Say
): Promise<Restored> {
  const begun = Date.now()
  requireEmpty(data)
  const newest = wanted === undefined || wanted === 'latest'
  if (newest) await requireReadable(both)
  const run = chooseRun(await wholeRuns(both), wanted)
  await requireServer(run)
  const isOurs = !existsSync(data)
  makeFolder(data)
  writeFileSync(join(data, UNFINISHED), `${run.run}\n`, { mode: 0o600 })
  try {
    const found = await bringBack(both, run, data, say)
    rmSync(join(data, UNFINISHED))
    return { run: run.run, at: run.at, seconds: Math.round((Date.now() - begun) / 100) / 10, ...found }
  } catch (error) {
    for (const name of readdirSync(data)) rmSync(join(data, name), { recursive: true, force: true })
    if (isOurs) rmSync(data, { recursive: true, force: true })
    throw error
  }
}

async function bringBack(
  both: Repositories,
  run: Whole,
  data: string,
  say: Say
): Promise<Pick<Restored, 'objects' | 'log' | 'complaint'>> {
  say(`Backup of ${run.at}`)
  await takeSecrets(both, run, data)
  say('Database …')
  await unpackDatabase(both.data, run.database, data)
  say('Objects …')
  const complaint = await takeObjects(both, run, data, say)
  say('Checking …')
  return withDatabase(data, async (client) => {
    const log = await checkLog(client, run.seq)
    const objects = await withStore(data, (store) =>
      checkObjects(client, store, (done) => done % 500 === 0 && say(`Checking … ${done} documents`))
    )
    return { log, objects, complaint }
  })
}

/** Throws damaged: what cannot be read may be the newest backup, and an older one is not taken in its place unasked. */
async function requireReadable(both: Repositories): Promise<void> {
  for (const repository of [both.data, both.secrets]) {
    const count = (await isThere(repository)) ? await unreadableSnapshots(repository) : 0
    if (count > 0)
      throw new BackupProblem(
        'damaged',
        `${count} snapshots in ${repository.location} cannot be read; one of them may be of the newest backup. --list shows the backups that are whole, --snapshot takes one of them.`
      )
  }
}

/** A server reads only what its own major version wrote. */
async function requireServer(run: Run): Promise<void> {
  const { postgres } = await findBinaries()
  const { execFileSync } = await import('node:child_process')
  const ours = /(\d+)\./.exec(execFileSync(postgres, ['--version'], { encoding: 'utf8' }))?.[1] ?? ''
  if (run.server !== '' && run.server !== ours)
    throw new BackupProblem(
      'usage',
      `This backup was made with PostgreSQL ${run.server}, this Portico brings ${ours}: restore it with the Portico that made it, and update afterwards.`
    )
}

export async function takeSecrets(both: Repositories, run: Whole, data: string): Promise<void> {
  await restic(both.secrets, ['restore', '--no-lock', run.secrets, '--target', data])
}

/** Goes on past a damaged file: which document it was is found by the check. */
async function takeObjects(both: Repositories, run: Whole, data: string, say: Say): Promise<string | null> {
  const store = join(data, 'store')
  mkdirSync(store, { recursive: true, mode: 0o700 })
  try {
    await restic(both.data, ['restore', '--no-lock', run.objects, '--target', store], {
      on_percent: (percent) => say(`Objects … ${Math.floor(percent * 100)} %`)
    })
    return null
  } catch (error) {
    if (error instanceof BackupProblem && (error.code === 'failed' || error.code === 'damaged'))
      return error.message
    throw error
  }
}
