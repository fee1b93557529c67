import { z } from 'zod'
import { Document, ListedVersion, PageInfo, pageOf } from '#lib/contract.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

/** Two versions with their pages, and those that can be chosen: the newest hundred. */
export const load: PageServerLoad = async (event) => {
  const at = `/documents/documents/${event.params.id}` as const
  const [document, { items }] = await Promise.all([
    read(event, at, Document),
    read(event, `${at}/versions?limit=100`, pageOf(ListedVersion))
  ])
  const versions = items.filter((one) => one.state !== 'held' && one.state !== 'received')
  const chosen = (name: string, otherwise: ListedVersion | undefined) =>
    versions.find((one) => String(one.no) === event.url.searchParams.get(name)) ?? otherwise
  const sides = [chosen('left', versions[1] ?? versions[0]), chosen('right', versions[0])]
  return {
    document,
    versions,
    sides: await Promise.all(
      sides.map(async (version) =>
        version
          ? { version, pages: await read(event, `${at}/pages?version=${version.no}`, z.array(PageInfo)) }
          : null
      )
    )
  }
}
