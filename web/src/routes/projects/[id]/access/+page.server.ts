import { z } from 'zod'
import { Document, Link, PersonWithAccess, Simulation } from '#lib/contract.ts'
import { instantOf } from '#lib/project/zone.ts'
import { loadAll } from '#lib/server/all.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

/** The question stands in the address: it can be kept, sent to a colleague and asked again. */
export const load: PageServerLoad = async (event) => {
  const { project } = await event.parent()
  const zone = event.locals.session?.person.time_zone ?? 'UTC'
  const asked = (name: string) => event.url.searchParams.get(name) ?? ''
  const [who, thing, local] = [asked('who'), asked('thing') || project.id, asked('at')]
  const [people, links, document] = await Promise.all([
    read(event, `/documents/things/${project.id}/people`, z.array(PersonWithAccess)),
    loadAll(event, `/sharing/links?project_id=${project.id}`, Link),
    isFolder(thing) ? null : documentOf(thing)
  ])
  const at = instantOf(local, zone)
  const query = new URLSearchParams({ who, ...(at && { at }) })
  const answer = who
    ? await send(
        event,
        'GET',
        `/admin/things/${encodeURIComponent(thing)}/simulation?${query}`,
        undefined,
        Simulation
      )
    : null
  return {
    asked: { who, thing, at: local },
    people: people.map((one) => one.who),
    links: links.map(({ id, recipient }) => ({ id, name: recipient })),
    document,
    simulation: answer?.ok ? answer.data : null,
    problem: answer && !answer.ok ? answer.problem : null
  }

  function isFolder(id: string): boolean {
    return id === project.id || project.folders.some((folder) => folder.id === id)
  }
  async function documentOf(id: string) {
    const found = await send(
      event,
      'GET',
      `/documents/documents/${encodeURIComponent(id)}`,
      undefined,
      Document
    )
    return found.ok ? { id, name: found.data.name } : null
  }
}
