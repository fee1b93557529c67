/** Moving, throwing away and taking back, each with what is said about it and its undo. */
import { ApiError, api } from '#lib/api.ts'
import type { Document, Outcomes, SessionInfo } from '#lib/contract.ts'
import { MAX_THINGS } from '#lib/values.ts'
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

/** Removes things from the trash for good, at most so many in one call as the API takes. */
export async function erase(project_id: string, things: string[]): Promise<void> {
  for (let from = 0; from < things.length; from += MAX_THINGS)
    await ask(`/documents/projects/${project_id}/trash/empty`, {
      things: things.slice(from, from + MAX_THINGS)
    })
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

/**
 * Copies documents and folders. True: one at least; null: no answer came, and the same key makes asking again harmless.
 */
export async function copyThings(things: string[], folder_id: string, key: string): Promise<boolean | null> {
  const done = await attempt('/documents/things/copy', { things, folder_id }, key)
  if (done && done.length > 0) toast(m.order_copied())
  return done && done.length > 0
}

type Wish = { things: string[]; folder_id?: string }

/** The ids with which it went well; what did not is said. */
const ask = async (path: `/${string}`, body: Wish): Promise<string[]> => (await attempt(path, body)) ?? []

/** As above; null: whether anything was done is not known. */
async function attempt(path: `/${string}`, body: Wish, idempotency_key = ''): Promise<string[] | null> {
  try {
    const { things } = await api<Outcomes>(path, { method: 'POST', body, idempotency_key })
    const went = things.filter((one) => one.outcome === 'done' || one.outcome === 'partly')
    if (went.length < things.length) toast(m.order_some_failed({ count: things.length - went.length }))
    if (went.some((one) => one.outcome === 'partly')) toast(m.order_partly())
    return went.map((one) => one.id)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    toast(error.message)
    return error.trouble.status >= 400 && error.trouble.status < 500 ? [] : null
  }
}
