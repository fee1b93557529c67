/**
 * The command `portico`: backup, restore, doctor. Plain sentences on stdout, or one JSON object with --json; how far it
 * is on stderr. Exit codes: problem.ts.
 */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type pg from 'pg'
import { AlreadyRunning, takeLock } from '../runner/pids.ts'
import { askFor } from './ask.ts'
import { type Made, makeBackup } from './backup.ts'
import { doctor } from './doctor.ts'
import { type Drilled, drill } from './drill.ts'
import { BackupProblem, type Code } from './problem.ts'
import { recordDrill, recordFailed, recordMade } from './record.ts'
import { type Repository, findRestic } from './restic.ts'
import { chooseRun, isComplete, requireEmpty, restore, wholeRuns } from './restore.ts'
import { connect } from './running.ts'
import type { Whole } from './runs.ts'
import {
  type Settings,
  credentials,
  readSettings,
  repositories,
  repositoriesOf,
  targetOf,
  withTarget
} from './settings.ts'
import { backupSentences, restoreSentences } from './words.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Part of this process's command line, by which a lock knows that its owner still runs. */
const MARK = 'infra/backup/main.ts'

const USAGE = `Usage:
  portico backup [--to TARGET] [--data DIR] [--password-file F] [--secrets-password-file F]
  portico restore --from TARGET --data EMPTY_DIR [--snapshot ID | --list] [--password-file F] [--secrets-password-file F]
  portico doctor [--data DIR]
  portico upload | download | share | watch | events --help
TARGET is a folder, sftp:user@host:/folder, s3:https://host/bucket or whatever else restic takes. --json prints JSON.`

type Flags = {
  data?: string
  to?: string
  from?: string
  snapshot?: string
  list?: boolean
  json?: boolean
  help?: boolean
  'password-file'?: string
  'secrets-password-file'?: string
}

