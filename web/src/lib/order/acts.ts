/** Moving, throwing away and taking back, each with what is said about it and its undo. */
import { ApiError, api } from '#lib/api.ts'
import type { Document, Outcomes, SessionInfo } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'
import { toast } from '#lib/toasts.svelte.ts'

/** Whether the page offers to rename this document or to throw it away; the server asks its rule again. */
export const mayTidy = (document: Document, session: SessionInfo | null | undefined): boolean =>
  document.level === 'manage' ||
  (document.level === 'contribute' && document.created_by?.id === session?.person.id)

/** Puts things into the trash. True: at least one lies there now. */
export async function throwAway(project_id: string, things: string[]): Promise<boolean> {
  const done = await ask('/documents/things/trash', { things })
  if (done.length > 0)
    toast(m.order_trashed({ count: done.length }), async () => void (await takeBack(project_id, done)))
  return done.length > 0
}

/** Takes things out of the trash. */
export async function takeBack(project_id: string, things: string[]): Promise<boolean> {
  const done = await ask(`/documents/projects/${project_id}/trash/restore`, { things })
  if (done.length > 0) toast(m.order_restored({ count: done.length }))
  return done.length > 0
}

/** Moves things; all of them lay in the folder `from`. */
export async function moveThings(things: string[], from: string, folder_id: string): Promise<boolean> {
  const done = await ask('/documents/things/move', { things, folder_id })
  if (done.length > 0)
    toast(
      m.order_moved({ count: done.length }),
      async () => void (await ask('/documents/things/move', { things: done, folder_id: from }))
    )
  return done.length > 0
}

/** The ids with which it went well; what did not is said. */
async function ask(path: `/${string}`, body: { things: string[]; folder_id?: string }): Promise<string[]> {
  try {
    const { things } = await api<Outcomes>(path, { method: 'POST', body })
    const done = things.filter((one) => one.outcome === 'done').map((one) => one.id)
    if (done.length < things.length) toast(m.order_some_failed({ count: things.length - done.length }))
    return done
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    toast(error.message)
    return []
  }
}
