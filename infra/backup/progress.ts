/** How far a backup is: in lines for whoever started it, and in one row of the database for the page of backups. */
import type pg from 'pg'
import { connect } from './running.ts'

/** A line for whoever started it. */
export type Say = (line: string) => void

/** In this order; `recent`: what came meanwhile. */
export type Step = 'database' | 'objects' | 'recent' | 'drill'

/** @param part how much of the step is done, 0 to 1; null: not known */
export type Tell = (step: Step, part?: number | null) => void

export type Progress = {
  tell: Tell
  /** Nothing is under way any more. */
  end: () => Promise<void>
}

const LINES: Record<Step, string> = {
  database: 'Database …',
  objects: 'Objects …',
  recent: 'What came meanwhile …',
  drill: 'Trying it out …'
}
const LINE_MS = 2_000
const ROW_MS = 3_000

/** Begins to tell. A database that cannot be told now is told later, or never: no backup fails for it. */
export function beginProgress(data: string, begun: Date, say: Say): Progress {
  let now: { step: Step; part: number | null } = { step: 'database', part: null }
  let said_at = 0
  let client: pg.Client | null = null
  let writing: Promise<void> | null = null

  async function write(): Promise<void> {
    try {
      client ??= await connect(data)
      await client.query(
        `insert into backup_running (begun_at, step, part) values ($1, $2, $3)
         on conflict (id) do update
           set begun_at = excluded.begun_at, step = excluded.step, part = excluded.part, told_at = now()`,
        [begun, now.step, now.part]
      )
    } catch {
      await client?.end().catch(() => undefined)
      client = null
    }
  }
  const row = () => void (writing ??= write().finally(() => (writing = null)))
  // Also while a step says nothing: the row would be taken for one of a backup that was killed.
  const beat = setInterval(row, ROW_MS)

  return {
    tell(step, part = null) {
      const is_new = step !== now.step || said_at === 0
      now = { step, part }
      if (is_new) row()
      if (!is_new && Date.now() - said_at < LINE_MS) return
      said_at = Date.now()
      say(part === null ? LINES[step] : `${LINES[step]} ${Math.floor(part * 100)} %`)
    },
    async end() {
      clearInterval(beat)
      await writing
      await client?.query('delete from backup_running').catch(() => undefined)
      await client?.end().catch(() => undefined)
    }
  }
}
