/**
 * Makes a backup every so often while the portal runs, once a target was named. A process of its own, as an office
 * would start it: what it takes goes when it is done.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { readSettings } from '../backup/settings.ts'
import type { DataFolder } from './data.ts'
import { LogFile } from './log-file.ts'
import { end, launch } from './process.ts'

const MAIN = fileURLToPath(new URL('../backup/main.ts', import.meta.url))

/** Milliseconds: between two looks at the clock, and that it gets to end (what is at the target then is not half). */
const LOOK = 30_000
const PATIENCE = 5_000

/** Milliseconds after a try that failed: the target may be back long before the next one is due. */
const AGAIN = 10 * 60_000

/**
 * Whether one is due: an interval after the last whole one began; after one that failed a little later.
 *
 * @param last_whole when the last whole one began, in milliseconds; null: there is none
 * @param last_try when anything was last tried; null: never
 */
export function isDue(
  now: number,
  every_hours: number,
  last_whole: number | null,
  last_try: number | null
): boolean {
  if (last_try !== null && now - last_try < Math.min(AGAIN, every_hours * 3_600_000)) return false
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
  let child: ReturnType<typeof launch> | null = null
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
      if (!isDue(Date.now(), hours, last.whole, Math.max(tried ?? 0, last.any ?? 0) || null)) return
      tried = Date.now()
      child = launch({ args: [MAIN, 'backup', '--data', folder.path, '--json'], env: environment }, log)
      const code = await new Promise((resolve) => child?.once('close', resolve).once('error', resolve))
      note('ended', { code: String(code) })
    } catch (error) {
      note('waits', { reason: error instanceof Error ? error.message : String(error) })
    } finally {
      child = null
      busy = false
    }
  }
  const timer = setInterval(() => void look(), LOOK)
  return async () => {
    clearInterval(timer)
    if (child) await end(child, PATIENCE)
    await log.close()
  }
}

async function lastOnes(owner_url: string): Promise<{ whole: number | null; any: number | null }> {
  const client = new pg.Client({ connectionString: owner_url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<{ whole: Date | null; any: Date | null }>(
      'select max(begun_at) filter (where problem is null) as whole, max(begun_at) as any from backup'
    )
    const time = (at: Date | null | undefined) => (at ? new Date(at).getTime() : null)
    return { whole: time(rows[0]?.whole), any: time(rows[0]?.any) }
  } finally {
    await client.end()
  }
}
