/** Which of the things at a target a restore is made of. The choice itself is pure. */
import { BackupProblem } from './problem.ts'
import { type Snapshot, isThere, snapshots, snapshotsIfThere } from './restic.ts'
import { type Recents, type Run, type Wal, type Whole, isWhole, recentsIn, runsIn, walsIn } from './runs.ts'
import type { Repositories } from './settings.ts'

export type Found = { runs: Whole[]; wals: Wal[]; recents: Recents[] }

/** A whole backup, and what goes on from it. */
export type Choice = {
  run: Whole
  wal: Wal | null
  /** Documents that came since; put back in this order. */
  recents: Recents[]
  /** Instead of to the end of the log; null: to its end. */
  until: string | null
}

/** The snapshots of data and of secrets. Throws no_such_snapshot where one of the two is not there. */
async function listed(both: Repositories): Promise<{ data: Snapshot[]; secrets: Snapshot[] }> {
  // A target that says nothing is given up soon; one that has answered may take its time to list.
  const data = (await isThere(both.data)) ? await snapshots(both.data) : null
  const secrets = data && (await snapshotsIfThere(both.secrets))
  if (!data || !secrets)
    throw new BackupProblem(
      'no_such_snapshot',
      `There is no backup at ${(data ? both.secrets : both.data).location}.`
    )
  return { data, secrets }
}

function wholeIn({ data, secrets }: { data: Snapshot[]; secrets: Snapshot[] }): Whole[] {
  const whole = runsIn([...data, ...secrets]).filter(isWhole)
  if (whole.length === 0)
    throw new BackupProblem('no_such_snapshot', 'There is no whole backup at the target: none ever ended.')
  return whole
}

/** The backups that can be restored; oldest first. Throws no_such_snapshot when there is none at the target. */
export const wholeRuns = async (both: Repositories): Promise<Whole[]> => wholeIn(await listed(both))

/** What was saved of the database's log; null: it was never saved there, or is gone. */
export async function walsAt(both: Repositories): Promise<Wal[] | null> {
  const found = await snapshotsIfThere(both.wal)
  return found && walsIn(found)
}

/** Everything at a target that a restore may want. Throws no_such_snapshot, and damaged when the log is gone. */
export async function findAll(both: Repositories): Promise<Found> {
  const found = await listed(both)
  const runs = wholeIn(found)
  const wals = await walsAt(both)
  if (wals === null && runs.at(-1)?.has_wal)
    throw new BackupProblem(
      'damaged',
      `The database’s log between backups is not at ${both.wal.location}, where it was. --snapshot ${runs.at(-1)?.run} restores the last whole backup without it.`
    )
  return { runs, wals: wals ?? [], recents: recentsIn(found.data) }
}

/** One backup with all that goes on from it at the target. */
export async function newestOf(both: Repositories, run: Whole): Promise<Choice> {
  const { wals, recents } = await findAll(both)
  return choiceOf({ runs: [run], wals, recents }, run)
}

function choiceOf({ wals, recents }: Found, run: Whole, until: string | null = null): Choice {
  const wal = wals.findLast((one) => one.run === run.run) ?? null
  const since = recents.filter((one) => one.run === run.run)
  return { run, wal, recents: recentsAt(since, until ?? wal?.at ?? run.at, until !== null), until }
}

/**
 * Each holds what came since the backup and was not erased by then. The last one before the point has what was erased
 * after it, the next one what came just before the point; to the end of the log: the last one, for what came later.
 */
function recentsAt(since: Recents[], point: string, is_moment: boolean): Recents[] {
  const before = since.findLast((one) => one.at <= point)
  const next = is_moment ? since.find((one) => one.at > point) : since.at(-1)
  return [...new Set([before, next])].filter((one) => one !== undefined)
}

/** Up to when everything in the database is in it, ISO 8601. */
export const pointOf = ({ run, wal, until }: Choice): string => until ?? wal?.at ?? run.at

/** What has the newest state: the log of a backup can be newer than the next backup. */
export const chooseNewest = (found: Found): Choice =>
  found.runs
    .map((run) => choiceOf(found, run))
    .reduce((best, one) => (pointOf(one) >= pointOf(best) ? one : best))

/** The last one, or the one that is called so (its name or one of its snapshots' ids, or how they begin). */
export function chooseRun(runs: Whole[], wanted: string): Whole {
  if (wanted === 'latest') return runs.at(-1) as Whole
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

/**
 * A moment, by the last backup whose copy of the database was whole by then.
 *
 * @param until ISO 8601, in UTC
 * @throws no_such_snapshot, which says from when to when there is something
 */
export function chooseMoment(found: Found, until: string): Choice {
  const choices = found.runs.map((run) => choiceOf(found, run, until)).filter((one) => one.wal !== null)
  const fits = choices.findLast(({ run, wal }) => (run.copied_at ?? 'z') <= until && until < (wal?.at ?? ''))
  if (fits) return fits
  const spans = choices.map(({ run, wal }) => `${run.copied_at} to ${wal?.at}`)
  throw new BackupProblem(
    'no_such_snapshot',
    spans.length === 0
      ? 'The database’s log was not saved between the backups: --list shows the backups, --snapshot takes one.'
      : `The database can be brought to moments from ${spans.slice(-12).join(', from ')}; ${until} is none of them.`
  )
}
