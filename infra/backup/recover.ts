/** A copy of the database is brought forward by the log that was saved after it: to a mark or a moment, or not at all. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { postgresUser } from '../postgres/binaries.ts'
import { type PostgresServer, startPostgres } from '../postgres/server.ts'
import { type Choice, pointOf } from './choose.ts'
import { BackupProblem } from './problem.ts'
import { restic } from './restic.ts'
import { passwordsIn } from './running.ts'
import { chownAll } from './scratch-files.ts'
import type { Repositories } from './settings.ts'

/**
 * Puts the log beside the unpacked database in `<folder>/postgres`. What of it cannot be read is left out: how far the
 * rest goes is found when the server starts.
 */
export async function takeWal(both: Repositories, { wal }: Choice, folder: string): Promise<void> {
  if (!wal) return
  const target = join(folder, 'postgres/pg_wal')
  await restic(both.wal, ['restore', '--no-lock', wal.id, '--target', target]).catch((error: unknown) => {
    if (!(error instanceof BackupProblem && (error.code === 'failed' || error.code === 'damaged')))
      throw error
  })
  const user = postgresUser()
  if (user.uid !== undefined && user.gid !== undefined) chownAll(target, user.uid, user.gid)
}

/**
 * Starts `<folder>/postgres` and brings it to where the choice wants it. A server that is told a target and does not
 * reach it ends by itself (since PostgreSQL 13): less than was promised never comes up.
 *
 * @throws damaged, which says up to when it could be restored
 */
export async function startRecovered(folder: string, choice: Choice | null): Promise<PostgresServer> {
  const data = join(folder, 'postgres')
  const wish = { data, port: 0, passwords: passwordsIn(folder) }
  if (!choice?.wal) return startPostgres(wish).catch((cause: unknown) => refuse(cause, null))
  writeFileSync(join(data, 'recovery.signal'), '')
  const user = postgresUser()
  if (user.uid !== undefined && user.gid !== undefined)
    chownAll(join(data, 'recovery.signal'), user.uid, user.gid)
  const target: Record<string, string> = choice.until
    ? { recovery_target_time: choice.until.replace('T', ' ').replace('Z', '+00') }
    : { recovery_target_name: choice.wal.mark }
  const settings = {
    ...target,
    restore_command: 'false', // all there is lies where the server keeps its log
    recovery_target_timeline: 'current',
    recovery_target_action: 'promote',
    hot_standby: 'off'
  }
  return startPostgres({ ...wish, settings }).catch((cause: unknown) => refuse(cause, choice))
}

/** In whole seconds, so that what was done at that very moment is still within reach. */
const reachedIn = (said: string): string | null => {
  const found = /last completed transaction was at log time (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/.exec(said)
  return found ? `${found[1]}T${found[2]}Z` : null
}

function refuse(cause: unknown, choice: Choice | null): never {
  const said = cause instanceof Error ? cause.message : String(cause)
  if (!choice)
    throw new BackupProblem('damaged', `The database of this backup does not start: ${said}`, {}, cause)
  const reached = reachedIn(said)
  const ways = [
    ...(reached && reached > (choice.run.copied_at ?? choice.run.at)
      ? [`--until ${reached} brings it so far`]
      : []),
    `--snapshot ${choice.run.run} restores the whole backup of ${choice.run.at} without it`
  ]
  throw new BackupProblem(
    'damaged',
    `The database’s log up to ${pointOf(choice)} is damaged or not all there${reached ? `: it goes up to ${reached}` : ''}. ${ways.join('; ')}. (${said.slice(-400)})`,
    { reached },
    cause
  )
}
