/**
 * Where the backups of a data folder go, how often, what is kept: `<data>/backup/backup.json`, made by the first
 * `portico backup --to TARGET` (docs/guide/backups.md). Its passwords lie beside it and never in a backup.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { BackupProblem } from './problem.ts'
import type { Repository } from './restic.ts'

/** How many backups are kept: all of `within`, then the last one of so many days, weeks and months. */
const Keep = z.strictObject({
  within: z
    .string()
    .regex(/^(\d+[ymdh])+$/)
    .default('2d'),
  daily: z.int().min(0).default(14),
  weekly: z.int().min(0).default(8),
  monthly: z.int().min(0).default(6)
})

/** Seconds. restic asks again where an answer does not come; where a connection stands and is silent it waits for ever. */
const PATIENCE = 300

const Settings = z.strictObject({
  /** What restic calls a repository, without its last part: below it lie `data`, `secrets` and `wal`. */
  target: z.string().min(1),
  every_hours: z.number().min(0.25).max(24).default(2),
  keep: Keep.prefault({}),
  /** Documents whose bytes are read back after each backup. */
  drill_documents: z.int().min(0).max(1_000).default(20),
  /** Seconds between two looks at what is new since the last whole backup; 0: whole backups alone. */
  recent_seconds: z.union([z.literal(0), z.int().min(30).max(3_600)]).default(120),
  /** Megabytes of the database's log that are kept on this machine for a target that is away. */
  wal_megabytes: z.int().min(64).max(1_000_000).default(2_000),
  /** Seconds in which nothing passes between here and the target until it counts as away. */
  patience_seconds: z.int().min(5).max(86_400).default(PATIENCE),
  password_file: z.string().optional(),
  secrets_password_file: z.string().optional(),
  /** For targets `sftp:…`: the command that reaches them, `ssh -p 2222 -i KEY user@host -s sftp`. */
  sftp_command: z.string().optional()
})
export type Settings = z.infer<typeof Settings>

/** Of the environment of whoever calls, what targets need to let restic in. */
const CREDENTIALS = /^(AWS|B2|AZURE|GOOGLE|OS|ST|RCLONE|RESTIC_REST)_[A-Z0-9_]+$/

export type Environment = Record<string, string | undefined>

const folderOf = (data: string): string => join(data, 'backup')
const fileOf = (data: string): string => join(folderOf(data), 'backup.json')

/** Null when no target was ever named. Throws usage when the file is not what it should be. */
export function readSettings(data: string, environment: Environment): Settings | null {
  const file = fileOf(data)
  const hours = environment.PORTICO_BACKUP_HOURS
  if (!existsSync(file)) return null
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new BackupProblem('usage', `${file} is not JSON.`, {}, cause)
  }
  const parsed = Settings.safeParse(
    hours && typeof value === 'object' ? { ...value, every_hours: Number(hours) } : value
  )
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new BackupProblem('usage', `${file}: ${issue?.path.join('.') || 'it'}: ${issue?.message}`)
}

type Wish = {
  target: string
  password_file: string | undefined
  secrets_password_file: string | undefined
  sftp_command: string | undefined
}

/** Settings with a target that was not used before; the others stay as they were. Nothing is written yet. */
export function withTarget(known: Settings | null, wish: Wish): Settings {
  const named = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined))
  return Settings.parse({ ...known, ...named })
}

/** A target as restic takes it; a folder's path is whole, wherever it is called from. */
export const targetOf = (given: string, base: string): string =>
  /^[a-z0-9]+:/.test(given) ? given : resolve(base, given)

/** Remembers the target: from now on it has to be there, and nothing is begun anew at it. */
export function writeSettings(data: string, settings: Settings): void {
  mkdirSync(folderOf(data), { recursive: true, mode: 0o700 })
  writeFileSync(`${fileOf(data)}.new`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${fileOf(data)}.new`, fileOf(data))
}

export type Repositories = {
  data: Repository
  secrets: Repository
  /** The database's log between two backups. One of its own: it must not wait while the great one is cleared up. */
  wal: Repository
}

/**
 * The repositories of a target. The secrets' has a password of its own, so that who reads the others does not read it;
 * the log opens with the password of the data, whose changes it holds.
 */
export function repositories(
  target: string,
  passwords: { data: Repository['password']; secrets: Repository['password'] },
  cache: string,
  environment: Record<string, string>,
  sftp_command: string | null,
  patience_seconds = PATIENCE
): Repositories {
  const at = (part: string) => (/[:/]$/.test(target) ? target + part : `${target}/${part}`)
  const way = { environment, cache, sftp_command, patience_seconds }
  return {
    data: { location: at('data'), password: passwords.data, ...way },
    secrets: { location: at('secrets'), password: passwords.secrets, ...way },
    wal: { location: at('wal'), password: passwords.data, ...way }
  }
}

/** The repositories of a data folder's settings; passwords are made when they are not there. */
export function repositoriesOf(data: string, settings: Settings, environment: Environment): Repositories {
  return repositories(
    settings.target,
    {
      data: { file: passwordFile(data, 'password', settings.password_file) },
      secrets: { file: passwordFile(data, 'secrets-password', settings.secrets_password_file) }
    },
    join(data, 'cache/restic'),
    credentials(data, environment),
    settings.sftp_command ?? null,
    settings.patience_seconds
  )
}

function passwordFile(data: string, name: string, named: string | undefined): string {
  if (named !== undefined) {
    if (!existsSync(named)) throw new BackupProblem('usage', `The password file ${named} is not there.`)
    return named
  }
  const file = join(folderOf(data), name)
  if (!existsSync(file)) {
    mkdirSync(folderOf(data), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  return file
}

/** What the target wants to know: from the environment, and from `<data>/backup/environment` (NAME=VALUE a line). */
export function credentials(data: string | null, environment: Environment): Record<string, string> {
  const given = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    CREDENTIALS.test(name) && value !== undefined ? [[name, value]] : []
  )
  const file = data === null ? null : join(folderOf(data), 'environment')
  const written =
    file !== null && existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line): [string, string][] => {
            const found = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line)
            return found ? [[found[1] ?? '', (found[2] ?? '').trim()]] : []
          })
      : []
  return Object.fromEntries([...given, ...written])
}
