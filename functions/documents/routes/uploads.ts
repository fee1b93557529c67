/** Uploads: many begun in one call, found again after a reload, given up. */
import { createRoute, z } from '@hono/zod-openapi'
import { Id } from '../../_shared/contract/common.ts'
import {
  FileMatches,
  FilesToMatch,
  type NewUploadFile,
  NewUploads,
  Upload,
  UploadProgress
} from '../../_shared/contract/upload.ts'
import { reaches, requireInProject } from '../../_shared/db/access.ts'
import { run } from '../../_shared/db/database.ts'
import { abortUpload, addUploads, openUploads, uploadsByIds } from '../../_shared/db/upload.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { remember } from '../../_shared/idempotency.ts'
import { type FieldError, Problem, notFound } from '../../_shared/problem.ts'
import { cleanName, cleanPath } from '../../_shared/rules/name.ts'
import { planUpload } from '../../_shared/rules/upload.ts'
import { DOCUMENTS } from '../../_shared/storage/buckets.ts'
import { database } from '../database.ts'
import { makeFolders } from '../folders.ts'
import { showProgress } from '../landing.ts'
import { matchesOf } from '../matches.ts'
import { openStore } from '../store.ts'
import { targetsOf } from '../targets.ts'
import { keyOf, requireOpenUpload, showUpload, withUploads } from '../uploads.ts'

const create = createRoute({
  method: 'post',
  path: '/uploads',
  summary:
    'Begin up to 500 uploads into a folder, or of new versions of documents (contribute); folders of their paths are made',
  request: { ...jsonBody(NewUploads) },
  responses: { 201: json(z.object({ uploads: z.array(Upload) }), 'In the order of the files'), ...problems }
})
const list = createRoute({
  method: 'get',
  path: '/uploads',
  summary: "One's own unfinished uploads of a folder or project",
  request: { query: z.object({ folder_id: Id.optional(), project_id: Id.optional() }) },
  responses: { 200: json(z.object({ uploads: z.array(UploadProgress) })), ...problems }
})
const match = createRoute({
  method: 'post',
  path: '/uploads/matches',
  summary: 'Which of these files have a document of their name in the folder already (contribute)',
  request: { ...jsonBody(FilesToMatch) },
  responses: { 200: json(FileMatches), ...problems }
})
const params = z.object({ id: Id })
const read = createRoute({
  method: 'get',
  path: '/uploads/{id}',
  summary: 'An unfinished upload and the parts that have arrived',
  request: { params },
  responses: { 200: json(UploadProgress), ...problems }
})
const abort = createRoute({
  method: 'delete',
  path: '/uploads/{id}',
  summary: 'Give an upload up',
  request: { params },
  responses: { 204: { description: 'Given up' }, ...problems }
})

export function uploadRoutes(app: Api): void {
  app.openapi(create, async (c) => {
    const caller = c.get('caller')
    const { folder_id, files } = c.req.valid('json')
    const plans = planFiles(files)
    const { project_id, folders, flat } = await targetsOf(caller, folder_id, plans)
    const paths = plans.map((plan) => (flat ? [] : plan.path))

    const answer = await database.transaction([project_id], async (session, acts) => {
      const target = { caller_id: caller.id, project_id, folder_id }
      const { folderAt } = await makeFolders(
        session,
        target,
        paths.filter((_, index) => plans[index]?.document_id === null),
        acts
      )
      const planned = plans.map(({ path: _path, ...plan }, index) => ({
        ...plan,
        folder_id: folders.get(plan.document_id ?? '') ?? folderAt(paths[index] ?? [])
      }))
      const made = await addUploads(session, caller.id, project_id, planned)
      if (acts.length > 0) await run(session, 'select announce($1)', [`project:${project_id}`])
      const bytes = plans.reduce((sum, plan) => sum + plan.size, 0)
      acts.push({
        action: 'upload.started',
        actor_id: caller.id,
        project_id,
        subject_id: folder_id,
        facts: { files: plans.length, bytes }
      })
      const body = { uploads: await Promise.all(made.map(showUpload)) }
      await remember(c, session, 201, body)
      return body
    })
    return c.json(answer, 201)
  })

  app.openapi(list, async (c) => {
    const caller = c.get('caller')
    const { folder_id, project_id } = c.req.valid('query')
    const thing = folder_id ?? project_id
    if (!thing) throw new Problem('invalid_request', 'Name a folder_id or a project_id.')
    const decision = await requireInProject(database, caller, thing, 'view', 'node')
    if (!reaches(decision.level, 'contribute')) return c.json({ uploads: [] }, 200)
    const open = await database.transaction([decision.project_id], (session) =>
      openUploads(session, caller.id, decision.project_id, folder_id ?? null)
    )
    return c.json({ uploads: await showProgress(open) }, 200)
  })

  app.openapi(match, async (c) => {
    const caller = c.get('caller')
    const wish = c.req.valid('json')
    const { project_id } = await requireInProject(database, caller, wish.folder_id, 'contribute', 'node')
    const matches = await database.transaction([project_id], (session) => matchesOf(session, caller, wish))
    return c.json(matches, 200)
  })

  app.openapi(read, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const upload = await withUploads(caller, [id], (session) => requireOpenUpload(session, caller, id))
    await requireInProject(database, caller, upload.folder_id, 'contribute', 'node')
    const [progress] = await showProgress([upload])
    if (!progress) throw notFound()
    return c.json(progress, 200)
  })

  app.openapi(abort, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const upload = await withUploads(caller, [id], async (session, acts) => {
      const [own] = await uploadsByIds(session, caller.id, [id])
      if (!own || own.state === 'completed') throw notFound()
      if (await abortUpload(session, id))
        acts.push({
          action: 'upload.aborted',
          actor_id: caller.id,
          project_id: own.project_id,
          subject_id: id,
          facts: { size: own.size }
        })
      return own
    })
    if (upload.store_upload_id) {
      const { client, abortMultipart } = await openStore()
      await abortMultipart(client, DOCUMENTS, keyOf(upload), upload.store_upload_id)
    }
    return c.body(null, 204)
  })
}

/** RFC 6838 section 4.2, without parameters: it becomes a header of the store's. */
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/

/** Each file with a name and path that can be kept and its parts. Throws `invalid_request` naming every file it is not. */
function planFiles(files: NewUploadFile[]) {
  const errors: FieldError[] = []
  const plans = files.map((file, index) => {
    const name = cleanName(file.name)
    const path = cleanPath(file.path)
    if (name === null)
      errors.push({ field: `files.${index}.name`, code: 'unusable', detail: 'no usable characters' })
    if (path === null)
      errors.push({ field: `files.${index}.path`, code: 'too_deep', detail: 'too many folders' })
    const { size, declared_type, head_sha256, last_modified, document_id } = file
    return {
      size,
      declared_type: MEDIA_TYPE.test(declared_type) ? declared_type : 'application/octet-stream',
      head_sha256,
      last_modified,
      document_id,
      name: name ?? '',
      path: path ?? [],
      part_size: planUpload(size).part_size
    }
  })
  if (errors.length > 0) throw new Problem('invalid_request', 'Some names cannot be kept.', { errors })
  return plans
}
