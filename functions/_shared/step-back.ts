/**
 * Work that nobody waits for leaves the processor to the calls that somebody waits for (stack.yml: NICE). Without others
 * it is as fast as before.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'

/** The kernel takes one such wish in a tenth of a second from the whole machine (sched_autogroup). */
const TRIES = 8
const PAUSE = 150

/**
 * Lowers this process, and what it starts from now on, to a nice value (0 to 19; setpriority(2)). Never throws: a system
 * that does not have it works on as it is.
 */
export async function stepBack(nice: number): Promise<void> {
  if (nice === 0) return
  try {
    setPriority(nice)
    // Linux shares the processor among sessions first, and each of our functions has one of its own: within it a nice
    // value alone says nothing (sched(7), "The autogroup feature").
    if (process.platform === 'linux' && hasItsOwnSession()) await lowerSession(nice)
  } catch {
    // It works on at the priority that it has.
  }
}

/** Whoever was started in somebody else's session, at a terminal for one, leaves that alone. */
function hasItsOwnSession(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const [, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // 0: its leader is outside of our walls (pid_namespaces(7)).
  return session === '0' || session === String(process.pid)
}

async function lowerSession(nice: number): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      return writeFileSync('/proc/self/autogroup', String(nice))
    } catch (error) {
      const busy = error instanceof Error && 'code' in error && error.code === 'EAGAIN'
      if (!busy || tries === TRIES) throw error
      await wait(PAUSE)
    }
}
