/** What was done is said, with the way back for ten seconds. */
import { invalidate } from '$app/navigation'
import { navigating } from '$app/state'
import { api } from '#lib/api.ts'
import type { Closed, Grant } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'
import { thingName } from '#lib/project/access-words.ts'
import { toast } from '#lib/toasts.svelte.ts'

export type Done = { done: string; grant: Grant | null; closed: Closed | null; fresh: boolean }
/** How it was before. */
export type Before = { grant: Grant | null }
type Thing = { id: string; kind: 'project' | 'folder' | 'document'; name: string }

export function tell({ done, grant, closed, fresh }: Done, before: Before, thing: Thing): void {
  if (done === 'give' && grant)
    toast(
      m.access_given({ name: grant.principal.name }),
      fresh ? back(() => take(grant.id, grant.revision)) : null
    )
  if (done === 'change' && grant)
    toast(
      m.access_changed({ name: grant.principal.name }),
      back(async () => {
        if (before.grant) await change(before.grant, grant.revision)
      })
    )
  if (done === 'end' && before.grant) {
    const gone = before.grant
    toast(
      m.access_taken({ name: gone.principal.name }),
      back(() => giveAgain(gone))
    )
  }
  if (done === 'close')
    toast(
      m.access_closed_done({ name: thingName(thing) }),
      back(async () => {
        await setInherits(thing.id, true)
        if (closed?.grant_id) await take(closed.grant_id, 1)
      })
    )
  if (done === 'open')
    toast(
      m.access_opened_done({ name: thingName(thing) }),
      back(() => setInherits(thing.id, false))
    )
}

/** What was asked for once is not asked about again: an undo goes back to what was. */
const back = (act: () => Promise<unknown>) => async () => {
  await act().catch((error: unknown) => toast(error instanceof Error ? error.message : String(error)))
  // A dialog that is being left is a new page under way: what is asked for meanwhile would be thrown away.
  await navigating.complete?.catch(() => undefined)
  await invalidate('portico:access')
}

const take = (id: string, revision: number) =>
  api(`/admin/grants/${id}?confirm=true&revision=${revision}`, { method: 'DELETE' })

const setInherits = (id: string, inherits: boolean) =>
  api(`/admin/things/${id}/access`, { method: 'PATCH', body: { inherits, confirm: true } })

const ruleOf = ({ level, allows, valid_from, valid_until, note }: Grant) => ({
  ...{ level, allows, valid_from, valid_until, note },
  confirm: true
})

const change = (to: Grant, revision: number) =>
  api(`/admin/grants/${to.id}`, { method: 'PATCH', body: { ...ruleOf(to), revision } })

const giveAgain = (grant: Grant) =>
  api('/admin/grants', {
    method: 'POST',
    body: {
      thing_id: grant.thing.id,
      principal_kind: grant.principal.kind,
      principal_id: grant.principal.id,
      own_only: grant.own_only,
      ...ruleOf(grant)
    },
    idempotency_key: crypto.randomUUID()
  })
