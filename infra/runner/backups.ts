/**
 * Makes a backup every so often while the portal runs, once a target was named, and saves every few minutes what is new. A process of its own, as an office
 * would start it: what it takes goes when it is done.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Settings, readSettings } from '../backup/settings.ts'
import { type Begin, readBegin } from '../backup/wal.ts'
import type { DataFolder } from './data.ts'
import { LogFile } from './log-file.ts'
import { end, launch } from './process.ts'

const MAIN = fileURLToPath(new URL('../backup/main.ts', import.meta.url))

/** Milliseconds: between two looks at the clock, and that it gets to end (what is at the target then is not half). */
const LOOK = 30_000
const PATIENCE = 5_000

/** Milliseconds between two looks at whether what is new is due. */
const LOOK_RECENT = 5_000

/** Milliseconds after a try that failed: the target may be back long before the next one is due. */
const AGAIN = 10 * 60_000

/**
 * Whether one is due: an interval after the last whole one began; after one that failed a little later.
 *
 * @param last_whole when the last whole one began, in milliseconds; null: there is none
 * @param last_try when anything was last tried; null: never
 * @param is_wanted_now whether what goes out between two has nothing to go on from, or has become much
 */
export function isDue(
  now: number,
  every_hours: number,
  last_whole: number | null,
  last_try: number | null,
  is_wanted_now = false
): boolean {
  if (last_try !== null && now - last_try < Math.min(AGAIN, every_hours * 3_600_000)) return false
  if (is_wanted_now) return true
  return last_whole === null || now - last_whole >= every_hours * 3_600_000
}

/**
 * Keeps making backups until stopped. Looks into the settings each time: a target that is named while the portal runs
 * counts from then on.
 *
 * @param owner_url of portico_owner
 * @param environment what the command is started with: where programs are, keys of the target
 */
export function keepBackups(
  folder: DataFolder,
  owner_url: string,
  environment: Record<string, string>
): () => Promise<void> {
  const log = new LogFile(join(folder.logs, 'backup.log'))
  const note = (event: string, facts: object) =>
    log.write(`${JSON.stringify({ time: new Date().toISOString(), runner: 'backup', event, ...facts })}\n`)
  const children = new Set<ReturnType<typeof launch>>()
  const run = async (...more: string[]) => {
    const args = [MAIN, 'backup', ...more, '--data', folder.path, '--json']
    const child = launch({ args, env: environment }, log)
    children.add(child)
    const code = await new Promise((resolve) => child.once('close', resolve).once('error', resolve))
    children.delete(child)
    return String(code)
  }
  let busy = false
  // Also of tries that could not tell the database of themselves.
  let tried: number | null = null
  const look = async () => {
    if (busy) return
    busy = true
    try {
      const settings = readSettings(folder.path, environment)
      const hours = settings?.every_hours ?? 2
      const isWanted = settings !== null || environment.PORTICO_BACKUP_TARGET !== undefined
      if (!isWanted) return
      const last = await lastOnes(owner_url)
      const isWantedNow = settings !== null && wantsAnother(settings, readBegin(folder.path), last.wal_bytes)
      const lastTry = Math.max(tried ?? 0, last.any ?? 0) || null
      if (!isDue(Date.now(), hours, last.whole, lastTry, isWantedNow)) return
      tried = Date.now()
      note('ended', { code: await run() })
    } catch (error) {
      note('waits', { reason: error instanceof Error ? error.message : String(error) })
    } finally {
      busy = false
    }
  }
  let pushed = 0
  // Does not wait for the one before, which may still be at documents: this one then saves the log alone.
  const lookRecent = () => {
    try {
      const seconds = readSettings(folder.path, environment)?.recent_seconds ?? 0
      if (seconds === 0 || Date.now() - pushed < seconds * 1_000 || readBegin(folder.path) === null) return
      pushed = Date.now()
      void run('--recent').then((code) => code === '0' || note('recent', { code }))
    } catch (error) {
      note('waits', { reason: error instanceof Error ? error.message : String(error) })
    }
  }
  const timers = [setInterval(() => void look(), LOOK), setInterval(lookRecent, LOOK_RECENT)]
  return async () => {
    timers.forEach((timer) => clearInterval(timer))
    await Promise.all([...children].map((child) => end(child, PATIENCE)))
    await log.close()
  }
}

/**
 * Half of what this machine keeps: there is still room for the rest while the backup is made. Where what goes out between
 * two was switched off, another one ends it: nothing is late that is not wanted.
 */
function wantsAnother(settings: Settings, begin: Begin | null, wal_bytes: number): boolean {
  if (settings.recent_seconds === 0) return begin !== null
  return begin === null || wal_bytes > (settings.wal_megabytes * 1e6) / 2
}

type Last = { whole: number | null; any: number | null; wal_bytes: number }

async function lastOnes(owner_url: string): Promise<Last> {
  const client = new pg.Client({ connectionString: owner_url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<{ whole: Date | null; any: Date | null; wal_bytes: string | null }>(
      `select max(begun_at) filter (where problem is null) as whole, max(begun_at) as any,
              (select bytes from backup_recent)::text as wal_bytes from backup`
    )
    const time = (at: Date | null | undefined) => (at ? new Date(at).getTime() : null)
    return {
      whole: time(rows[0]?.whole),
      any: time(rows[0]?.any),
      wal_bytes: Number(rows[0]?.wal_bytes ?? 0)
    }
  } finally {
    await client.end()
  }
}
