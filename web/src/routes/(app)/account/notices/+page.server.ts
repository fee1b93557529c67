import { NoticeSettings, type Pace, Project } from '#lib/contract.ts'
import { loadAll } from '#lib/server/all.ts'
import { failed, orNull, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

/** Names of the fields of single projects begin with this; the rest is the project's id. */
const PROJECT = 'project:'

export const load: PageServerLoad = async (event) => {
  const [settings, projects] = await Promise.all([
    get(event, '/auth/notice-settings', NoticeSettings),
    loadAll(event, '/documents/projects', Project)
  ])
  const own = new Map<string, Pace>(settings.projects.map((one) => [one.project_id, one.pace]))
  return {
    pace: settings.pace,
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
