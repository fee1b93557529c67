/** One client: its page, its name, its members, who works for it and who never does. */
import { createRoute, z } from '@hono/zod-openapi'
import { endSessions } from '../../_shared/auth/end-sessions.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import {
  MemberChange,
  NewAssignment,
  NewExclusion,
  OrganisationChange,
  OrganisationPage
} from '../../_shared/contract/organisation.ts'
import type { Act } from '../../_shared/db/audit.ts'
import { type Session, run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { idempotent, remember } from '../../_shared/idempotency.ts'
import { Problem } from '../../_shared/problem.ts'
import type { OrganisationAct } from '../../_shared/rules/organisation.ts'
import { database } from '../database.ts'
import {
  addToTeam,
  changeMember,
  endInTeam,
  exclude,
  liftExclusion,
  readOrganisation,
  renameOrganisation,
  requireStanding
} from '../organisation.ts'

const params = z.object({ id: Id })
const personParams = z.object({ id: Id, person_id: Id })
const answers = { 200: json(OrganisationPage), ...problems }

const read = createRoute({
  method: 'get',
  path: '/organisations/{id}',
  summary: 'A client from near (staff, and whoever looks after its people)',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: answers
})
const rename = createRoute({
  method: 'patch',
  path: '/organisations/{id}',
  summary: 'Call a client something else (administrators, staff)',
  middleware: [requireCaller(database)] as const,
  request: { params, ...jsonBody(OrganisationChange) },
  responses: answers
})
const member = createRoute({
  method: 'patch',
  path: '/organisations/{id}/members/{person_id}',
  summary: "Make a member the client's administrator, or end the membership (administrators)",
  middleware: [requireCaller(database), requireProof] as const,
  request: { params: personParams, ...jsonBody(MemberChange) },
  responses: answers
})
const assign = createRoute({
  method: 'post',
  path: '/organisations/{id}/team',
  summary: 'Let somebody of the firm work for a client (administrators)',
  middleware: [requireCaller(database), requireProof, idempotent(database)] as const,
  request: { params, ...jsonBody(NewAssignment) },
  responses: { 201: json(OrganisationPage), ...problems }
})
const unassign = createRoute({
  method: 'delete',
  path: '/organisations/{id}/team/{person_id}',
  summary: 'Let a person or group work for a client no longer (administrators)',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params: personParams },
  responses: answers
})
const shut = createRoute({
  method: 'post',
  path: '/organisations/{id}/exclusions',
  summary: 'Keep somebody away from a client, whatever is granted (administrators)',
  middleware: [requireCaller(database), requireProof, idempotent(database)] as const,
  request: { params, ...jsonBody(NewExclusion) },
  responses: { 201: json(OrganisationPage), ...problems }
})
const lift = createRoute({
  method: 'delete',
  path: '/organisations/{id}/exclusions/{person_id}',
  summary: 'Lift an exclusion (administrators)',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params: personParams },
  responses: answers
})

type Change = (session: Session, acts: Act[]) => Promise<void>

/** The change with its acts, and the page as it is then. */
async function changed(
  callerId: string,
  id: string,
  act: OrganisationAct,
  work: Change,
  after?: (session: Session, page: OrganisationPage) => Promise<void>
): Promise<OrganisationPage> {
  return database.transaction([], async (session, acts) => {
    await requireStanding(session, callerId, id, act)
    await work(session, acts)
    await run(session, 'select announce($1)', [`person:${callerId}`])
    const page = await readOrganisation(session, callerId, id)
    await after?.(session, page)
    return page
  })
}

export function organisationPageRoutes(app: Api): void {
  app.openapi(read, async (c) =>
    c.json(await readOrganisation(database.pool, c.var.caller.id, c.req.valid('param').id), 200)
  )

  app.openapi(rename, async (c) => {
    const [actor_id, { id }] = [c.var.caller.id, c.req.valid('param')]
    const page = await changed(actor_id, id, 'rename', async (session, acts) => {
      if (await renameOrganisation(session, id, c.req.valid('json').name))
        acts.push({ action: 'organisation.renamed', actor_id, subject_id: id })
    })
    return c.json(page, 200)
  })

  app.openapi(member, async (c) => {
    const [actor_id, { id, person_id }] = [c.var.caller.id, c.req.valid('param')]
    const wish = c.req.valid('json')
    const page = await changed(actor_id, id, 'members', async (session, acts) => {
      const rises = await changeMember(session, id, person_id, wish)
      const facts = { organisation_id: id, ...wish }
      acts.push({ action: 'membership.changed', actor_id, subject_id: person_id, facts })
      if (rises) await endSessions(session, actor_id, person_id, acts)
      await run(session, 'select announce($1)', [`person:${person_id}`])
    })
    return c.json(page, 200)
  })

  teamRoutes(app)
}

function teamRoutes(app: Api): void {
  app.openapi(assign, async (c) => {
    const [actor_id, { id }] = [c.var.caller.id, c.req.valid('param')]
    const wish = c.req.valid('json')
    const add: Change = async (session, acts) => {
      await addToTeam(session, id, wish)
      const { principal_id: subject_id, valid_from, valid_until } = wish
      const facts = { organisation_id: id, valid_from, valid_until }
      acts.push({ action: 'assignment.made', actor_id, subject_id, facts })
    }
    const page = await changed(actor_id, id, 'team', add, (session, body) => remember(c, session, 201, body))
    return c.json(page, 201)
  })

  app.openapi(unassign, async (c) => {
    const [actor_id, { id, person_id: subject_id }] = [c.var.caller.id, c.req.valid('param')]
    const page = await changed(actor_id, id, 'team', async (session, acts) => {
      await endInTeam(session, id, subject_id)
      acts.push({ action: 'assignment.ended', actor_id, subject_id, facts: { organisation_id: id } })
    })
    return c.json(page, 200)
  })

  app.openapi(shut, async (c) => {
    const [actor_id, { id }] = [c.var.caller.id, c.req.valid('param')]
    const wish = c.req.valid('json')
    const add: Change = async (session, acts) => {
      // Whoever excludes themselves would not see the answer: that is for a colleague.
      if (wish.person_id === actor_id) throw new Problem('conflict', 'Nobody excludes themselves.')
      await exclude(session, id, wish)
      const facts = { organisation_id: id }
      acts.push({ action: 'exclusion.made', actor_id, subject_id: wish.person_id, facts })
    }
    const page = await changed(actor_id, id, 'team', add, (session, body) => remember(c, session, 201, body))
    return c.json(page, 201)
  })

  app.openapi(lift, async (c) => {
    const [actor_id, { id, person_id: subject_id }] = [c.var.caller.id, c.req.valid('param')]
    const page = await changed(actor_id, id, 'team', async (session, acts) => {
      await liftExclusion(session, id, subject_id)
      acts.push({ action: 'exclusion.lifted', actor_id, subject_id, facts: { organisation_id: id } })
    })
    return c.json(page, 200)
  })
}
