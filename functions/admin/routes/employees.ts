/** A client's own employees: let in, limited and let go by whoever looks after the organisation's people. */
import { setTimeout as wait } from 'node:timers/promises'
import { createRoute, z } from '@hono/zod-openapi'
import { emailKey } from '../../_shared/auth/email.ts'
import { INVITATION_DAYS } from '../../_shared/auth/link.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import { EmployeeChange, NewEmployee, OrganisationPage } from '../../_shared/contract/organisation.ts'
import { Invitation } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { idempotent, remember } from '../../_shared/idempotency.ts'
import { changeAccount } from '../accounts.ts'
import { database, limits } from '../database.ts'
import { inviteEmployee, requireEmployee, setShares } from '../employees.ts'
import { readOrganisation, requireStanding } from '../organisation.ts'

/** Milliseconds that an answer takes at least: more than making an account needs, so that none tells whether there was one. */
const EVEN = 60

const invite = createRoute({
  method: 'post',
  path: '/organisations/{id}/employees',
  summary: "Invite an employee as a sub-account (the client's administrator)",
  middleware: [requireCaller(database), requireProof, idempotent(database)] as const,
  request: { params: z.object({ id: Id }), ...jsonBody(NewEmployee) },
  responses: { 201: json(Invitation), ...problems }
})
const change = createRoute({
  method: 'patch',
  path: '/organisations/{id}/employees/{person_id}',
  summary: "Limit a sub-account to projects, or lock it (the client's administrator)",
  middleware: [requireCaller(database), requireProof] as const,
  request: { params: z.object({ id: Id, person_id: Id }), ...jsonBody(EmployeeChange) },
  responses: { 200: json(OrganisationPage), ...problems }
})

export function employeeRoutes(app: Api): void {
  app.openapi(invite, async (c) => {
    const [caller, { id }] = [c.var.caller, c.req.valid('param')]
    const wish = c.req.valid('json')
    await requireStanding(database.pool, caller.id, id, 'employees')
    await limits.spend([
      { limit: 'invite', key: caller.id },
      { limit: 'invite_recipient', key: emailKey(wish.email) }
    ])
    const projects = wish.projects.map((one) => one.project_id)
    const work = database.transaction(projects, async (session, acts) => {
      await requireStanding(session, caller.id, id, 'employees')
      await inviteEmployee(session, caller.id, id, wish, acts)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      const expires = new Date(Date.now() + INVITATION_DAYS * 86_400_000)
      const done = { email: wish.email, name: wish.name, expires_at: expires.toISOString() }
      await remember(c, session, 201, done)
      return done
    })
    const [answer] = await Promise.all([work, wait(EVEN)])
    return c.json(answer, 201)
  })

  app.openapi(change, async (c) => {
    const [caller, { id, person_id }] = [c.var.caller, c.req.valid('param')]
    const wish = c.req.valid('json')
    const projects = wish.projects.map((one) => one.project_id)
    const page = await database.transaction(projects, async (session, acts) => {
      await requireStanding(session, caller.id, id, 'employees')
      const person = await requireEmployee(session, caller.id, id, person_id)
      await setShares(session, caller.id, person_id, wish.projects, acts)
      const plan = { staff_role: null, deactivate: wish.active === false && person.active, reactivate: false }
      await changeAccount(session, caller.id, { id: person_id, staff_role: null }, plan, acts)
      for (const one of [person_id, caller.id]) await run(session, 'select announce($1)', [`person:${one}`])
      return readOrganisation(session, caller.id, id)
    })
    return c.json(page, 200)
  })
}
