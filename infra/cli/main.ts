/**
 * The commands of `portico` that speak with a portal by an API key: upload, download, share, watch, events, s3. Sentences on stdout,
 * or a JSON object a line with --json; what went wrong on stderr. Exit codes: problem.ts, docs/guide/cli.md.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type PorticoEvent, events } from 'portico/client'
import { EVENT_TYPES } from '../../functions/_shared/contract/event.ts'
import { filesBelow } from './files.ts'
import { CommandProblem, EXIT, problemOf } from './problem.ts'
import { type Saved, saveDocuments } from './save.ts'
import { type Sent, sendFiles } from './send.ts'
import { asProcessCredentials, asRcloneConfig, lendS3 } from './s3.ts'
import { openPortal } from './settings.ts'
import { share } from './share.ts'
import { watchFolder } from './watch.ts'

const USAGE = `Usage:
  portico upload PATH… --project ID_OR_NAME [--folder FOLDER/BELOW] [--again]
  portico download [DOCUMENT_ID…] [--project ID_OR_NAME] [--to DIR]
  portico share DOCUMENT_OR_FOLDER_ID… --for WHOM [--level view|download] [--days N] [--opens N] [--password-file FILE]
  portico watch DIR --project ID_OR_NAME [--folder FOLDER/BELOW] [--settle SECONDS] [--keep] [--once]
  portico s3 --project ID_OR_NAME [--seconds N] [--rclone]
  portico events [--follow] [--types TYPE,…] [--project ID] [--from beginning|now] [--place FILE]
Each takes --json. The portal: --address URL or PORTICO_ADDRESS; the key: --key-file FILE or PORTICO_KEY_FILE; or both in
~/.config/portico/config.json, mode 0600. docs/guide/cli.md`

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const COMMON = { address: text, 'key-file': text, json: flag, help: flag }
const OPTIONS = {
  upload: { ...COMMON, project: text, folder: text, again: flag },
  download: { ...COMMON, project: text, to: text },
  share: { ...COMMON, for: text, level: text, days: text, opens: text, 'password-file': text },
  watch: { ...COMMON, project: text, folder: text, settle: text, keep: flag, once: flag },
  s3: { ...COMMON, project: text, seconds: text, rclone: flag },
  events: { ...COMMON, project: text, follow: flag, types: text, from: text, place: text }
}
type Command = keyof typeof OPTIONS
type Flags = Record<string, unknown>

/** npm runs scripts in the folder of the package; people name paths from where they stand. */
const STANDS = process.env.INIT_CWD ?? process.cwd()

function parse(command: Command, args: string[]): { flags: Flags; names: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS[command] })
    return { flags: values, names: positionals }
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error))
  }
}

const usage = (why: string): CommandProblem => new CommandProblem('usage', `${why}\n${USAGE}`)
const textOf = (flags: Flags, name: string): string | undefined => {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}
function required(flags: Flags, name: string): string {
  const value = textOf(flags, name)
  if (!value) throw usage(`--${name} is missing.`)
  return value
}

function numberOf(flags: Flags, name: string): number | null {
  const value = textOf(flags, name)
  if (value === undefined) return null
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw usage(`--${name} takes a whole number from 1.`)
  return number
}

/** One line: the facts for programs, a sentence for people. */
type Say = (facts: object, sentence: string) => void
const sayer =
  (json: boolean): Say =>
  (facts, sentence) =>
    void process.stdout.write(`${json ? JSON.stringify(facts) : sentence}\n`)

function sentFacts(sent: Sent): { facts: object; sentence: string } {
  const { file, outcome, document_id, sha256, problem } = sent
  const facts = { file: file.at, outcome, document_id, size: file.size, sha256, ...problemFacts(problem) }
  const words = { sent: 'Sent', there: 'There already', failed: 'Not sent' }
  return { facts, sentence: `${words[outcome]}: ${file.at}${problem ? ` (${problem.message})` : ''}` }
}

function savedFacts({ document_id, name, outcome, at, problem }: Saved): { facts: object; sentence: string } {
  const facts = { document_id, name, outcome, file: at, ...problemFacts(problem) }
  const words = { saved: 'Saved', there: 'There already', failed: 'Not saved' }
  return { facts, sentence: `${words[outcome]}: ${at ?? name}${problem ? ` (${problem.message})` : ''}` }
}

const problemFacts = (problem: CommandProblem | null) =>
  problem && { code: problem.code, message: problem.message }

/** The worst of what went wrong; 0 where nothing did. */
const exitOf = (problems: (CommandProblem | null)[]): number => {
  const exits = problems.flatMap((problem) => (problem ? [problem.exit] : []))
  return exits.length === 0
    ? 0
    : exits.every((exit) => exit === exits[0])
      ? (exits[0] ?? 0)
      : EXIT.some_failed
}

