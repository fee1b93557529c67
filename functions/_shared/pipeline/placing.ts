/** Where an upload's bytes go when they arrive: into a document of their own, or into one as its new version. */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import { type Session, blocks, rows } from '../db/database.ts'

const sql = blocks<'lock_documents' | 'allowed'>(new URL('./arrive.sql', import.meta.url))

type Placeable = {
  id: string
  person_id: string
  project_id: string
  folder_id: string
  of_document_id: string | null
  restores: string | null
}

/** `into`: the document whose new version it is; null: a document of its own. */
export type Placed = { into: string | null }

/**
 * The place of each of these open uploads by its id; one that its person may put nowhere any more is not among them.
 * A new version whose document is gone, or not this person's to add to any more, becomes a document of its own where
 * they may make one: what somebody sent is not thrown away. A copy of an older version is dropped then, its original
 * is there. The documents stay locked until the transaction ends.
 */
export async function placesOf(session: Session, open: Placeable[]): Promise<Map<string, Placed>> {
  if (open.length === 0) return new Map()
  const targets = [...new Set(open.flatMap((one) => one.of_document_id ?? []))]
  const Target = z.object({ id: Id, project_id: Id })
  const there = targets.length === 0 ? [] : await rows(session, sql('lock_documents'), [targets], Target)
  const projects = new Map(there.map((document) => [document.id, document.project_id]))
  const people = [...new Set(open.map((one) => one.person_id))]
  const things = [...new Set([...projects.keys(), ...open.map((one) => one.folder_id)])]
  const found = await rows(session, sql('allowed'), [people, things], z.object({ who: Id, thing_id: Id }))
  const pairs = new Set(found.map((pair) => `${pair.who} ${pair.thing_id}`))
  const may = (one: Placeable, thing: string) => pairs.has(`${one.person_id} ${thing}`)

  return new Map(
    open.flatMap((one): [string, Placed][] => {
      const { id, of_document_id, folder_id } = one
      if (of_document_id && projects.get(of_document_id) === one.project_id && may(one, of_document_id))
        return [[id, { into: of_document_id }]]
      return one.restores === null && may(one, folder_id) ? [[id, { into: null }]] : []
    })
  )
}
