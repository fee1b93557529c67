/** A person's inbox and how soon they want mail. Row-level security must be open for the projects in their reach. */
import { z } from 'zod'
import { Id, Time } from '../_shared/contract/common.ts'
import {
  Notice,
  type NoticeSettings,
  type NoticeSettingsChange,
  Pace,
  Unread
} from '../_shared/contract/notice.ts'
import { type Session, blocks, prepare, row, rows, run } from '../_shared/db/database.ts'

const sql = blocks<
  'inbox' | 'unread' | 'read' | 'settings' | 'set_pace' | 'forget_pace' | 'unsubscribe' | 'person'
>(new URL('./notices.sql', import.meta.url))

export const Place = z.object({ last_at: Time, id: Id })
export type Place = z.infer<typeof Place>

/** Up to `limit` entries after a place, newest first; those of which nothing is visible have `count` 0. */
export const inbox = (
  on: Session,
  person_id: string,
  after: Place | null,
  limit: number
): Promise<Notice[]> =>
  rows(on, sql('inbox'), [person_id, after?.last_at ?? null, after?.id ?? null, limit], Notice)

export async function unread(on: Session, person_id: string): Promise<z.infer<typeof Unread>> {
  return (await row(on, prepare(sql('unread')), [person_id], Unread)) ?? { unread: 0 }
}

/** Marks these as read, or all. Ids of others change nothing. */
export const markRead = (on: Session, person_id: string, ids: string[] | undefined): Promise<number> =>
  run(on, sql('read'), [person_id, ids ?? null])

const Setting = z.object({ project_id: Id.nullable(), pace: Pace })

export async function settingsOf(on: Session, person_id: string): Promise<NoticeSettings> {
  const found = await rows(on, sql('settings'), [person_id], Setting)
  return {
    pace: found.find((one) => one.project_id === null)?.pace ?? 'at_once',
    projects: found.flatMap(({ project_id, pace }) => (project_id ? [{ project_id, pace }] : []))
  }
}

export async function changeSettings(
  on: Session,
  person_id: string,
  { pace, projects }: z.infer<typeof NoticeSettingsChange>
): Promise<void> {
  await run(on, sql('set_pace'), [person_id, null, pace])
  for (const one of projects)
    if (one.pace) await run(on, sql('set_pace'), [person_id, one.project_id, one.pace])
    else await run(on, sql('forget_pace'), [person_id, one.project_id])
}

/** No more mail of any project. False when there is no such person. */
export async function unsubscribe(on: Session, person_id: string): Promise<boolean> {
  if (!(await row(on, sql('person'), [person_id], z.object({ id: Id })))) return false
  await run(on, sql('unsubscribe'), [person_id])
  return true
}
