/** Who can see a thing, for those who may not change it. */
import type { RequestEvent } from '@sveltejs/kit'
import { z } from 'zod'
import { PersonWithAccess } from '#lib/contract.ts'
import { load } from '#lib/server/gateway.ts'

type Thing = { id: string; kind: 'project' | 'folder' | 'document'; level: string | null }

/** Empty for a project of which one sees only something inside. */
export const readersOf = async (event: RequestEvent, thing: Thing): Promise<PersonWithAccess[]> =>
  thing.level
    ? load(
        event,
        `/documents/${thing.kind === 'document' ? 'documents' : 'things'}/${thing.id}/people`,
        z.array(PersonWithAccess)
      )
    : []
