/** The engine's calls to the portal. */
import { ApiError, api } from '#lib/api.ts'
import type { FileMatches, PartUrls, Receipt, Upload, UploadProgress } from '#lib/contract.ts'
import type { z } from 'zod'
import { CallError } from '../call-error.ts'
import type { Calls } from '../types.ts'

/** As `api`, but with the engine's own error. */
async function call<T>(...args: Parameters<typeof api>): Promise<T> {
  try {
    return await api<T>(...args)
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw new CallError(0, 'unreachable', String(cause))
    const { status, code, errors } = cause.trouble
    throw new CallError(
      status,
      code,
      cause.message,
      errors.map((error) => error.field)
    )
  }
}

export const calls: Calls = {
  async create(folder_id, files, idempotency_key) {
    const body = { folder_id, files }
    const answer = await call<{ uploads: Upload[] }>('/documents/uploads', {
      method: 'POST',
      body,
      idempotency_key
    })
    return answer.uploads
  },
  async partUrls(id, numbers) {
    const body = { numbers }
    const answer = await call<z.infer<typeof PartUrls>>(`/documents/uploads/${id}/parts`, {
      method: 'POST',
      body
    })
    return new Map(answer.parts.map((part) => [part.number, part.url]))
  },
  progress: (id) => call<UploadProgress>(`/documents/uploads/${id}`),
  complete: (ids) => call<Receipt>('/documents/uploads/complete', { method: 'POST', body: { ids } }),
  async remove(id) {
    await call<null>(`/documents/uploads/${id}`, { method: 'DELETE' })
  }
}

/** Milliseconds: a portal that hangs shall not keep files from being sent. */
const MATCH_PATIENCE = 8_000

/** Which of these files have a document of their name where they would go. */
export const matchNames = (
  folder_id: string,
  files: { name: string; path: string }[]
): Promise<FileMatches> =>
  call<FileMatches>('/documents/uploads/matches', {
    method: 'POST',
    body: { folder_id, files },
    signal: AbortSignal.timeout(MATCH_PATIENCE)
  })

/** What this person has begun in a project and not finished. */
export async function unfinished(project_id: string): Promise<UploadProgress[]> {
  const answer = await call<{ uploads: UploadProgress[] }>(`/documents/uploads?project_id=${project_id}`)
  return answer.uploads
}
