/** A program in a process group of its own, with a limit of time and of memory; whoever breaks one is ended with all that it started. */
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

export type Bounds = {
  env: NodeJS.ProcessEnv
  cwd?: string
  /** Milliseconds. */
  time: number
  /** Bytes that the group may hold for itself (Linux; elsewhere time is the only limit). */
  memory: number
  signal?: AbortSignal
}

/** `said` is its output as far as MAX_SAID. */
export type Run = { ended: 'well' | 'badly' | 'time' | 'memory' | 'aborted'; said: Buffer }

const LOOK = 50
const MAX_SAID = 64 * 1024 * 1024

/** Never throws; a program that is not there ended badly. */
export function runBounded(command: string, args: string[], bounds: Bounds): Promise<Run> {
  const child = spawn(command, args, {
    env: bounds.env,
    ...(bounds.cwd && { cwd: bounds.cwd }),
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true
  })
  const chunks: Buffer[] = []
  let size = 0
  let why: Run['ended'] | null = null
  const end = (reason: Run['ended']) => {
    why ??= reason
    endGroup(child.pid)
  }
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > MAX_SAID) end('memory')
    else chunks.push(chunk)
  })
  const timer = setTimeout(() => end('time'), bounds.time)
  const looking = setInterval(() => {
    if (memoryOf(child.pid) > bounds.memory) end('memory')
  }, LOOK)
  const aborted = () => end('aborted')
  bounds.signal?.addEventListener('abort', aborted)
  if (bounds.signal?.aborted) aborted()
  return new Promise((done) => {
    const over = (code: number | null) => {
      clearTimeout(timer)
      clearInterval(looking)
      bounds.signal?.removeEventListener('abort', aborted)
      endGroup(child.pid)
      done({ ended: why ?? (code === 0 ? 'well' : 'badly'), said: Buffer.concat(chunks) })
    }
    child.once('error', () => over(null))
    child.once('close', over)
  })
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}

/** Bytes that the processes of a group hold for themselves; a library's code is everybody's. */
function memoryOf(group: number | undefined): number {
  if (process.platform !== 'linux' || group === undefined) return 0
  let sum = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    if (groupOf(pid) === group) sum += ownMemory(pid)
  return sum
}

/** The fifth field of proc_pid_stat(5); the second, a name in brackets, may have spaces. */
function groupOf(pid: string): number {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')
  return Number(fields?.[2] ?? 0)
}

function ownMemory(pid: string): number {
  const status = read(`/proc/${pid}/status`)
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) * 1_024
  return of('RssAnon') + of('RssShmem')
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // gone since
  }
}
