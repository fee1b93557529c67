/** What was opened in an emergency and is over: the grant has ended by itself, and the log says so. */
import { z } from 'zod'
import { Id, Time } from '../_shared/contract/common.ts'
import { blocks, rows, run } from '../_shared/db/database.ts'
import { type Slice, database } from './context.ts'

const sql = blocks<'over'>(new URL('./emergencies.sql', import.meta.url))

const BATCH = 100
const Over = z.object({
  id: Id,
  person_id: Id,
  project_id: Id,
  document_id: Id.nullable(),
  grant_id: Id.nullable(),
  valid_until: Time,
  by_itself: z.boolean()
})

/** One act for each, once. */
export async function noteEndOfEmergencies(timeIsUp: () => boolean): Promise<Slice<true>> {
  for (let found = 0; ;) {
    const noted = await noteSome()
    found += noted
    if (noted < BATCH) return { found, cursor: null }
    if (timeIsUp()) return { found, cursor: true }
  }
}

const noteSome = (): Promise<number> =>
  database.transaction([], async (session, acts) => {
    const over = await rows(session, sql('over'), [BATCH], Over)
    const ended = over.filter((one) => one.by_itself)
    for (const { id, person_id, project_id, document_id, grant_id, valid_until } of ended)
      acts.push({
        ...{ action: 'emergency.ended', actor_id: null, project_id, document_id, subject_id: person_id },
        facts: { emergency_id: id, grant_id, valid_until, by_itself: true }
      })
    const topics = ended.flatMap((one) => [`project:${one.project_id}`, `person:${one.person_id}`])
    for (const topic of new Set(topics)) await run(session, 'select announce($1)', [topic])
    return over.length
  })
