import { error, redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { fieldsOf, fitsForm } from '#lib/automations/form.ts'
import { Automation, AutomationRun } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { choicesFor, requireMaker, save, tryOut } from '#lib/server/automations.ts'
import { failed } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  requireMaker(event)
  const id = event.params.id
  const rules = await read(event, '/automations/rules', z.array(Automation))
  const rule = rules.find((one) => one.id === id)
  if (!rule) error(404, problemText({ code: 'not_found' }))
  const [choices, runs] = await Promise.all([
    choicesFor(event, rule.place?.project.id ?? null),
    read(event, `/automations/rules/${encodeURIComponent(id)}/runs`, z.array(AutomationRun))
  ])
  const start = { ...fieldsOf({ ...rule, place_id: rule.place?.id ?? null }), changed_at: rule.changed_at }
  return { rule, runs, ...choices, start, fits: fitsForm(rule) }
}

export const actions: Actions = {
  save: async (event) => {
    const refused = await save(event, `/automations/rules/${encodeURIComponent(event.params.id)}`)
    return refused ?? { saved: true }
  },
  try: tryOut,
  end: async (event) => {
    const answer = await send(event, 'DELETE', `/automations/rules/${encodeURIComponent(event.params.id)}`)
    if (!answer.ok) return failed(answer.problem, {}, 'end')
    redirect(303, '/automations')
  }
}
