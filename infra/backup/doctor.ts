/** Looks at every part of an installation on this machine and says what to do about what is not well. Changes nothing. */
import { existsSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { findInstalled } from '../minio/find.ts'
import { findBinaries } from '../postgres/binaries.ts'
import { migrations } from '../postgres/migrate.ts'
import { UNFINISHED } from '../runner/data.ts'
import { tryRooms } from '../runner/room.ts'
import { checkLog } from './check.ts'
import { services } from './doctor-services.ts'
import { type Finding, found, look, well } from './finding.ts'
import { BackupProblem } from './problem.ts'
import { findRestic } from './restic.ts'
import { connect } from './running.ts'
import { type Environment, readSettings } from './settings.ts'
import { sizeOf } from './words.ts'

/** Bytes that a disk should have left: what comes in a day, and the scratch database of a trial. */
const ROOM = 2e9

/** Minutes that a job may wait before something must be in its way. */
const WAITS = 15

/** Minutes without a word of the connector, which tells of itself every few seconds. */
const SILENT = 2

/** @throws BackupProblem usage when it is no data folder */
export async function doctor(
  data: string,
  environment: Environment
): Promise<{ exit: number; sentences: string[]; facts: { findings: Finding[] } }> {
  if (!existsSync(join(data, 'secrets')) && !existsSync(join(data, UNFINISHED)))
    throw new BackupProblem('usage', `${data} is no data folder of a Portico: name it with --data DIR.`)
  const findings = [
    ...(await programs(environment)),
    await sandbox(),
    ...folder(data),
    ...(await services(data)),
    ...(await database(data, environment))
  ]
  const isWell = findings.every((one) => one.is_well)
  return {
    exit: isWell ? 0 : new BackupProblem('not_well', '').exit,
    sentences: findings.map((one) => `${one.is_well ? 'ok  ' : 'look'}  ${one.part}: ${one.says}`),
    facts: { findings }
  }
}

function programs(environment: Environment): Promise<Finding[]> {
  return Promise.all([
    found('restic', () => well('restic', `is ${findRestic(environment)}.`)),
    found('PostgreSQL program', async () =>
      well('PostgreSQL program', `is ${(await findBinaries()).postgres}.`)
    ),
    found('object store program', () => {
      const there = findInstalled()
      return there
        ? well('object store program', `is ${there.path}.`)
        : look('object store program', 'is not built yet: npm start builds it, with Go or Docker.')
    })
  ])
}

const sandbox = (): Promise<Finding> =>
  found('sandbox', async () => {
    const missing = await tryRooms()
    return missing === null
      ? well('sandbox', 'clients’ files are read without network, passwords and other files at hand.')
      : look('sandbox', `clients’ files are read with this machine’s network and files: ${missing}.`)
  })

function folder(data: string): Finding[] {
  const { bavail, bsize } = statfsSync(data)
  const free = bavail * bsize
  return [
    existsSync(join(data, UNFINISHED))
      ? look('data folder', 'a restore into it did not come to its end: empty it and restore again.')
      : well('data folder', `is ${data}.`),
    free < ROOM
      ? look('disk', `only ${sizeOf(free)} are free: make room before uploads are refused.`)
      : well('disk', `${sizeOf(free)} are free.`)
  ]
}

async function database(data: string, environment: Environment): Promise<Finding[]> {
  let client: pg.Client
  try {
    client = await connect(data)
  } catch (error) {
    return [look('database', error instanceof Error ? error.message : String(error))]
  }
  try {
    return [
      await found('database', () => schema(client)),
      await found('log', () => log(client)),
      await found('connector', () => connector(client, data)),
      await found('work', () => work(client)),
      await found('virus scanner', () => scanner(client)),
      await found('backups', () => backups(client, data, environment))
    ]
  } finally {
    await client.end()
  }
}

async function schema(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ name: string }>('select name from migration')
  const [done, known] = [new Set(rows.map((row) => row.name)), migrations()]
  const open = known.filter((name) => !done.has(name))
  if (open.length > 0) return look('database', `${open.length} migrations are open: start Portico again.`)
  if (done.size > known.length)
    return look('database', 'is newer than this program: update Portico, or see docs/guide/upgrade.md.')
  return well('database', `answers; all ${known.length} migrations are in.`)
}

