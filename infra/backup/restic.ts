/** The one way to restic: started with a repository and its password, understood by what it says. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { onPath } from '../minio/find.ts'
import { BackupProblem, type Code } from './problem.ts'
import { watchSilence } from './silence.ts'

export type Repository = {
  /** As restic takes it: a folder, sftp:…, s3:… */
  location: string
  password: { file: string } | { text: string }
  /** Keys of the target and the like (AWS_ACCESS_KEY_ID …). */
  environment: Record<string, string>
  /** Where restic keeps what it knows of the repository. */
  cache: string
  /** What reaches a target by SFTP in place of plain `ssh user@host -s sftp`: with a port, a key, a file of known hosts. */
  sftp_command: string | null
  /** Seconds in which nothing reaches the target or comes from it until it counts as away. */
  patience_seconds: number
}

export type Summary = { snapshot_id: string; data_added: number; total_bytes_processed: number }

export type Snapshot = { id: string; short_id: string; time: string; tags: string[] }

/** A file that restic could not read, and why (`ENOENT` …). */
export type Unread = { path: string; why: string }

/** All backups of all machines carry it: which machine made one says nothing once it has burned. */
const HOST = 'portico'

/** Milliseconds that a target may take for its first answer; afterwards it only must not fall silent. */
const FIRST_ANSWER = 30_000

/** restic's program. Throws restic_missing. */
export function findRestic(environment: Record<string, string | undefined> = process.env): string {
  const named = environment.PORTICO_RESTIC
  const found = named ? (onPath(named) ?? (named.includes('/') ? named : null)) : onPath('restic')
  if (found === null)
    throw new BackupProblem(
      'restic_missing',
      named
        ? `PORTICO_RESTIC=${named} is not a program.`
        : 'restic is not installed: apt-get install restic (Debian, Ubuntu), dnf install restic or brew install restic; PORTICO_RESTIC names another program.'
    )
  return found
}

type Started = {
  child: ChildProcess
  /** Resolves when it has ended well (0) or in part (3, with what it could not read); throws what is wrong otherwise. */
  done: Promise<{ lines: string[]; unread: Unread[] }>
  /** Ends it at once; `done` throws. */
  kill: () => void
}

/** Those that run: they end with us. */
const running = new Set<() => void>()
process.on('exit', () => {
  for (const kill of running) kill()
})

/**
 * Starts restic on a repository.
 *
 * @param on_percent told how far a backup or a restore is, 0 to 1
 */
export function startRestic(
  repository: Repository,
  args: string[],
  options: {
    cwd?: string
    stdin?: boolean
    /** Its output is bytes for us to read, no lines. */
    raw?: boolean
    /** Milliseconds for the whole of it. */
    patience?: number
    on_percent?: (percent: number) => void
  } = {}
): Started {
  const reach = repository.sftp_command === null ? [] : ['-o', `sftp.command=${repository.sftp_command}`]
  const child = spawn(findRestic(), [...reach, ...args], {
    cwd: options.cwd,
    // A session of its own: ssh then cannot ask at the terminal, where nobody sits at night, and fails at once.
    detached: true,
    stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: environmentOf(repository)
  })
  const kill = () => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  running.add(kill)
  const lines: string[] = []
  const said: string[] = []
  const unread: Unread[] = []
  const progress = { said: 0, step: '' }
  if (child.stdout && !options.raw)
    createInterface({ input: child.stdout }).on('line', (line) => {
      progress.said += line.length + 1
      if (line.startsWith('{"message_type":"status"')) progress.step = stepIn(line)
      const percent = /"message_type":"status".*?"percent_done":([\d.]+)/.exec(line)?.[1]
      if (percent !== undefined) options.on_percent?.(Number(percent))
      else lines.push(line)
    })
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (line) => {
      const lost = unreadIn(line)
      if (lost) unread.push(lost)
      else if (said.length < 200) said.push(line)
    })
  let late = false
  const giveUp = () => {
    late = true
    kill()
  }
  const timer = options.patience === undefined ? undefined : setTimeout(giveUp, options.patience)
  const leaveAlone = watchSilence(child.pid ?? 0, repository.patience_seconds * 1_000, () => progress, giveUp)
  const done = new Promise<{ lines: string[]; unread: Unread[] }>((resolve, reject) => {
    child.once('error', (error) => {
      leaveAlone()
      reject(new BackupProblem('failed', `restic: ${error.message}`))
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      leaveAlone()
      running.delete(kill)
      if (late) reject(problemIn([...said, 'it fell silent: i/o timeout'], null))
      else if (code === 0 || code === 3) resolve({ lines, unread })
      else reject(problemIn(said, code))
    })
  })
  done.catch(() => undefined) // whoever started it may still be feeding it
  return { child, done, kill }
}

