/** What is kept at the target and what goes. */
import { BackupProblem } from './problem.ts'
import { type Repository, restic, snapshots, unlock } from './restic.ts'
import { takePart } from './lock.ts'
import { type Recents, type Run, type Whole, isWhole, recentsIn, runsIn, walsIn } from './runs.ts'
import type { Repositories, Settings } from './settings.ts'

/**
 * Lets go what the settings do not keep, and what killed backups left. The three snapshots of a backup bear the same
 * time, so the same rule keeps or forgets them together.
 *
 * @param now the backup that was just made
 * @returns the backups that there are now, oldest first
 */
export async function forget(both: Repositories, settings: Settings, now: string): Promise<Whole[]> {
  const { keep } = settings
  const policy = [
    ['--keep-within', keep.within],
    ['--keep-daily', keep.daily],
    ['--keep-weekly', keep.weekly],
    ['--keep-monthly', keep.monthly]
  ].flatMap(([flag, value]) => (value === 0 ? [] : [String(flag), String(value)]))
  try {
    const inData = await snapshots(both.data)
    const earlier = runsIn([...inData, ...(await snapshots(both.secrets))]).filter((run) => run.run < now)
    const torn = earlier.filter((run) => !isWhole(run))
    const last = earlier.findLast(isWhole)
    const is_first_today = last !== undefined && dayOf(last.run) !== dayOf(now)
    for (const [repository, parts] of [
      [both.data, ['database', 'objects']],
      [both.secrets, ['secrets']]
    ] as const) {
      const ids = torn.flatMap((run) => parts.flatMap((part) => run[part] ?? []))
      if (ids.length > 0) await restic(repository, ['forget', ...ids])
      for (const part of parts)
        await restic(repository, ['forget', '--tag', `part:${part}`, '--group-by', 'host', ...policy])
      if (repository === both.data) await forgetOlder(repository, inTurn(recentsIn(inData)), now)
      if (is_first_today) await prune(repository)
    }
  } catch (error) {
    // The backup itself is whole; what is too much goes with the next one.
    if (!(error instanceof BackupProblem && error.code === 'busy')) throw error
  }
  return (await runsAt(both)).filter(isWhole)
}

/** As a series of its own what lies between two erasures: what was erased is in the last one before. */
const inTurn = (recents: Recents[]): Part[] =>
  recents.map(({ id, run, erased }) => ({ id, run, series: `${run} ${erased}` }))

type Part = { id: string; run: string; series: string }

/** Each of a series holds what the ones before it held: of those from `now` on none goes yet. */
async function forgetOlder(repository: Repository, parts: Part[], now: string): Promise<void> {
  const lasts = new Map(parts.map((one) => [one.series, one.id]))
  const older = parts.filter((one) => one.run < now && lasts.get(one.series) !== one.id).map((one) => one.id)
  if (older.length > 0) await restic(repository, ['forget', ...older])
}

/**
 * The same for the database's log; and what is older than `keep.within`, documents too: from then on there are moments
 * no more, only whole backups.
 *
 * @param now the backup that was just made
 */
export async function tidyRecent(
  data: string,
  both: Repositories,
  settings: Settings,
  now: string
): Promise<void> {
  const release = takePart(data, 'wal')
  if (typeof release === 'string') return // it is being saved; the next time
  try {
    await unlock(both.wal)
    const wals = walsIn(await snapshots(both.wal))
    await forgetOlder(
      both.wal,
      wals.map(({ id, run }) => ({ id, run, series: run })),
      now
    )
    for (const [repository, part] of [
      [both.wal, 'wal'],
      [both.data, 'recent']
    ] as const)
      await restic(repository, [
        ...['forget', '--tag', `part:${part}`, '--group-by', 'host', '--keep-within', settings.keep.within]
      ])
    await prune(both.wal)
  } catch (error) {
    if (!(error instanceof BackupProblem)) throw error // what is too much goes with the next one
  } finally {
    release()
  }
}

/** All backups at a target, whole or not; oldest first. */
const runsAt = async (both: Repositories): Promise<Run[]> =>
  runsIn([...(await snapshots(both.data)), ...(await snapshots(both.secrets))])

/** A run is called by its moment: 2026-11-28T02-… The first one of a day also gives space back: that reads much. */
const dayOf = (run: string): string => run.slice(0, 10)

const prune = (repository: Repository): Promise<unknown> => restic(repository, ['prune'])
