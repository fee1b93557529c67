/** The command `portico` as an office types it, in a process of its own. */
import { spawn, spawnSync } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import { findInstalled } from '../../infra/minio/find.ts'

/** Why tests with backups cannot run here; false when they can. */
export const noRestic: string | false =
  spawnSync('restic', ['version']).status !== 0 && 'no restic: apt-get install restic'

type Part = { bytes: number; added: number }

/** What --json prints, as far as tests look at it. */
export type Printed = {
  code: string
  message: string
  run: string
  /** Everything up to here is saved, or was restored; documents with their bytes up to the other. */
  at: string
  documents_at: string | null
  added: number
  bytes: number
  recent: { run: string; at: string } | null
  kept: number
  seconds: number
  database: Part
  objects: Part & {
    versions: number
    missing: { version_id: string; name: string; no: number; why: string }[]
  }
  log: { last: number; rows: number; broken_at: number | null }
  runs: { run: string }[]
  drill: { documents: number; log_rows: number; seconds: number; problem: string | null; says: string | null }
  findings: { part: string; is_well: boolean; says: string }[]
}

export type Said = { code: number | null; json: Printed; stdout: string; stderr: string }

/** A PATH for an empty machine: the store's program is installed there, as restic is; without a cache it would be built. */
export function programs(): string {
  const found = findInstalled()
  return [...(found ? [dirname(found.path)] : []), process.env.PATH ?? ''].join(delimiter)
}

export type Running = { pid: number; said: Promise<Said> }

/** Starts it; with `--json` among the arguments `json` is what it printed. */
export function startPortico(
  args: string[],
  options: { env?: Record<string, string>; before?: string[] } = {}
): Running {
  const [program = '', ...rest] = [...(options.before ?? []), process.execPath, 'infra/portico.mjs', ...args]
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env }
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
  const said = new Promise<Said>((resolve, reject) =>
    child.once('error', reject).once('close', (code) => {
      // What speaks with a portal prints a line for each file.
      const isJson = args.includes('--json') && stdout.startsWith('{') && !stdout.trim().includes('\n')
      resolve({ code, json: JSON.parse(isJson ? stdout : '{}'), stdout, stderr })
    })
  )
  return { pid: child.pid ?? 0, said }
}

export const portico = (args: string[], options: Parameters<typeof startPortico>[1] = {}): Promise<Said> =>
  startPortico([...args, '--json'], options).said
