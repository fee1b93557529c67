/** ZIPs that a job makes: ordered, listed, handed out, thrown away. Each is its maker's alone. */
import { z } from 'zod'
import { type ArchiveWish, OrderedArchive } from '../_shared/contract/archive.ts'
import { Id, levelNumber } from '../_shared/contract/common.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import type { ArchivePlan } from '../_shared/rules/archive.ts'

const sql = blocks<
  | 'lock'
  | 'count'
  | 'order'
  | 'files'
  | 'add_job'
  | 'list'
  | 'delete'
  | 'ready'
  | 'held'
  | 'reachable'
  | 'ticket'
>(new URL('./archive-orders.sql', import.meta.url))

/** How many of them are waiting, being made or ready. Their number stays until the transaction ends. */
export async function countOrders(session: Session, person_id: string): Promise<number> {
  await run(session, sql('lock'), [person_id])
  return (await row(session, sql('count'), [person_id], z.object({ count: z.int() })))?.count ?? 0
}

/** Writes what is to go in, as it is now, and the job that makes it. */
export async function orderArchive(
  session: Session,
  of: { person_id: string; project_id: string; name: string; wish: ArchiveWish; plan: ArchivePlan }
): Promise<string> {
  const { person_id, project_id, name, wish, plan } = of
  const { folder = null, document = null } = wish
  const values = [person_id, project_id, name, folder, document, plan.files.length, plan.size]
  const made = await row(session, sql('order'), values, z.object({ id: Id }))
  if (!made) throw new Error('no archive was made')
  const left = plan.left_out.map((one) => ({ ...one, path: one.name, sha256: null }))
  const all = [...plan.files.map((file) => ({ ...file, why: null })), ...left]
  await run(session, sql('files'), [
    made.id,
    project_id,
    all.map((one) => one.document_id),
    all.map((one) => one.version_id),
    all.map((one) => one.path),
    all.map((one) => one.size),
    all.map((one) => one.sha256),
    all.map((one) => one.why)
  ])
  await run(session, sql('add_job'), [made.id, project_id])
  await run(session, 'select announce($1)', [`person:${person_id}`])
  return made.id
}

/** Up to `limit` of one's own after one of them, newest first. */
export const ordersOf = (
  session: Session,
  person_id: string,
  after: string | null,
  limit: number
): Promise<OrderedArchive[]> => rows(session, sql('list'), [person_id, after, limit, null], OrderedArchive)

export const orderOf = (session: Session, person_id: string, id: string): Promise<OrderedArchive | null> =>
  row(session, sql('list'), [person_id, null, 1, id], OrderedArchive)

/** Its bytes go with the clock's next round; what is being made ends with its slice. Its project, or null: not one's own. */
export async function deleteOrder(session: Session, person_id: string, id: string): Promise<string | null> {
  const gone = await row(session, sql('delete'), [id, person_id], z.object({ project_id: Id }))
  if (gone) await run(session, 'select announce($1)', [`person:${person_id}`])
  return gone?.project_id ?? null
}

const Ready = z.object({
  id: Id,
  project_id: Id,
  name: z.string(),
  size: z.number().nullable(),
  state: z.enum(['waiting', 'making', 'ready'])
})
const Held = z.object({ document_id: Id, version_id: Id, size: z.number() })
export type Held = z.infer<typeof Held>

/** One that has not ended, held until the transaction does; null when there is none of that id. */
export const openOrder = (session: Session, person_id: string, id: string) =>
  row(session, sql('ready'), [id, person_id], Ready)

export const heldIn = (session: Session, id: string): Promise<Held[]> =>
  rows(session, sql('held'), [id], Held)

/** Of these documents the ones that the person may download now. */
export async function reachable(session: Session, person_id: string, ids: string[]): Promise<Set<string>> {
  const values = [person_id, ids, levelNumber('download')]
  return new Set((await rows(session, sql('reachable'), values, z.object({ id: Id }))).map((one) => one.id))
}

/** Names this handing out in the store's access event. */
export async function archiveTicket(
  session: Session,
  of: { id: string; project_id: string; person_id: string; size: number }
): Promise<string> {
  const values = [of.id, of.project_id, of.person_id, of.size]
  const issued = await row(session, sql('ticket'), values, z.object({ ticket: Id }))
  if (!issued) throw new Error('no ticket was issued')
  return issued.ticket
}
