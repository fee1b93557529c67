/** What rules do with a document itself: its name, what is noted about it, its place. Asked for twice, it is done once. */
import { tagsWith } from '../_shared/rules/automation.ts'
import { numberedName } from '../_shared/rules/name.ts'
import { type CallApi, type Does, NOTHING, told, toldOf } from './api.ts'
import type { Found } from './automations.ts'

/** How often a name that is taken is counted on. */
const NAMES = 20

/** `begun`: the run's own moment; tried again, the same is asked for. */
export type Run = {
  run_id: string
  document: Found
  begun: Date
  /** In the document's project, from the top down; null: there is none. */
  folderByPath: (names: string[]) => Promise<string | null>
}

export type At = Run & { step: string }

/** Adds tags, or says what it is; what is not named stays. */
export async function label(
  api: CallApi,
  document: Found,
  wanted: { tags?: string[]; description?: string }
): Promise<Does> {
  const tags = wanted.tags ? tagsWith(document, wanted.tags) : null
  const description = wanted.description ?? document.description
  if (!tags && description === document.description) return NOTHING
  const answer = await api('PUT', `/documents/documents/${document.id}/labels`, {
    tags: tags ?? document.tags,
    description,
    described_at: document.described_at
  })
  if (answer.status < 300) Object.assign(document, { description, ...labelsOf(answer.body) })
  return told(answer)
}

export async function move(api: CallApi, document: Found, folder_id: string): Promise<Does> {
  if (document.folder_id === folder_id) return NOTHING
  const does = toldOf(await api('POST', '/documents/things/move', { things: [document.id], folder_id }))
  if (does.outcome === 'done') document.folder_id = folder_id
  return does
}

/** A second rename may need the fresh name, and another tag the fresh moment. */
const labelsOf = (body: unknown): Partial<Pick<Found, 'tags' | 'described_at'>> => {
  const { tags, described_at } = (body ?? {}) as { tags?: string[]; described_at?: string | null }
  return { ...(tags && { tags }), ...(described_at !== undefined && { described_at }) }
}

export async function rename(api: CallApi, document: Found, wanted: string): Promise<Does> {
  if (wanted === document.name) return NOTHING
  for (let form = 1; ; form += 1) {
    const name = numberedName(wanted, form)
    // Named so by an earlier try of this run.
    if (name === document.name) return NOTHING
    const answer = await api('PATCH', `/documents/things/${document.id}`, { name })
    if (answer.code === 'name_taken' && form < NAMES) continue
    if (answer.status < 300) document.name = name
    return told(answer)
  }
}