/** Runs restic to its end; what it printed. */
export const restic = async (
  repository: Repository,
  args: string[],
  options: Parameters<typeof startRestic>[2] = {}
): Promise<{ lines: string[]; unread: Unread[] }> => startRestic(repository, args, options).done

function environmentOf(repository: Repository): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    SSH_AUTH_SOCK: process.env.SSH_AUTH_SOCK,
    TMPDIR: process.env.TMPDIR,
    TZ: 'UTC', // snapshots' times are given without a zone
    ...repository.environment,
    RESTIC_REPOSITORY: repository.location,
    RESTIC_CACHE_DIR: repository.cache,
    RESTIC_PROGRESS_FPS: '1',
    ...('file' in repository.password
      ? { RESTIC_PASSWORD_FILE: repository.password.file }
      : { RESTIC_PASSWORD: repository.password.text })
  }
}

/** How far a backup says it is; the seconds, which pass by themselves, are left out. */
const stepIn = (status: string): string => status.replaceAll(/"seconds_\w+":\d+,?/g, '')

/** A line of restic's about a file that it could not read; null for all others. The shape is another since 0.17. */
export function unreadIn(line: string): Unread | null {
  if (!line.startsWith('{')) return null
  try {
    const { message_type, error, item } = JSON.parse(line)
    if (message_type !== 'error') return null
    const why = error?.Err === 2 || /no such file/.test(error?.message ?? '') ? 'ENOENT' : 'unreadable'
    return { path: String(item ?? error?.Path ?? ''), why }
  } catch {
    return null
  }
}

/** What restic's words mean, the more telling first. Its exit codes tell more only since 0.17. */
const MEANINGS: [Code, RegExp][] = [
  ['wrong_password', /wrong password|no key found|password is incorrect/i],
  [
    'target_full',
    /no space left|quota ?exceeded|disk quota|storage ?full|insufficient storage|write failed.*failure/i
  ],
  ['busy', /unable to create lock|already locked/i],
  [
    'damaged',
    /ciphertext verification failed|invalid data returned|hash does not match|wrong hash|not found in (the )?(index|repository)|load.*failed.*(id|hash)|invalid character|unexpected EOF|unpack.*pack|decod(e|ing)|does not match id|has wrong (size|length)|zstd|magic number/i
  ],
  [
    'target_away',
    /connection (refused|reset|timed out)|no such host|name resolution|i\/o timeout|network is unreachable|no route to host|host key verification|permission denied|connection closed|subprocess ssh|start the sftp session|access ?denied|invalidaccesskeyid|signaturedoesnotmatch|request signature we calculated|access key id you provided|nosuchbucket|bucket does not exist|not a directory|read-only file system|tls:|x509:/i
  ]
]

const SENTENCES: Record<string, string> = {
  wrong_password: 'The password does not open the backups there: give the one they were made with.',
  target_full:
    'The target has no space left: make room there or shorten what is kept; what was saved before is whole.',
  damaged:
    'What lies at the target is damaged: take an older backup (--list shows them) or another copy of the target.',
  busy: 'Another backup is at work on the target: it is tried again with the next one.',
  target_away: 'The target cannot be reached: is the other machine on, the disk mounted, the key right?'
}

