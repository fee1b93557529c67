/**
 * Work that nobody waits for leaves the processor to the calls that somebody waits for (stack.yml: NICE). Without others
 * it is as fast as before.
 */
import { writeFileSync } from 'node:fs'
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
  } catch {
    return
  }
  if (process.platform !== 'linux') return
  // Linux shares the processor among sessions first, and each of our functions has one of its own: within it a nice value
  // alone says nothing (sched(7), "The autogroup feature").
  for (let i = 0; i < TRIES; i += 1)
    try {
      return writeFileSync('/proc/self/autogroup', String(nice))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return
      await wait(PAUSE)
    }
}
