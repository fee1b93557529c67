/** What the pages of rules have in common: the place that a rule is for, and its form. */
import { type RequestEvent, error } from '@sveltejs/kit'
import { z } from 'zod'
import { type Fields, ownFields, wishOf } from '#lib/automations/form.ts'
import { OwnFunction, PersonWithAccess, ProjectTree, Trial } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load, send } from '#lib/server/gateway.ts'

/** People that can be told, the most important first. */
const PEOPLE = 100

/** Only those of the firm who may make rules. */
export function requireMaker(event: RequestEvent): void {
  const role = event.locals.session?.person.staff_role
  if (role !== 'administrator' && role !== 'staff') error(404, problemText({ code: 'not_found' }))
}

/** What can be chosen in the form: the firm's own functions, the project's folders, the people who see it. null: everywhere. */
export async function choicesFor(event: RequestEvent, project_id: string | null) {
  const offered = load(event, '/automations/functions', z.array(OwnFunction))
  if (project_id === null) return { project: null, folders: [], people: [], functions: await offered }
  const id = encodeURIComponent(project_id)
  const [functions, tree, holders] = await Promise.all([
    offered,
    load(event, `/documents/projects/${id}`, ProjectTree),
    load(event, `/documents/things/${id}/people`, z.array(PersonWithAccess))
  ])
  return {
    functions,
    project: { id: tree.id, name: tree.name },
    folders: tree.folders.map(({ id, name, parent_id }) => ({ id, name, parent_id })),
    people: holders.slice(0, PEOPLE).map(({ who, staff }) => ({ ...who, staff }))
  }
}

/** What was typed; of people all that were ticked. */
async function fieldsIn(event: RequestEvent): Promise<Fields> {
  const data = await event.request.formData()
  return { ...typedIn(data), people: data.getAll('people').join(' ') }
}

/** Saves the form: with `path` a change of that rule. */
export async function save(event: RequestEvent, path: '/automations/rules' | `/automations/rules/${string}`) {
  const fields = await fieldsIn(event)
  const wish = wishOf(fields)
  const answer =
    path === '/automations/rules'
      ? await send(event, 'POST', path, wish)
      : await send(event, 'PUT', path, { ...wish, changed_at: fields.changed_at })
  return answer.ok ? null : failed(ownFields(answer.problem, wish), fields, 'rule')
}

/** Tries the form out; what was typed comes back beside the result. */
export async function tryOut(event: RequestEvent) {
  const fields = await fieldsIn(event)
  const wish = wishOf(fields)
  const answer = await send(event, 'POST', '/automations/trials', wish, Trial)
  return answer.ok
    ? { trial: answer.data, typed: fields }
    : failed(ownFields(answer.problem, wish), fields, 'rule')
}
