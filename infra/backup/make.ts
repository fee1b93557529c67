/** The command `portico backup`: a whole one, tried out; or, with --recent, what came since. */
import type pg from 'pg'
import { resolve } from 'node:path'
import { type Made, makeBackup } from './backup.ts'
import { type Drilled, drill } from './drill.ts'
import { tidyRecent } from './forget.ts'
import { takePart } from './lock.ts'
import { BackupProblem, type Code } from './problem.ts'
import { type Say, type Tell, beginProgress } from './progress.ts'
import {
  recordDrill,
  recordFailed,
  recordMade,
  recordNoRecent,
  recordRecent,
  recordRecentFailed
} from './record.ts'
import { type Recent, saveRecent } from './recent.ts'
import { findRestic } from './restic.ts'
import { connect } from './running.ts'
import type { Whole } from './runs.ts'
import { type Settings, readSettings, repositoriesOf, targetOf, withTarget } from './settings.ts'
import { backupSentences, recentSentences } from './words.ts'
import { newestOf } from './choose.ts'
import { type Begin, dropSlots, readBegin, writeBegin } from './wal.ts'

export type Answer = { exit: number; sentences: string[]; facts: object }
type Wish = {
  to: string | undefined
  sftp_command: string | undefined
  password_file: string | undefined
  secrets_password_file: string | undefined
}

/** Makes a whole backup and tries it out. `stands`: where a folder's path is said from. */
export async function runBackup(data: string, wish: Wish, stands: string, say: Say): Promise<Answer> {
  findRestic()
  const known = readSettings(data, process.env)
  const { settings, is_first } = settingsFor(known, wish, stands)
  const release = takePart(data, 'backup')
  if (typeof release === 'string')
    throw new BackupProblem('busy', `Another backup of ${data} is under way (process ${release}).`)
  const begun = new Date()
  const { tell, end } = beginProgress(data, begun, say)
  try {
    const { made, whole, begin } = await makeBackup(data, settings, process.env, is_first, tell)
    const recent = await goOn(data, settings, begin, tell)
    const drilled = await tryOut(data, settings, { made, whole }, tell)
    const exit = drilled.problem === null ? 0 : new BackupProblem('drill_failed', '').exit
    return {
      exit,
      sentences: backupSentences(made, drilled, is_first, data),
      facts: { ...made, drill: drilled, recent }
    }
  } catch (error) {
    const code = error instanceof BackupProblem ? error.code : 'failed'
    // A target that was mistyped is not remembered, and nobody's late backup.
    if (readSettings(data, process.env) && code !== 'usage') await tellOfFailure(data, settings, begun, code)
    throw error
  } finally {
    await end()
    release()
  }
}

function settingsFor(
  known: Settings | null,
  wish: Wish,
  stands: string
): { settings: Settings; is_first: boolean } {
  const target = wish.to ?? process.env.PORTICO_BACKUP_TARGET
  if (!known && !target)
    throw new BackupProblem(
      'not_set_up',
      'No target was named yet: portico backup --to TARGET, a folder on another disk, sftp:user@host:/folder or s3:https://host/bucket.'
    )
  const named = target === undefined ? known?.target : targetOf(target, stands)
  if (named === undefined) throw new Error('neither known nor named')
  if (known && named === known.target) return { settings: known, is_first: false }
  const fileOf = (given: string | undefined) => (given === undefined ? undefined : resolve(stands, given))
  return {
    is_first: true,
    settings: withTarget(known, {
      target: named,
      sftp_command: wish.sftp_command,
      password_file: fileOf(wish.password_file ?? process.env.PORTICO_BACKUP_PASSWORD_FILE),
      secrets_password_file: fileOf(
        wish.secrets_password_file ?? process.env.PORTICO_BACKUP_SECRETS_PASSWORD_FILE
      )
    })
  }
}

/**
 * From a new whole backup on, the log is saved for it; that of the one before is brought to its end, so that no moment
 * lies between the two. Null where it is not kept, or could not be saved: the next look tries it again.
 */
async function goOn(
  data: string,
  settings: Settings,
  begin: Begin | null,
  tell: Tell
): Promise<Recent | null> {
  if (!begin) {
    await withClient(data, recordNoRecent)
    return null
  }
  tell('recent')
  const before = readBegin(data)
  if (before) await pushRecent(data, settings).catch(() => undefined)
  writeBegin(data, begin)
  await withClient(data, (client) => dropSlots(client, begin.slot))
  const recent = await pushRecent(data, settings).catch(() => null)
  await tidyRecent(data, repositoriesOf(data, settings, process.env), settings, begin.run)
  return recent
}

/** Saves what came since the last whole backup, and writes down how that went. */
async function pushRecent(data: string, settings: Settings): Promise<Recent> {
  const client = await connect(data)
  try {
    return await saveRecent(client, repositoriesOf(data, settings, process.env), data, (recent) =>
      recordRecent(client, settings, recent)
    )
  } catch (error) {
    const code = error instanceof BackupProblem ? error.code : 'failed'
    if (code !== 'busy') await recordRecentFailed(client, settings, code).catch(() => undefined)
    throw error
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** What came since the last whole backup. Throws not_set_up where none was made, or where it is switched off. */
export async function runRecent(data: string): Promise<Answer> {
  findRestic()
  const settings = readSettings(data, process.env)
  if (!settings || settings.recent_seconds === 0)
    throw new BackupProblem(
      'not_set_up',
      settings
        ? 'recent_seconds in backup.json is 0: whole backups alone are made.'
        : 'No target was named yet: portico backup --to TARGET.'
    )
  const recent = await pushRecent(data, settings)
  return { exit: 0, sentences: recentSentences(recent), facts: recent }
}

/** Writes down what was made, brings it back to life, and writes down how that went. */
async function tryOut(
  data: string,
  settings: Settings,
  { made, whole }: { made: Made; whole: Whole },
  tell: Tell
): Promise<Drilled> {
  const id = await withClient(data, (client) => recordMade(client, settings, made))
  tell('drill')
  const begun = new Date()
  const both = repositoriesOf(data, settings, process.env)
  const drilled = await drill(both, data, {
    choose: () => newestOf(both, whole),
    bytes: made.database.bytes,
    documents: settings.drill_documents
  })
  await withClient(data, (client) => recordDrill(client, id, begun, drilled))
  return drilled
}

/** As well as one can: where the database is away too, the next backup is late, and that is told. */
const tellOfFailure = (data: string, settings: Settings, begun: Date, code: Code): Promise<unknown> =>
  withClient(data, (client) => recordFailed(client, settings, begun, code)).catch(() => undefined)

async function withClient<T>(data: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(data)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
