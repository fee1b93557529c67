/** What breaks when: made of a seed alone, so that a campaign can be had again. Pure. */
import type { Victim } from './installation.ts'

/** A small generator of its own, so that a seed repeats a run (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What is killed, and as whose processes. */
export const PARTS = {
  store: ['minio'],
  database: ['postgres'],
  intake: ['intake'],
  connector: ['connector'],
  parsers: ['preview', 'scan']
} as const satisfies Record<string, Victim[]>
export type Part = keyof typeof PARTS
export const PART_NAMES = Object.keys(PARTS) as Part[]

/** Between connector and functions and the database; all and the store; the store and intake; the connector and functions. */
export const LINKS = ['database', 'store', 'intake', 'gateway'] as const
export type Link = (typeof LINKS)[number]

/**
 * slow: every answer comes late · reset: connections are cut · silent: they stay open and nothing passes · half_silent: so
 * it is with every other one · refused: nobody listens.
 */
export const TROUBLES = ['slow', 'reset', 'silent', 'half_silent', 'refused'] as const
export type Trouble = (typeof TROUBLES)[number]

export type Kill = { at: number; part: Part; victim: Victim }
export type Cut = { at: number; lasts: number; link: Link; trouble: Trouble }
export type Schedule = { kills: Kill[]; cuts: Cut[] }

/**
 * @param each how often each part is killed
 * @param between milliseconds from one kill to the next, on average
 * @param trouble milliseconds that a cut lasts, about
 */
export function scheduleOf(seed: number, each: number, between: number, trouble = between): Schedule {
  const random = randomFrom(seed)
  const kills: Kill[] = []
  for (let round = 0; round < each; round += 1)
    for (const part of shuffled(PART_NAMES, random)) {
      const victims = PARTS[part]
      const at = Math.round(between * (kills.length + 0.5 + random() / 2))
      kills.push({ at, part, victim: victims[round % victims.length] ?? victims[0] })
    }
  return { kills, cuts: cutsOf(random, kills.length * between, trouble) }
}

/** One link after the other, each trouble once in twenty, with a pause as long as the trouble was: up to 3 s, or 11 s. */
function cutsOf(random: () => number, length: number, trouble: number): Cut[] {
  const pairs = LINKS.flatMap((link) => TROUBLES.map((kind) => ({ link, trouble: kind })))
  const cuts: Cut[] = []
  for (let at = 500; at < length;) {
    for (const pair of shuffled(pairs, random)) {
      const lasts = Math.round((0.7 + 1.5 * random()) * trouble)
      if (at + lasts < length) cuts.push({ at, lasts, ...pair })
      at += 2 * lasts
    }
  }
  return cuts
}

export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((one) => ({ one, by: random() }))
    .sort((a, b) => a.by - b.by)
    .map(({ one }) => one)
}
