/**
 * notices: the audit log's newest acts become entries of inboxes. The schedule looks for them (infra/connector), so that
 * whoever acts pays nothing. How far the log has been read is moved in the transaction that writes the entries: each act
 * is told once, whatever dies in between.
 */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import { NoticeKind, Pace } from '../contract/notice.ts'
import { type Session, blocks, row, rows, run } from '../db/database.ts'
import { TOLD, mailDue } from '../rules/notice.ts'
import type { Kind } from './kind.ts'

const sql = blocks<'mark' | 'next' | 'set_mark' | 'told' | 'tell'>(new URL('./notices.sql', import.meta.url))

const Told = z.object({
  person_id: Id,
  project_id: Id,
  kind: NoticeKind,
  things: z.array(Id),
  pace: Pace,
  time_zone: z.string(),
  mailed_already: z.boolean()
})
const Seq = z.object({ seq: z.int().nullable() })

export const notices: Kind = {
  at_once: 1,
  attempts: 12,
  prepare: async () => ({ answer: { outcome: 'done', result: null } }),
  projects: () => [],
  apply: (session) => tellNews(session, new Date()),
  give_up: async () => undefined
}

/** Reads up to 1,000 acts on and writes who is told; the next look goes on where this one ended. */
async function tellNews(session: Session, now: Date): Promise<void> {
  const from = (await row(session, sql('mark'), [], Seq))?.seq ?? 0
  const to = (await row(session, sql('next'), [from], Seq))?.seq
  if (!to) return
  const told = await rows(session, sql('told'), [from, to, TOLD], Told)
  for (const { person_id, project_id, kind, things, pace, time_zone, mailed_already } of told) {
    const due = mailed_already ? null : mailDue(pace, now, time_zone)
    await run(session, sql('tell'), [person_id, project_id, kind, things, due])
  }
  await run(session, sql('set_mark'), [to])
  for (const person of new Set(told.map((one) => one.person_id)))
    await run(session, 'select announce($1)', [`person:${person}`])
}