/** @param code restic's exit code; null when we ended it */
export function problemIn(said: string[], code: number | null): BackupProblem {
  const text = said.join('\n')
  const last = said.findLast((line) => line.trim() !== '')?.trim() ?? ''
  const meaning = MEANINGS.find(([, words]) => words.test(text))
  if (meaning) {
    const line = said.find((one) => meaning[1].test(one))?.trim() ?? last
    return new BackupProblem(meaning[0], `${SENTENCES[meaning[0]]} (restic: ${line.slice(0, 300)})`)
  }
  if (/unable to open config file|repository does not exist|is there a repository/i.test(text))
    return new BackupProblem('target_away', `There is no repository there. (restic: ${last.slice(0, 300)})`, {
      is_nothing_there: true
    })
  return new BackupProblem(
    'failed',
    `restic failed${code === null ? '' : ` (${code})`}: ${last.slice(0, 500)}`
  )
}

/** What it answers; null where there is no repository. Throws wrong_password, target_away … */
async function ifThere<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (error instanceof BackupProblem && error.facts.is_nothing_there) return null
    throw error
  }
}

/** Whether there is a repository. Throws wrong_password, target_away … */
export const isThere = async (repository: Repository): Promise<boolean> =>
  (await ifThere(restic(repository, ['cat', 'config', '--no-lock'], { patience: FIRST_ANSWER }))) !== null

/** Takes away the locks whose owner is dead, or has not renewed them for half an hour. False: there is no repository. */
export const unlock = async (repository: Repository): Promise<boolean> =>
  (await ifThere(restic(repository, ['unlock'], { patience: 2 * FIRST_ANSWER }))) !== null

export const initialise = (repository: Repository): Promise<unknown> =>
  restic(repository, ['init'], { patience: 2 * FIRST_ANSWER })

export const tagArguments = (tags: Record<string, string>): string[] =>
  Object.entries(tags).flatMap(([name, value]) => ['--tag', `${name}:${value}`])

export const backupArguments = (tags: Record<string, string>, at: Date): string[] => [
  'backup',
  '--json',
  '--host',
  HOST,
  '--time',
  at.toISOString().slice(0, 19).replace('T', ' '),
  ...tagArguments(tags)
]

/** The summary that a backup ends with. */
export function summaryIn(lines: string[]): Summary {
  for (const line of lines.toReversed()) {
    if (!line.includes('"message_type":"summary"')) continue
    return JSON.parse(line)
  }
  throw new BackupProblem('failed', 'restic ended without a summary.')
}

/** All snapshots, oldest first. */
export async function snapshots(repository: Repository): Promise<Snapshot[]> {
  const { lines } = await restic(repository, ['snapshots', '--json', '--no-lock'], {
    patience: 4 * FIRST_ANSWER
  })
  const found: (Omit<Snapshot, 'tags'> & { tags?: string[] })[] = JSON.parse(lines.join('') || '[]') ?? []
  return found.map((one) => ({ ...one, tags: one.tags ?? [] })).sort((a, b) => (a.time < b.time ? -1 : 1))
}

/** The same; null where there is no repository. Each call of restic's derives its key anew, half a second of work. */
export const snapshotsIfThere = (repository: Repository): Promise<Snapshot[] | null> =>
  ifThere(snapshots(repository))

/** How many snapshots are there that cannot be read: restic passes over them when it lists what it knows of each. */
export async function unreadableSnapshots(repository: Repository): Promise<number> {
  const { lines } = await restic(repository, ['list', 'snapshots', '--no-lock'], {
    patience: 4 * FIRST_ANSWER
  })
  const known = new Set((await snapshots(repository)).map((one) => one.id))
  return lines.filter((line) => /^[0-9a-f]{64}$/.test(line.trim()) && !known.has(line.trim())).length
}

/** The value of a tag `name:value`. */
export const tagOf = (snapshot: Snapshot, name: string): string | undefined =>
  snapshot.tags.find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1)
