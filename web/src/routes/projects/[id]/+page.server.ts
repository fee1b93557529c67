import { Document, Folder, NewFolder, pageOf } from '#lib/contract.ts'
import { listingQuery } from '#lib/project/listing.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

const Documents = pageOf(Document)

export const load: PageServerLoad = async (event) => {
  const folder_id = event.url.searchParams.get('folder') ?? event.params.id
  const zone = event.locals.session?.person.time_zone ?? 'Europe/Berlin'
  const listing = listingQuery(event.url.searchParams, zone).toString()
  return {
    folder_id,
    listing,
    documents: await read(
      event,
      `/documents/folders/${encodeURIComponent(folder_id)}/documents?limit=100&${listing}`,
      Documents
    )
  }
}

export const actions: Actions = {
  folder: async (event) => {
    const typed = typedIn(await event.request.formData())
    const parent_id = event.url.searchParams.get('folder') ?? event.params.id
    const wish: { [key in keyof typeof NewFolder.shape]: string } = { parent_id, name: typed.name ?? '' }
    const answer = await send(event, 'POST', '/documents/folders', wish, Folder)
    if (!answer.ok) return failed(answer.problem, typed, 'folder')
    return { created: answer.data.name }
  }
}
