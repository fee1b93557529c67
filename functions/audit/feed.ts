/** The feed of events: the log read forward, filtered by the rule as it stands at this moment. */
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { config } from '../_shared/config.ts'
import type { Events, PorticoEvent } from '../_shared/contract/event.ts'
import { actsOf as storedActs } from '../_shared/db/activity.ts'
import { blocks, prepare, row, rows } from '../_shared/db/database.ts'
import { type Reader, maySeeAct } from '../_shared/rules/activity.ts'
import { eventOf } from '../_shared/rules/event.ts'
import { database } from './database.ts'

const sql = blocks<'newest' | 'first_after'>(new URL('./feed.sql', import.meta.url))

/** Numbers of the log that one look goes over: somebody who may see little of it must not keep the database busy. */
const STRIDE = 5_000
/** Milliseconds between two looks while a call waits. */
const LOOK = 500

export type FeedPart = {
  actions: string[]
  /** null: all of them. */
  projects: string[] | null
}

const Newest = z.object({ seq: z.int() })

/** The log's newest number. */
export async function newest(): Promise<number> {
  return (await row(database.pool, prepare(sql('newest')), [], Newest))?.seq ?? 0
}

let asked: { at: number; answer: Promise<number> } | undefined

/** The same a moment old, asked once for all who wait in this process. */
function newestLately(): Promise<number> {
  if (!asked || performance.now() - asked.at > LOOK / 2) asked = { at: performance.now(), answer: newest() }
  return asked.answer
}

/** Events after a number, oldest first, with the number to go on from. */
export async function readFeed(
  reader: Reader,
  part: FeedPart,
  after: number,
  limit: number
): Promise<Omit<Events, 'next'> & { next: number }> {
  const top = await newest()
  const to = Math.min(top, after + STRIDE)
  const values = [after, to, part.actions, part.projects, limit]
  const found = await rows(database.pool, sql('first_after'), values, Newest)
  const full = found.length === limit
  // Numbers and acts: an act that is committed with a number has all before it committed too.
  const next = full ? (found.at(-1)?.seq ?? to) : Math.max(after, to)
  const items = await eventsOf(
    reader,
    found.map((one) => one.seq)
  )
  return { items, next, more: next < top }
}

async function eventsOf(reader: Reader, numbers: number[]): Promise<PorticoEvent[]> {
  if (numbers.length === 0) return []
  const acts = await database.transaction([], (session) => storedActs(session, reader.id, numbers))
  return acts
    .toReversed()
    .filter((act) => maySeeAct(act, reader))
    .flatMap((act) => eventOf(act, config.origin) ?? [])
}

/** As readFeed(), but comes back only with something to tell, when the time is up, or when the caller has gone. */
export async function waitForFeed(
  reader: () => Promise<{ reader: Reader; part: FeedPart }>,
  after: number,
  limit: number,
  wait: { seconds: number; signal: AbortSignal }
): Promise<Omit<Events, 'next'> & { next: number }> {
  const until = performance.now() + wait.seconds * 1000
  let place = after
  for (;;) {
    // Asked anew: what the caller may see may have changed while nothing happened.
    const who = await reader()
    const page = await readFeed(who.reader, who.part, place, limit)
    if (page.items.length > 0 || performance.now() >= until || wait.signal.aborted) return page
    place = page.next
    while ((await newestLately()) <= place && performance.now() < until && !wait.signal.aborted)
      await pause(LOOK)
  }
}