function parse(args: string[]): { command: string; flags: Flags } {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        data: text,
        to: text,
        from: text,
        snapshot: text,
        'password-file': text,
        'secrets-password-file': text,
        list: flag,
        json: flag,
        help: flag
      }
    })
    if (positionals.length > 1) throw new Error(`What is ${positionals[1]}?`)
    return { command: values.help ? 'help' : (positionals[0] ?? 'help'), flags: values }
  } catch (error) {
    throw new BackupProblem('usage', `${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  }
}

/** npm runs scripts in the folder of the package; people name paths from where they stand. */
const STANDS = process.env.INIT_CWD ?? process.cwd()
const pathOf = (given: string): string => resolve(STANDS, given)
const fileOf = (given: string | undefined): string | undefined =>
  given === undefined ? undefined : pathOf(given)

type Answer = { exit: number; sentences: string[]; facts: object }

async function run(command: string, flags: Flags, say: (line: string) => void): Promise<Answer> {
  const data = flags.data === undefined ? resolve(ROOT, '.data') : pathOf(flags.data)
  if (command === 'backup') return runBackup(data, flags, say)
  if (command === 'restore') return runRestore(data, flags, say)
  if (command === 'doctor') return doctor(data, process.env)
  if (command === 'help') return { exit: 0, sentences: [USAGE], facts: { usage: USAGE } }
  throw new BackupProblem('usage', `There is no command ${command}.\n${USAGE}`)
}

async function runBackup(data: string, flags: Flags, say: (line: string) => void): Promise<Answer> {
  findRestic()
  const known = readSettings(data, process.env)
  const target = flags.to ?? process.env.PORTICO_BACKUP_TARGET
  if (!known && !target)
    throw new BackupProblem(
      'not_set_up',
      'No target was named yet: portico backup --to TARGET, a folder on another disk, sftp:user@host:/folder or s3:https://host/bucket.'
    )
  const named = target === undefined ? known?.target : targetOf(target, STANDS)
  if (named === undefined) throw new Error('neither known nor named')
  const isFirst = named !== known?.target
  const settings =
    known && !isFirst
      ? known
      : withTarget(known, {
          target: named,
          password_file: fileOf(flags['password-file'] ?? process.env.PORTICO_BACKUP_PASSWORD_FILE),
          secrets_password_file: fileOf(
            flags['secrets-password-file'] ?? process.env.PORTICO_BACKUP_SECRETS_PASSWORD_FILE
          )
        })
  const release = lock(data)
  const begun = new Date()
  try {
    const { made, whole } = await makeBackup(data, settings, process.env, isFirst, say)
    const drilled = await tryOut(data, settings, { made, whole }, say)
    const exit = drilled.problem === null ? 0 : new BackupProblem('drill_failed', '').exit
    return {
      exit,
      sentences: backupSentences(made, drilled, isFirst, data),
      facts: { ...made, drill: drilled }
    }
  } catch (error) {
    const code = error instanceof BackupProblem ? error.code : 'failed'
    // A target that was mistyped is not remembered, and nobody's late backup.
    if (readSettings(data, process.env) && code !== 'usage') await tellOfFailure(data, settings, begun, code)
    throw error
  } finally {
    release()
  }
}

/** Writes down what was made, brings it back to life, and writes down how that went. */
async function tryOut(
  data: string,
  settings: Settings,
  { made, whole }: { made: Made; whole: Whole },
  say: (line: string) => void
): Promise<Drilled> {
  const id = await withClient(data, (client) => recordMade(client, settings, made))
  say('Trying it out …')
  const begun = new Date()
  const drilled = await drill(repositoriesOf(data, settings, process.env), data, {
    run: whole,
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

/** One backup of a folder at a time. */
function lock(data: string): () => void {
  const folder = join(data, 'backup')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return takeLock(join(folder, 'backup.pid'), MARK)
  } catch (cause) {
    if (cause instanceof AlreadyRunning)
      throw new BackupProblem('busy', `Another backup of ${data} is under way (process ${cause.message}).`)
    throw cause
  }
}

async function runRestore(data: string, flags: Flags, say: (line: string) => void): Promise<Answer> {
  findRestic()
  const from =
    flags.from ?? (await askFor('Where do the backups lie (folder, sftp:…, s3:…)? ', '--from TARGET', false))
  if (!flags.list) requireEmpty(data)
  const both = repositories(
    targetOf(from, STANDS),
    {
      data: await passwordOf(flags['password-file'], 'Password of the backups: ', '--password-file FILE'),
      secrets: await passwordOf(
        flags['secrets-password-file'],
        'Password of the secrets: ',
        '--secrets-password-file FILE'
      )
    },
    join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '/tmp', '.cache'), 'portico/restic'),
    credentials(null, process.env)
  )
  if (flags.list) {
    const runs = (await wholeRuns(both)).map(({ run, at, seq }) => ({ run, at, seq }))
    return { exit: 0, sentences: runs.map((one) => one.run), facts: { runs } }
  }
  if (flags.snapshot) chooseRun(await wholeRuns(both), flags.snapshot)
  const restored = await restore(both, flags.snapshot, data, say)
  const exit = isComplete(restored) ? 0 : new BackupProblem('something_missing', '').exit
  return { exit, sentences: restoreSentences(restored, data), facts: restored }
}

async function passwordOf(
  file: string | undefined,
  question: string,
  flag: string
): Promise<Repository['password']> {
  return file === undefined ? { text: await askFor(question, flag, true) } : { file: pathOf(file) }
}

async function main(): Promise<void> {
  const wants_json = process.argv.includes('--json')
  const say = (line: string) => void (wants_json || process.stderr.write(`${line}\n`))
  try {
    const { command, flags } = parse(process.argv.slice(2))
    const answer = await run(command, flags, say)
    process.stdout.write(
      wants_json
        ? `${JSON.stringify({ ok: answer.exit === 0, ...answer.facts })}\n`
        : `${answer.sentences.join('\n')}\n`
    )
    process.exitCode = answer.exit
  } catch (error) {
    const problem =
      error instanceof BackupProblem
        ? error
        : new BackupProblem('failed', error instanceof Error ? (error.stack ?? error.message) : String(error))
    if (wants_json)
      process.stdout.write(
        `${JSON.stringify({ ok: false, code: problem.code, message: problem.message, ...problem.facts })}\n`
      )
    else process.stderr.write(`${problem.message}\n`)
    process.exitCode = problem.exit
  }
}

// Ctrl-C ends restic too (restic.ts), and with it what it was doing: nothing at the target is half.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
// Started by the portal: it ends with it.
if (process.env.PORTICO_STDIN === 'watch') process.stdin.once('close', () => process.exit(130)).resume()

await main()
process.exit()
