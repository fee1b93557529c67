/**
 * Versions against the log: how one came and that one was erased are written down in the transaction of the change, so a
 * row without its act was touched from outside. The act is added, marked as such, with what the row knows.
 */
import { z } from 'zod'
import { Id, Time } from '../_shared/contract/common.ts'
import { rows } from '../_shared/db/database.ts'
import { FIRST, database } from './context.ts'
import { Undrawn, drawAgain, walkSql } from './walk-sql.ts'
import type { After, Page } from './walk.ts'

/** By one of them each version has come. */
const CAME = [
  'document.received',
  'document.adopted',
  'document.copied',
  'version.received',
  'version.restored',
  'log.completed'
]

const Unwritten = z.object({
  missing: z.enum(['received', 'erased']),
  subject_id: Id,
  project_id: Id,
  document_id: Id,
  at: Time,
  size: z.number()
})

export async function actsPage(after: After): Promise<Page> {
  const found = await rows(
    database.pool,
    walkSql('versions_after'),
    [after.key || FIRST],
    z.object({ id: Id })
  )
  const ids = found.map((one) => one.id)
  const last = ids.at(-1)
  return {
    next: last === undefined ? null : { key: last, object_version_id: null },
    write: async (session, acts) => {
      const undrawn = await rows(session, walkSql('half_drawn'), [ids], Undrawn)
      await drawAgain(session, undrawn)
      const unwritten = await rows(session, walkSql('unwritten'), [ids, CAME], Unwritten)
      for (const { missing, at, size, ...about } of unwritten)
        acts.push({ action: 'log.completed', actor_id: null, ...about, facts: { missing, at, size } })
      return {
        tally: { versions: ids.length, redrawn: undrawn.length, acts: unwritten.length },
        findings: []
      }
    }
  }
}