const RUN: Record<Command, (flags: Flags, names: string[], say: Say) => Promise<number>> = {
  upload: async (flags, names, say) => {
    if (names.length === 0) throw usage('Which files?')
    const project = required(flags, 'project')
    const { client } = openPortal(addressOf(flags), process.env)
    const files = await filesBelow(names.map((name) => resolve(STANDS, name)))
    const wish = {
      ...{ folder: textOf(flags, 'folder') ?? '', again: flags.again === true },
      document_id: null
    }
    const sent = await sendFiles(client, project, files, wish, (one) => {
      const { facts, sentence } = sentFacts(one)
      say(facts, sentence)
    })
    const problems = sent.map((one) => one.problem)
    // What a refusal kept from being tried is not done either.
    return sent.length < files.length ? EXIT.refused : exitOf(problems)
  },

  download: async (flags, names, say) => {
    const project = textOf(flags, 'project')
    if (names.length === 0 && !project) throw usage('Which documents?')
    const { client } = openPortal(addressOf(flags), process.env)
    const to = resolve(STANDS, textOf(flags, 'to') ?? '.')
    const saved = await saveDocuments(client, names, project, to, (one) => {
      const { facts, sentence } = savedFacts(one)
      say(facts, sentence)
    })
    return exitOf(saved.map((one) => one.problem))
  },

  share: async (flags, names, say) => {
    if (names.length === 0) throw usage('Which documents or folders?')
    const level = textOf(flags, 'level') ?? 'view'
    if (level !== 'view' && level !== 'download') throw usage('--level takes view or download.')
    const password_file = textOf(flags, 'password-file')
    const wish = {
      things: names,
      recipient: required(flags, 'for'),
      level,
      days: numberOf(flags, 'days'),
      password_file: password_file && resolve(STANDS, password_file),
      max_opens: numberOf(flags, 'opens')
    } as const
    const { client } = openPortal(addressOf(flags), process.env)
    const { id, url, valid_until } = await share(client, wish)
    say({ id, url, valid_until }, `${url}\nUntil ${valid_until}.`)
    return 0
  },

  watch: async (flags, names, say) => {
    const [folder, ...more] = names
    if (!folder || more.length > 0) throw usage('Which folder?')
    const settle = Number(textOf(flags, 'settle') ?? '5')
    if (!Number.isFinite(settle) || settle < 0) throw usage('--settle takes seconds.')
    const { client } = openPortal(addressOf(flags), process.env)
    const once = flags.once === true
    const wish = {
      ...{ project: required(flags, 'project'), folder: textOf(flags, 'folder') ?? '', settle, once },
      ...{ keep: flags.keep === true, again: false, document_id: null }
    }
    const stop = stopping()
    const told = (one: Sent) => {
      const { facts, sentence } = sentFacts(one)
      say(facts, sentence)
    }
    const sent = await watchFolder(client, resolve(STANDS, folder), wish, told, stop)
    // What changed while it was sent was sent again.
    const last = new Map(sent.map((one) => [one.file.at, one.problem]))
    return once ? exitOf([...last.values()]) : 0
  },

  s3: async (flags, names) => {
    if (names.length > 0) throw usage(`What is ${names[0]}?`)
    const { client } = openPortal(addressOf(flags), process.env)
    const key = await lendS3(client, required(flags, 'project'), numberOf(flags, 'seconds'))
    process.stdout.write(
      flags.rclone ? asRcloneConfig(key) : `${JSON.stringify(asProcessCredentials(key))}\n`
    )
    return 0
  },

  events: async (flags, names, say) => {
    if (names.length > 0) throw usage(`What is ${names[0]}?`)
    const { client } = openPortal(addressOf(flags), process.env)
    const types = typesOf(textOf(flags, 'types'))
    const from = textOf(flags, 'from') ?? (flags.follow ? 'now' : 'beginning')
    if (from !== 'now' && from !== 'beginning') throw usage('--from takes beginning or now.')
    const file = textOf(flags, 'place')
    const at = file && resolve(STANDS, file)
    let after = at && readPlace(at)
    const signal = stopping()
    for (let failures = 0; ;)
      try {
        const wish = { after, from, types, project_id: textOf(flags, 'project'), signal } as const
        for await (const { event, next } of events(client, { ...wish, follow: flags.follow === true })) {
          say(event, `${event.time}  ${event.type}  ${event.subject}`)
          after = next ?? after
          failures = 0
          if (at && next !== null) keepPlace(at, next)
        }
        return 0
      } catch (error) {
        if (signal.aborted) return 0
        const problem = problemOf(error)
        // Whoever follows waits for a portal that is away; from where it was, nothing is passed over.
        if (!flags.follow || problem.exit !== EXIT.away) throw error
        process.stderr.write(`${problem.message}\n`)
        failures += 1
        await pause(Math.min(60_000, 1_000 * 2 ** failures), undefined, { signal }).catch(() => undefined)
      }
  }
}

const addressOf = (flags: Flags) => ({
  address: textOf(flags, 'address'),
  'key-file': textOf(flags, 'key-file') && resolve(STANDS, textOf(flags, 'key-file') ?? '')
})

function typesOf(wanted: string | undefined): PorticoEvent['type'][] | undefined {
  if (wanted === undefined) return undefined
  return wanted.split(',').map((name) => {
    const type = EVENT_TYPES.find((one) => one === name)
    if (!type) throw usage(`There is no event ${name}.`)
    return type
  })
}

function readPlace(at: string): string | undefined {
  try {
    return readFileSync(at, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

/** Whole or not at all: a break while it is written must not lose the place. */
function keepPlace(at: string, place: string): void {
  writeFileSync(`${at}.new`, `${place}\n`, { mode: 0o600 })
  renameSync(`${at}.new`, at)
}

/** Aborts at SIGINT and SIGTERM: what is under way is brought to its end first. */
function stopping(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  return stop.signal
}

const isCommand = (name: string | undefined): name is Command => name !== undefined && name in OPTIONS

async function main(): Promise<number> {
  const [command, ...args] = process.argv.slice(2)
  const json = args.includes('--json')
  try {
    if (!isCommand(command)) throw usage('Which command?')
    const { flags, names } = parse(command, args)
    if (flags.help) {
      process.stdout.write(`${USAGE}\n`)
      return 0
    }
    return await RUN[command](flags, names, sayer(json))
  } catch (error) {
    const problem = problemOf(error)
    if (json) process.stdout.write(`${JSON.stringify(problemFacts(problem))}\n`)
    process.stderr.write(`${problem.message}\n`)
    return problem.exit
  }
}

// A reader that has gone (`| head`) is no fault.
process.stdout.on('error', () => process.exit(0))
process.exitCode = await main()
