/**
 * What changed, from Postgres NOTIFY: one LISTEN client for all open pages. The web's role can do nothing else
 * in the database. News name a topic, never content.
 */
import pg from 'pg'
import { Announcement } from '#lib/contract.ts'
import { secret } from './secret.ts'

type Listener = {
  /** The topic changed; `seq` grows. */
  changed: (seq: number) => void
  /** Some news may have been missed: the database was away. */
  missed: () => void
  /** The web ends. */
  closed: () => void
}

const CHANNEL = 'portico'
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 10_000
/** Longer than any page needs from its first question to its open stream. */
const FRESH_MS = 30_000

const listeners = new Map<string, Set<Listener>>()
/** The last news of each topic that had some in the last FRESH_MS, the oldest first. */
const fresh = new Map<string, { seq: number; at: number }>()
let client: pg.Client | null = null
let wait = FIRST_WAIT_MS
let ended = false

process.on('sveltekit:shutdown', end)

/**
 * Hears a topic until the returned function is called. The first caller opens the database connection. What was new just
 * now is told at once: a page asked for its content before it could listen, and would miss what came in between.
 */
export function listen(topic: string, listener: Listener): () => void {
  const set = listeners.get(topic) ?? new Set()
  listeners.set(topic, set.add(listener))
  if (!client && !ended) void connect()
  forgetOld()
  const last = fresh.get(topic)
  if (last) listener.changed(last.seq)
  return () => {
    set.delete(listener)
    if (set.size === 0 && listeners.get(topic) === set) listeners.delete(topic)
  }
}

async function connect(): Promise<void> {
  const mine = new pg.Client({
    connectionString: secret('db-web'),
    application_name: 'portico web',
    keepAlive: true,
    connectionTimeoutMillis: 5_000
  })
  client = mine
  mine.on('notification', (message) => tell(message.payload ?? ''))
  mine.on('error', () => lose(mine))
  mine.on('end', () => lose(mine))
  try {
    await mine.connect()
    await mine.query(`listen ${CHANNEL}`)
  } catch {
    return lose(mine)
  }
  wait = FIRST_WAIT_MS
  for (const listener of everybody()) listener.missed()
}

function lose(which: pg.Client): void {
  if (client !== which || ended) return
  client = null
  which.removeAllListeners('notification')
  void which.end().catch(() => undefined)
  setTimeout(() => !client && !ended && void connect(), wait)
  wait = Math.min(wait * 2, LONGEST_WAIT_MS)
}

function tell(payload: string): void {
  const news = Announcement.safeParse(parse(payload))
  if (!news.success) return
  forgetOld()
  fresh.delete(news.data.topic)
  fresh.set(news.data.topic, { seq: news.data.seq, at: Date.now() })
  for (const listener of listeners.get(news.data.topic) ?? []) listener.changed(news.data.seq)
}

function forgetOld(): void {
  const limit = Date.now() - FRESH_MS
  for (const [topic, { at }] of fresh) {
    if (at >= limit) return
    fresh.delete(topic)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const everybody = (): Listener[] => [...listeners.values()].flatMap((set) => [...set])

function end(): void {
  ended = true
  for (const listener of everybody()) listener.closed()
  void client?.end().catch(() => undefined)
}
