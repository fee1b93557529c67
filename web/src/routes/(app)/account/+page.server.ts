import { z } from 'zod'
import { BackupState, Device } from '#lib/contract.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const person = event.locals.session?.person
  if (person) event.depends(`live:person:${person.id}`)
  const [{ items }, saved] = await Promise.all([
    get(event, '/auth/sessions', z.object({ items: z.array(Device) })),
    get(event, '/admin/backups/state', BackupState)
  ])
  const stands_in = event.locals.session?.stands_in ?? []
  return { stands_in, saved, devices: items.toSorted((a, b) => Number(b.current) - Number(a.current)) }
}

export const actions: Actions = {
  /** Signs a device out, for somebody who left it or lost it. */
  end: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'DELETE', `/auth/sessions/${encodeURIComponent(typed.id ?? '')}`)
    return answer.ok ? { ended: true } : failed(answer.problem, typed, 'end')
  },

  end_others: async (event) => {
    const answer = await send(event, 'DELETE', '/auth/sessions')
    return answer.ok ? { ended: true } : failed(answer.problem, {}, 'end')
  }
}