async function log(client: pg.Client): Promise<Finding> {
  const checked = await checkLog(client, 0)
  return checked.broken_at === null
    ? well('log', `is whole: numbers 1 to ${checked.last}.`)
    : look(
        'log',
        `number ${checked.broken_at} is missing or changed: restore a backup beside it and compare.`
      )
}

async function scanner(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{
    engine?: string
    signatures?: number
    dated_at?: string
    problem: string | null
  }>(
    `select data->>'engine' as engine, data->>'signatures' as signatures, data->>'dated_at' as dated_at, data->>'problem' as problem
       from clock_mark where name = 'scanner'`
  )
  const [seen] = rows
  if (seen?.problem === 'scanner_out_of_date')
    return look('virus scanner', 'its signatures are too old, so documents wait: see that freshclam runs.')
  if (seen?.problem)
    return look('virus scanner', 'clamd does not answer, so documents wait: start it (CLAMAV_HOST).')
  if (!seen?.engine)
    return well('virus scanner', 'there is none (CLAMAV_HOST): documents are marked as not scanned.')
  const signatures = seen.signatures ? `, signatures ${seen.signatures} of ${seen.dated_at}` : ''
  return well('virus scanner', `${seen.engine}${signatures}.`)
}

/** It puts the periodic work into the database itself, so one that hangs leaves nothing that would be late. */
async function connector(client: pg.Client, data: string): Promise<Finding> {
  const { rows } = await client.query<{ minutes: number }>(
    `select floor(extract(epoch from now() - at) / 60)::int as minutes from clock_mark where name = 'connector'`
  )
  const minutes = rows[0]?.minutes
  const log = join(data, 'logs/connector.log')
  if (minutes === undefined) return look('connector', `has never told of itself: ${log} says why.`)
  return minutes < SILENT
    ? well('connector', 'does what is due.')
    : look(
        'connector',
        `has not told of itself for ${minutes} minutes: start Portico again; ${log} says why.`
      )
}

async function work(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ dead: number; late: number }>(
    `select (count(*) filter (where state = 'dead'))::int as dead,
            (count(*) filter (where state = 'ready' and run_at < now() - $1 * interval '1 minute'))::int as late
       from job where state in ('dead', 'ready')`,
    [WAITS]
  )
  const { dead, late } = rows[0] ?? { dead: 0, late: 0 }
  if (late > 0)
    return look(
      'work',
      `${late} jobs have waited for more than ${WAITS} minutes: logs/connector.log says why.`
    )
  if (dead > 0) return look('work', `${dead} jobs were given up: an administrator looks at them at /jobs.`)
  return well('work', 'nothing waits long, nothing was given up.')
}

async function backups(client: pg.Client, data: string, environment: Environment): Promise<Finding> {
  const settings = readSettings(data, environment)
  if (!settings) return look('backups', 'no target was named yet: portico backup --to TARGET.')
  const { rows } = await client.query<{
    last_at: Date | null
    late: boolean
    drill_failed: boolean
    saved_at: Date | null
    recent_at: Date | null
    recent_late: boolean
  }>('select last_at, late, drill_failed, saved_at, recent_at, recent_late from backup_state()')
  const state = rows[0]
  if (!state?.last_at) return look('backups', 'none has succeeded yet: portico backup says why.')
  const at = new Date(state.last_at).toISOString()
  if (state.late) return look('backups', `the last whole one began at ${at}: portico backup says why.`)
  if (state.drill_failed)
    return look(
      'backups',
      'the last one did not come back to life: logs/backup.log says why; make another one.'
    )
  const saved = state.saved_at ? new Date(state.saved_at).toISOString() : at
  if (state.recent_late)
    return look('backups', `what is new since ${saved} was not saved: portico backup --recent says why.`)
  return well(
    'backups',
    `the last one began at ${at} and came back to life${state.recent_at ? `; what is new is saved up to ${saved}` : ''}.`
  )
}
