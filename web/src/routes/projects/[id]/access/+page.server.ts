import { z } from 'zod'
import { Document, Link, PersonWithAccess, Simulation, pageOf } from '#lib/contract.ts'
import { instantOf } from '#lib/project/zone.ts'
import { choicesOf } from '#lib/server/choices.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

/** The question stands in the address: it can be kept, sent to a colleague and asked again. */
export const load: PageServerLoad = async (event) => {
  const { project } = await event.parent()
  const zone = event.locals.session?.person.time_zone ?? 'UTC'
  const asked = (name: string) => event.url.searchParams.get(name) ?? ''
  const [who, thing, local] = [asked('who'), asked('thing') || project.id, asked('at')]
  /** Links of a project of which one sees but a folder are not for the asker. */
  const links_of = project.level === null ? null : project.id
  const of_firm = event.locals.session?.person.staff_role != null
  const [choices, people, links, document] = await Promise.all([
    // Also somebody who sees nothing here: why not is a question too.
    of_firm ? choicesOf(event, 'askable', who, links_of) : null,
    of_firm ? null : read(event, `/documents/things/${thing}/people`, z.array(PersonWithAccess)),
    of_firm || !links_of ? null : read(event, `/sharing/links?project_id=${links_of}`, pageOf(Link)),
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
    /** For whoever is of the firm; others choose among those who see the thing. */
    choices,
    people: people?.map((one) => one.who) ?? [],
    links: links?.items.map(({ id, recipient }) => ({ id, name: recipient })) ?? [],
    nobody: who === '' && event.url.searchParams.has('who'),
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
