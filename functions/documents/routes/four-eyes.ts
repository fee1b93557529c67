/** Four eyes: what the firm brings waits for a second one of the firm before clients see it. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Caller } from '../../_shared/auth/session.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { Id } from '../../_shared/contract/common.ts'
import { FourEyes, ShowWish, ShownVersions } from '../../_shared/contract/lock.ts'
import { decide, reaches, refuseEvenly, requireInProject } from '../../_shared/db/access.ts'
import { type Session, blocks, row, rows, run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { lockDocuments, thingsOf } from '../order.ts'

const sql = blocks<'set' | 'waiting' | 'show' | 'show_several'>(new URL('../four-eyes.sql', import.meta.url))

const change = createRoute({
  method: 'put',
  path: '/places/{id}/four-eyes',
  summary: 'Switch four eyes on or off for a project or folder and all that is in it (staff, manage)',
  middleware: [requireProof] as const,
  request: { params: z.object({ id: Id }), ...jsonBody(FourEyes) },
  responses: { 204: { description: 'Switched' }, ...problems }
})
const show = createRoute({
  method: 'post',
  path: '/documents/{id}/versions/{no}/show',
  summary: 'Release a version to the client that a colleague uploaded (staff, contribute)',
  request: { params: z.object({ id: Id, no: z.coerce.number().int().min(1).max(1_000_000) }) },
  responses: { 204: { description: 'Released' }, ...problems }
})
const showSeveral = createRoute({
  method: 'post',
  path: '/documents/show',
  summary:
    'Release versions of several documents of a project to the client, each with its outcome (staff, contribute)',
  request: { ...jsonBody(ShowWish) },
  responses: { 200: json(ShownVersions), ...problems }
})

export function fourEyesRoutes(app: Api): void {
  app.openapi(change, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { four_eyes } = c.req.valid('json')
    const { project_id } = await requireInProject(database, caller, id, 'manage', 'node')
    requireStaff(caller)
    await database.transaction([project_id], async (session, acts) => {
      if ((await run(session, sql('set'), [id, four_eyes])) === 0) return
      const about = { actor_id: caller.id, project_id, subject_id: id }
      acts.push({ action: 'four_eyes.changed', ...about, facts: { thing_id: id, four_eyes } })
      await run(session, 'select announce($1)', [`project:${project_id}`])
    })
    return c.body(null, 204)
  })

  app.openapi(show, async (c) => {
    const caller = c.get('caller')
    const { id, no } = c.req.valid('param')
    const { project_id } = await requireInProject(database, caller, id, 'contribute', 'document')
    requireStaff(caller)
    await database.transaction([project_id], async (session, acts) => {
      const shown = await row(session, sql('show'), [id, no, caller.id], z.object({ id: Id }))
      if (!shown) {
        const waiting = await row(
          session,
          sql('waiting'),
          [id, no, caller.id],
          z.object({ own: z.boolean() })
        )
        if (waiting?.own) throw new Problem('forbidden', 'Whoever uploaded it does not release it.')
        throw new Problem('conflict', 'This version does not wait for its release.')
      }
      const about = { actor_id: caller.id, project_id, document_id: id, subject_id: shown.id }
      acts.push({ action: 'version.shown', ...about, facts: { no } })
      await run(session, 'select announce($1)', [`project:${project_id}`])
    })
    return c.body(null, 204)
  })

  app.openapi(showSeveral, async (c) => {
    const caller = c.get('caller')
    const { versions } = c.req.valid('json')
    const project_id = await projectOf(caller, versions)
    requireStaff(caller)
    const things = await database.transaction([project_id], async (session, acts) => {
      const ids = versions.map((one) => one.document_id)
      await lockDocuments(session, ids)
      const seen = await thingsOf(session, caller.id, project_id, ids)
      const may = (id: string) => {
        const thing = seen.get(id)
        if (thing?.kind !== 'document' || thing.level === 'none') return 'not_found' as const
        return reaches(thing.level, 'contribute') ? null : ('forbidden' as const)
      }
      const told = await showAll(
        session,
        caller,
        versions.filter((one) => !may(one.document_id))
      )
      for (const { id, no, version_id } of told)
        if (version_id) {
          const about = { actor_id: caller.id, project_id, document_id: id, subject_id: version_id }
          acts.push({ action: 'version.shown', ...about, facts: { no } })
        }
      if (acts.length > 0) await run(session, 'select announce($1)', [`project:${project_id}`])
      return versions.map(({ document_id: id, no }) => {
        const found = told.find((one) => one.id === id && one.no === no)
        return { id, no, outcome: may(id) ?? found?.outcome ?? 'not_waiting' }
      })
    })
    return c.json({ things }, 200)
  })
}

type Wish = z.infer<typeof ShowWish>['versions']
const Told = z.object({
  id: Id,
  no: z.int(),
  version_id: Id.nullable(),
  outcome: z.enum(['done', 'own', 'not_waiting'])
})

async function showAll(session: Session, caller: Caller, versions: Wish): Promise<z.infer<typeof Told>[]> {
  const once = [...new Map(versions.map((one) => [`${one.document_id} ${one.no}`, one])).values()]
  const values = [once.map((one) => one.document_id), once.map((one) => one.no), caller.id]
  return rows(session, sql('show_several'), values, Told)
}

/** The project of the first of these that the caller may see; what lies in another is not found. */
async function projectOf(caller: Caller, versions: Wish): Promise<string> {
  const asked_at = performance.now()
  for (const { document_id } of versions) {
    const decision = await decide(database.pool, caller, document_id, 'document')
    if (decision?.project_id) return decision.project_id
  }
  return refuseEvenly(asked_at)
}

function requireStaff(caller: Caller): void {
  if (!caller.staff_role) throw new Problem('forbidden', 'This is for the firm’s people.')
}
