/**
 * The command `portico`: backup, restore, doctor. Plain sentences on stdout, or one JSON object with --json; how far it
 * is on stderr. Exit codes: problem.ts.
 */
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { askFor } from './ask.ts'
import { walsAt, wholeRuns } from './choose.ts'
import { doctor } from './doctor.ts'
import { type Answer, runBackup, runRecent } from './make.ts'
import { BackupProblem } from './problem.ts'
import { type Repository, findRestic } from './restic.ts'
import { isComplete, requireEmpty, restore } from './restore.ts'
import { credentials, repositories, targetOf } from './settings.ts'
import { restoreSentences } from './words.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const USAGE = `Usage:
  portico backup [--to TARGET | --recent] [--data DIR] [--password-file F] [--secrets-password-file F]
  portico restore --from TARGET --data EMPTY_DIR [--until TIME | --snapshot ID | --list]
                  [--password-file F] [--secrets-password-file F]
  portico doctor [--data DIR]
  portico upload | download | share | watch | events --help
--sftp-command 'ssh -p PORT -i KEY user@host -s sftp' reaches a target sftp:… that plain ssh does not.
TARGET is a folder, sftp:user@host:/folder, s3:https://host/bucket or whatever else restic takes. --json prints JSON.`

type Flags = {
  data?: string
  to?: string
  from?: string
  snapshot?: string
  until?: string
  recent?: boolean
  list?: boolean
  json?: boolean
  help?: boolean
  'password-file'?: string
  'secrets-password-file'?: string
  'sftp-command'?: string
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
        until: text,
        recent: flag,
        'password-file': text,
        'secrets-password-file': text,
        'sftp-command': text,
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

/** A moment as people type it, with a zone or in this machine's; ISO 8601 in UTC. Throws usage. */
function momentOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const at = new Date(given)
  if (Number.isNaN(at.getTime()))
    throw new BackupProblem('usage', `--until ${given}: say it like 2026-11-28T14:32:00+01:00.`)
  return at.toISOString()
}

async function run(command: string, flags: Flags, say: (line: string) => void): Promise<Answer> {
  const data = flags.data === undefined ? resolve(ROOT, '.data') : pathOf(flags.data)
  if (command === 'backup' && flags.recent) return runRecent(data)
  if (command === 'backup')
    return runBackup(
      data,
      {
        to: flags.to,
        sftp_command: flags['sftp-command'],
        password_file: flags['password-file'],
        secrets_password_file: flags['secrets-password-file']
      },
      STANDS,
      say
    )
  if (command === 'restore') return runRestore(data, flags, say)
  if (command === 'doctor') return doctor(data, process.env)
  if (command === 'help') return { exit: 0, sentences: [USAGE], facts: { usage: USAGE } }
  throw new BackupProblem('usage', `There is no command ${command}.\n${USAGE}`)
}

async function runRestore(data: string, flags: Flags, say: (line: string) => void): Promise<Answer> {
  findRestic()
  const until = momentOf(flags.until)
  if (until !== undefined && flags.snapshot !== undefined)
    throw new BackupProblem('usage', 'A snapshot is restored as it is: --until or --snapshot, not both.')
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
    credentials(null, process.env),
    flags['sftp-command'] ?? null
  )
  if (flags.list) {
    const whole = await wholeRuns(both)
    const wals = (await walsAt(both)) ?? []
    const runs = whole.map(({ run, at, seq, copied_at }) => {
      const wal = wals.findLast((one) => one.run === run)
      return { run, at, seq, until: wal ? { from: copied_at, to: wal.at } : null }
    })
    const lineOf = ({ run, until: span }: (typeof runs)[number]) =>
      span ? `${run}  any moment from ${span.from} to ${span.to}` : run
    return { exit: 0, sentences: runs.map(lineOf), facts: { runs } }
  }
  const restored = await restore(both, { snapshot: flags.snapshot, until }, data, say)
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
