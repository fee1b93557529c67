/** The one way to Postgres: a pool, transactions, and rows that zod has looked at. */
import { readFileSync } from 'node:fs'
import pg from 'pg'
import type { z } from 'zod'
import { keyReaches } from '../key.ts'
import { log } from '../log.ts'
import { isOfFirm } from '../of-firm.ts'
import { currentTrace, traceparent } from '../trace.ts'
import { type Act, appendAudit } from './audit.ts'

// Dates stay the ISO strings that go on the wire; bigint counts are safe integers here (sizes < 2^53).
pg.types.setTypeParser(pg.types.builtins.INT8, Number)
for (const type of [pg.types.builtins.TIMESTAMPTZ, pg.types.builtins.TIMESTAMP])
  pg.types.setTypeParser(type, (text) => (text.endsWith('infinity') ? text : new Date(text).toISOString()))

/** A connection inside a transaction. */
export type Session = pg.ClientBase

/**
 * Named blocks of a .sql file: each begins with a line `-- name: block_name`.
 *
 * @param url the .sql file's URL, e.g. `new URL('./document.sql', import.meta.url)`
 * @returns a function from block name to its text; throws at the first use of a name that is not there.
 */
export function blocks<Name extends string>(url: URL): (name: Name) => string {
  const found = new Map<string, string>()
  for (const part of readFileSync(url, 'utf8')
    .split(/^-- name: /m)
    .slice(1)) {
    const end = part.indexOf('\n')
    found.set(part.slice(0, end).trim(), part.slice(end + 1).trim())
  }
  return (name) => {
    const text = found.get(name)
    if (text === undefined) throw new Error(`${url.pathname.split('/').at(-1)} has no block "${name}"`)
    return text
  }
}

const prepared = new Map<string, string>()

/**
 * Marks a statement of a .sql file that many requests ask: each connection parses and plans it once, which halves the
 * time of a list. Not for statements whose best plan depends on what is asked ("$1 is null or …").
 */
export function prepare(text: string): string {
  if (!prepared.has(text)) prepared.set(text, `s${prepared.size + 1}`)
  return text
}

const query = (on: Session | pg.Pool, text: string, values: unknown[]) => {
  const name = prepared.get(text)
  return name ? on.query({ name, text, values }) : on.query(text, values)
}

/** All rows, each parsed on arrival. */
export async function rows<T extends z.ZodType>(
  on: Session | pg.Pool,
  text: string,
  values: unknown[],
  schema: T
): Promise<z.infer<T>[]> {
  const result = await query(on, text, values)
  return result.rows.map((row) => schema.parse(row))
}

/** The first row or null. */
export async function row<T extends z.ZodType>(
  on: Session | pg.Pool,
  text: string,
  values: unknown[],
  schema: T
): Promise<z.infer<T> | null> {
  const result = await query(on, text, values)
  return result.rows.length === 0 ? null : schema.parse(result.rows[0])
}

/** Runs a statement for its effect; how many rows it touched. */
export async function run(on: Session | pg.Pool, text: string, values: unknown[] = []): Promise<number> {
  return (await query(on, text, values)).rowCount ?? 0
}

/** Opens row-level security for these projects, as far as the call's API key reaches, until the transaction ends. */
export async function seeProjects(session: Session, projects: string[]): Promise<void> {
  const reached = projects.filter(keyReaches)
  await session.query(
    `select set_config('app.projects', $1, true), set_config('app.of_firm', $2, true), set_config('portico.trace', $3, true)`,
    [`{${reached.join(',')}}`, isOfFirm() ? 'yes' : '', traceNow()]
  )
}

/** Rows that let work go on later (job, upload, inbox) keep it by themselves: their columns' defaults read it. */
export const traceNow = (): string => {
  const trace = currentTrace()
  return trace ? traceparent(trace) : ''
}

async function tellTrace(session: Session): Promise<void> {
  const trace = traceNow()
  if (trace) await session.query(`select set_config('portico.trace', $1, true)`, [trace])
}

/** The answer did not come in time: nothing more is asked on this connection. */
const isSilent = (error: unknown): error is Error =>
  error instanceof Error && error.message === 'Query read timeout'

export type Database = ReturnType<typeof openDatabase>

/**
 * Milliseconds that an answer may take: longer than any call of a function that people wait for. Where a firewall or a
 * moved address swallows what is sent, nobody is told, and without an end the question would wait for ever.
 */
const PATIENCE = 45_000

/**
 * Opens a pool. It connects lazily and survives the server's restarts: a broken idle connection is dropped, a silent one
 * given up after `patience` milliseconds.
 */
export function openDatabase(url: string, max = 8, patience = PATIENCE) {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    query_timeout: patience,
    keepAlive: true
  })
  pool.on('error', (error) => log.warn('database_connection_lost', { message: error.message }))

  /**
   * One transaction, READ COMMITTED (the audit counter needs it). Row-level security shows only rows of `projects`;
   * without them it shows none. `work` pushes what it did onto `acts`: they are written last, with the change.
   */
  async function transaction<T>(
    projects: string[],
    work: (session: Session, acts: Act[]) => Promise<T>
  ): Promise<T> {
    const client = await pool.connect()
    const acts: Act[] = []
    let broken: Error | undefined
    // Between two statements nobody else hears that the connection has ended, and the process would end with it.
    const onError = (error: Error) => void (broken = error)
    client.on('error', onError)
    try {
      await client.query('begin')
      if (projects.length > 0) await seeProjects(client, projects)
      else await tellTrace(client)
      const result = await work(client, acts)
      await appendAudit(client, acts)
      await client.query('commit')
      return result
    } catch (error) {
      if (isSilent(error)) broken = error
      else if (!broken) await client.query('rollback').catch((failure: Error) => (broken = failure))
      throw error
    } finally {
      client.off('error', onError)
      client.release(broken)
    }
  }

  return {
    pool,
    transaction,
    /** The first call of a connection costs 10 ms (plans): pay it before the first person comes. Never throws. */
    warm: async () => {
      await pool
        .query('select 1')
        .catch((error: Error) => log.warn('database_not_warm', { message: error.message }))
    },
    close: () => pool.end()
  }
}
