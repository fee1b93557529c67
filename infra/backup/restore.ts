/**
 * A portal from its backup, in an empty folder: secrets, database, objects; then every object's hash and the log's
 * numbers are checked. Until all of that is done the folder is marked, and no portal starts on it. What cannot be
 * restored leaves the folder as empty as it was; only a restore that is killed leaves its mark.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Checked, type CheckedLog, checkLog, checkObjects } from './check.ts'
import { type Choice, chooseMoment, chooseNewest, chooseRun, findAll, pointOf, wholeRuns } from './choose.ts'
import { BackupProblem } from './problem.ts'
import type { Say } from './progress.ts'
import { restic, isThere, unreadableSnapshots } from './restic.ts'
import { takeWal } from './recover.ts'
import type { Run, Whole } from './runs.ts'
import { makeFolder, unpackDatabase, withDatabase, withStore } from './scratch.ts'
import type { Repositories } from './settings.ts'
import { UNFINISHED } from '../runner/data.ts'
import { findBinaries } from '../postgres/binaries.ts'

/** One whole backup as it is (`snapshot`), the database as it was at a moment (`until`, ISO 8601), or all there is. */
export type Wish = { snapshot: string | undefined; until: string | undefined }

export type Restored = {
  /** The whole backup that it began with. */
  run: string
  /** Everything up to here is in the database. */
  at: string
  /** Documents that came before are there with their bytes, if the target is whole. */
  documents_at: string
  seconds: number
  objects: Checked
  log: CheckedLog
  /** What restic could not give back, in its words; what of it matters is in `objects`. Null: nothing. */
  complaint: string | null
}

/** Whether the portal is whole. */
export const isComplete = (restored: Restored): boolean =>
  restored.objects.missing.length === 0 && restored.log.broken_at === null && restored.complaint === null

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
export async function restore(both: Repositories, wish: Wish, data: string, say: Say): Promise<Restored> {
  const begun = Date.now()
  requireEmpty(data)
  const choice = await chooseFor(both, wish)
  await requireServer(choice.run)
  const isOurs = !existsSync(data)
  makeFolder(data)
  writeFileSync(join(data, UNFINISHED), `${choice.run.run}\n`, { mode: 0o600 })
  try {
    const found = await bringBack(both, choice, data, say)
    rmSync(join(data, UNFINISHED))
    const { run, recents } = choice
    return {
      ...{ run: run.run, at: pointOf(choice), documents_at: recents.at(-1)?.at ?? run.at },
      seconds: Math.round((Date.now() - begun) / 100) / 10,
      ...found
    }
  } catch (error) {
    for (const name of readdirSync(data)) rmSync(join(data, name), { recursive: true, force: true })
    if (isOurs) rmSync(data, { recursive: true, force: true })
    throw error
  }
}

/** Throws no_such_snapshot, and damaged where it cannot be known what the newest is. */
export async function chooseFor(both: Repositories, { snapshot, until }: Wish): Promise<Choice> {
  if (snapshot !== undefined && snapshot !== 'latest')
    return { run: chooseRun(await wholeRuns(both), snapshot), wal: null, recents: [], until: null }
  await requireReadable(both)
  const found = await findAll(both)
  return until === undefined ? chooseNewest(found) : chooseMoment(found, until)
}

async function bringBack(
  both: Repositories,
  choice: Choice,
  data: string,
  say: Say
): Promise<Pick<Restored, 'objects' | 'log' | 'complaint'>> {
  const { run, wal, recents } = choice
  say(`Backup of ${run.at}${wal ? ` and what came up to ${pointOf(choice)}` : ''}`)
  await takeSecrets(both, run, data)
  say('Database …')
  await unpackDatabase(both.data, run.database, data)
  await takeWal(both, choice, data)
  // Before the documents, which take long: a log that does not go so far is said at once.
  const least = choice.until === null && wal ? wal.seq : run.seq
  const log = await withDatabase(data, choice, (client) => checkLog(client, least))
  say('Objects …')
  const complaints = [await takeObjects(both, run.objects, data, say)]
  for (const { id } of recents) complaints.push(await takeObjects(both, id, data, say))
  say('Checking …')
  return withDatabase(data, null, async (client) => {
    const objects = await withStore(data, (store) =>
      checkObjects(client, store, (done) => done % 500 === 0 && say(`Checking … ${done} documents`))
    )
    return { log, objects, complaint: complaints.find((one) => one !== null) ?? null }
  })
}

/** Throws damaged: what cannot be read may be the newest backup, and an older one is not taken in its place unasked. */
async function requireReadable(both: Repositories): Promise<void> {
  for (const repository of [both.data, both.secrets, both.wal]) {
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
async function takeObjects(
  both: Repositories,
  snapshot: string,
  data: string,
  say: Say
): Promise<string | null> {
  const store = join(data, 'store')
  mkdirSync(store, { recursive: true, mode: 0o700 })
  try {
    await restic(both.data, ['restore', '--no-lock', snapshot, '--target', store], {
      on_percent: (percent) => say(`Objects … ${Math.floor(percent * 100)} %`)
    })
    return null
  } catch (error) {
    if (error instanceof BackupProblem && (error.code === 'failed' || error.code === 'damaged'))
      return error.message
    throw error
  }
}
