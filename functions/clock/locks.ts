/** Locks that come: announced once, some days before. The locks themselves need no clock, the rule knows the moment. */
import { z } from 'zod'
import { Id, Time } from '../_shared/contract/common.ts'
import { blocks, rows, run } from '../_shared/db/database.ts'
import { type Slice, database } from './context.ts'

const sql = blocks<'announce'>(new URL('./locks.sql', import.meta.url))

const BATCH = 200
const Coming = z.object({
  lock_id: Id,
  thing_id: Id,
  project_id: Id,
  document_id: Id.nullable(),
  begins_at: Time
})

/** Writes an act for each thing that a lock comes for; the inbox and the mail follow from the log. */
export async function announceLocks(timeIsUp: () => boolean): Promise<Slice<true>> {
  for (let found = 0; ;) {
    const told = await announceSome()
    found += told
    if (told < BATCH) return { found, cursor: null }
    if (timeIsUp()) return { found, cursor: true }
  }
}

const announceSome = (): Promise<number> =>
  database.transaction([], async (session, acts) => {
    const coming = await rows(session, sql('announce'), [BATCH], Coming)
    for (const { lock_id, thing_id, project_id, document_id, begins_at } of coming)
      acts.push({
        action: 'lock.coming',
        actor_id: null,
        project_id,
        document_id,
        subject_id: thing_id,
        facts: { lock_id, thing_id, from: begins_at }
      })
    for (const project of new Set(coming.map((one) => one.project_id)))
      await run(session, 'select announce($1)', [`project:${project}`])
    return coming.length
  })
