import { NoticeSettings, type Pace, Project, pageOf } from '#lib/contract.ts'
import { failed, orNull, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import { narrowedBy } from '#lib/server/narrowed.ts'
import type { Actions, PageServerLoad } from './$types'

/** Names of the fields of single projects begin with this; the rest is the project's id. */
const PROJECT = 'project:'
/** More would be a long way to the button. */
const PAGE = 50

export const load: PageServerLoad = async (event) => {
  const { q, began, query } = narrowedBy(event, 'projects', PAGE)
  const [settings, { items: projects, next }] = await Promise.all([
    get(event, '/auth/notice-settings', NoticeSettings),
    get(event, `/documents/projects?${query}`, pageOf(Project))
  ])
  const own = new Map<string, Pace>(settings.projects.map((one) => [one.project_id, one.pace]))
  return {
    pace: settings.pace,
    ...{ q, next },
    many: q !== '' || began || next !== null,
    projects: projects.map(({ id, name, client }) => ({
      id,
      name,
      client: client?.name ?? null,
      field: `${PROJECT}${id}`,
      pace: own.get(id) ?? ''
    }))
  }
}

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const projects = Object.entries(typed)
      .filter(([name]) => name.startsWith(PROJECT))
      .map(([name, pace]) => ({ project_id: name.slice(PROJECT.length), pace: orNull(pace) }))
    const wish = { pace: typed.pace ?? '', projects }
    const answer = await send(event, 'PATCH', '/auth/notice-settings', wish, NoticeSettings)
    return answer.ok ? { saved: true } : failed(answer.problem, typed)
  }
}
