/**
 * events: the audit log's newest acts become deliveries to the endpoints that want them, by the same road as notices: how
 * far the log was read is moved in the transaction that writes the deliveries. Numbers have no gaps and their order is
 * commit order, so nothing that commits late is passed over.
 */
import { z } from 'zod'
import { type Session, blocks, row, run } from '../db/database.ts'
import { TOLD_ACTS, TOLD_TYPES } from '../rules/event.ts'
import type { Kind } from './kind.ts'

const sql = blocks<'mark' | 'next' | 'tell' | 'set_mark' | 'wake'>(new URL('./events.sql', import.meta.url))

const Seq = z.object({ seq: z.int().nullable() })

export const events: Kind = {
  at_once: 1,
  attempts: 12,
  prepare: async () => ({ answer: { outcome: 'done', result: null } }),
  projects: () => [],
  apply: (session) => tell(session),
  give_up: async () => undefined
}

/** Reads up to 1,000 acts on; the schedule asks for the next ones. */
async function tell(session: Session): Promise<void> {
  const from = (await row(session, sql('mark'), [], Seq))?.seq ?? 0
  const to = (await row(session, sql('next'), [from], Seq))?.seq
  if (!to) return
  await run(session, sql('tell'), [from, to, TOLD_ACTS, TOLD_TYPES])
  await run(session, sql('set_mark'), [to])
  await run(session, sql('wake'))
}
