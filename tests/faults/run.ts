/** One phase after the other: writers, kills and cuts at the same time, counted over all of them. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Entry, Way } from './ledger.ts'
import { type Kill, PART_NAMES, type Part, type Schedule, scheduleOf } from './schedule.ts'
import type { Stage } from './stage.ts'
import { write } from './writers.ts'

export type Wish = {
  uploads: number
  kills: number
  seed: number
  between: number
  limit: number
  rest: number
  full: number
}

export type Phase = {
  name: string
  ways: Way[]
  /** Of all uploads, and of each part's kills. */
  share: number
  kills: number
}

/** Milliseconds that a kill waits for its victim: functions start when they are called. */
const PATIENCE = 10_000
const WRITERS = 16
/** Operations of a phase, however small its share. */
const LEAST = 32

/** Parts are started again; the portal that starts them is not. */
const lives = ({ stack }: Stage): boolean =>
  stack.process.exitCode === null && stack.process.signalCode === null

export type Run = ReturnType<typeof openRun>

export function openRun(stage: Stage, wish: Wish, say: (line: string) => void) {
  const killed = new Map<Part, number>(PART_NAMES.map((part) => [part, 0]))
  const cut = new Map<string, number>()
  let phases = 0

  async function killAt(started: number, kill: Kill): Promise<void> {
    await wait(Math.max(0, started + kill.at - Date.now()))
    for (const end = Date.now() + PATIENCE; Date.now() < end && lives(stage); await wait(100))
      if (await stage.inside.kill(kill.victim)) {
        killed.set(kill.part, (killed.get(kill.part) ?? 0) + 1)
        return
      }
  }

  /** Kills and cuts at their times; no cut any more once it is over. */
  async function breakThings({ kills, cuts }: Schedule, over: () => boolean): Promise<void> {
    const started = Date.now()
    const killing = async () => {
      for (const kill of kills) await killAt(started, kill)
    }
    const cutting = async () => {
      for (const one of stage.proxy ? cuts : []) {
        await wait(Math.max(0, started + one.at - Date.now()))
        if (over()) return
        await stage.proxy?.cut(one)
        cut.set(one.trouble, (cut.get(one.trouble) ?? 0) + 1)
      }
    }
    await Promise.all([killing(), cutting()])
  }

  return {
    stage,
    wish,
    say,
    breakThings,
    kills: () => [...killed.values()].reduce((sum, one) => sum + one, 0),
    killedText: () => [...killed].map(([part, times]) => `${part} ${times}`).join(', '),
    cutText: () => [...cut].map(([trouble, times]) => `${trouble} ${times}`).join(', ') || 'nothing',

    /** Writes while things break; what was written in this phase. `meanwhile` runs beside it and is waited for. */
    phase: async (phase: Phase, meanwhile: () => Promise<void> = async () => {}): Promise<Entry[]> => {
      const seed = wish.seed * 100 + (phases += 1)
      const schedule = scheduleOf(seed, phase.kills, wish.between)
      const began = performance.now()
      const { errands, inside, ledger } = stage
      const before = [...killed.values()].reduce((sum, one) => sum + one, 0)
      let over = false
      const writing = write(inside, ledger, errands, {
        phase: phase.name,
        count: Math.max(LEAST, Math.ceil(wish.uploads * phase.share)),
        seconds: Math.max(5, (schedule.kills.length * wish.between) / 1_000),
        limit: wish.limit,
        writers: WRITERS,
        ways: phase.ways,
        seed
      }).finally(() => (over = true))
      await Promise.all([writing, breakThings(schedule, () => over), meanwhile()])
      if (!lives(stage)) throw new Error(`the portal itself ended during: ${phase.name}`)
      const own = ledger.read().entries.filter((entry) => entry.phase === phase.name)
      const hits = [...killed.values()].reduce((sum, one) => sum + one, 0) - before
      const seconds = ((performance.now() - began) / 1000).toFixed(0)
      const yes = own.filter((entry) => entry.acknowledged).length
      say(`${phase.name}: ${yes} of ${own.length} acknowledged under ${hits} kills, ${seconds} s`)
      return own
    }
  }
}
