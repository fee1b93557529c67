/** API keys: made, listed, revoked. The token is nowhere but in the answer that made it. */
import { z } from 'zod'
import { newKeyToken } from '../_shared/auth/api-key.ts'
import { ApiKey, type MadeApiKey, type NewApiKey } from '../_shared/contract/api-key.ts'
import { Id } from '../_shared/contract/common.ts'
import { type Session, blocks, row, rows } from '../_shared/db/database.ts'
import { projectsInReach } from '../_shared/db/project.ts'
import { Problem } from '../_shared/problem.ts'

const sql = blocks<'own' | 'count' | 'add' | 'revoke'>(new URL('./keys.sql', import.meta.url))

/** Living keys that one person may have. */
const MOST = 20

const Found = z.object({ id: Id })

/** A person's living keys, the newest first. */
export const ownKeys = (on: Parameters<typeof rows>[0], personId: string): Promise<ApiKey[]> =>
  rows(on, sql('own'), [personId, null], ApiKey)

/** Throws `conflict` when the person has as many as one may have, `invalid_request` for a project that is none of theirs. */
export async function addKey(session: Session, personId: string, wish: NewApiKey): Promise<MadeApiKey> {
  const living = await row(session, sql('count'), [personId], z.object({ n: z.int() }))
  if (!living || living.n >= MOST) throw new Problem('conflict', `A person may have ${MOST} living keys.`)
  await requireProject(session, personId, wish.project_id)
  const { token, hash } = newKeyToken()
  const values = [personId, wish.name, hash, wish.scopes, wish.project_id, wish.days]
  const made = await row(session, sql('add'), values, Found)
  const key = made && (await row(session, sql('own'), [personId, made.id], ApiKey))
  if (!key) throw new Error('a key was not written')
  return { key, token }
}

async function requireProject(session: Session, personId: string, projectId: string | null): Promise<void> {
  if (projectId === null) return
  if ((await projectsInReach(session, personId)).includes(projectId.toLowerCase())) return
  throw new Problem('invalid_request', 'There is no such project.', {
    errors: [{ field: 'project_id', code: 'not_found', detail: 'no such project' }]
  })
}

/** Whose key it was; null when there is none, or none that this person may revoke. */
export async function revokeKey(
  session: Session,
  id: string,
  personId: string,
  anybodys: boolean
): Promise<string | null> {
  const revoked = await row(session, sql('revoke'), [id, personId, anybodys], z.object({ person_id: Id }))
  return revoked?.person_id ?? null
}
