/**
 * Guests whose time comes: their sponsor is reminded, and the log says when it was over. The grants end by themselves. Where
 * the sponsor has gone and handed nothing over, whoever manages the project is told (pipeline/notices.sql): at once that
 * nobody answers for the guest, and of the end in the sponsor's place.
 */
import { z } from 'zod'
import { Id, Time } from '../_shared/contract/common.ts'
import { blocks, row, rows, run } from '../_shared/db/database.ts'
import { REMINDERS, reminderDue } from '../_shared/rules/guest.ts'
import { FIRST, type Slice, database } from './context.ts'

const sql = blocks<'due' | 'lock' | 'reminded' | 'told_without' | 'ended'>(
  new URL('./guests.sql', import.meta.url)
)

const BATCH = 100
const Due = z.object({
  project_id: Id,
  person_id: Id,
  sponsor_id: Id,
  valid_until: Time,
  reminded: z.int(),
  /** The sponsor has gone, and nobody was told yet. */
  alone: z.boolean()
})
export const GuestCursor = z.tuple([Id, Id])
type Cursor = z.infer<typeof GuestCursor>

export async function lookAfterGuests(after: Cursor | null, timeIsUp: () => boolean): Promise<Slice<Cursor>> {
  let found = 0
  for (let last: Cursor = after ?? [FIRST, FIRST]; ;) {
    const due = await rows(database.pool, sql('due'), [REMINDERS[0].days, ...last, BATCH], Due)
    for (const { project_id, person_id } of due) {
      found += (await lookAfter(project_id, person_id)) ? 1 : 0
      last = [project_id, person_id]
      if (timeIsUp()) return { found, cursor: last }
    }
    if (due.length < BATCH) return { found, cursor: null }
  }
}

/** One guest, the row locked: whoever lets them stay longer at this moment comes before or after. */
function lookAfter(project_id: string, person_id: string): Promise<boolean> {
  return database.transaction([], async (session, acts) => {
    const guest = await row(session, sql('lock'), [project_id, person_id], Due)
    if (!guest) return false
    const about = { actor_id: null, project_id, subject_id: person_id }
    const now = new Date()
    if (Date.parse(guest.valid_until) <= now.getTime()) {
      await run(session, sql('ended'), [project_id, person_id])
      acts.push({ action: 'guest.ended', ...about })
    } else {
      const { sponsor_id } = guest
      if (guest.alone) {
        await run(session, sql('told_without'), [project_id, person_id])
        acts.push({ action: 'guest.without_sponsor', ...about, facts: { sponsor_id } })
      }
      const reminder = reminderDue(guest.valid_until, now, guest.reminded)
      if (!reminder && !guest.alone) return false
      if (reminder) {
        await run(session, sql('reminded'), [project_id, person_id, reminder.mark])
        acts.push({ action: 'guest.ending', ...about, facts: { sponsor_id, days: reminder.days } })
      }
    }
    await run(session, 'select announce($1)', [`project:${project_id}`])
    return true
  })
}
