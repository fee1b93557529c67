/** Rules of those who manage: made, changed, ended, tried out without doing anything, and what they did. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { type Caller, requireRole } from '../../_shared/auth/session.ts'
import {
  Automation,
  AutomationChange,
  AutomationRun,
  AutomationWish,
  Trial,
  type AutomationWish as Wish
} from '../../_shared/contract/automation.ts'
import { config } from '../../_shared/config.ts'
import { Id } from '../../_shared/contract/common.ts'
import { OwnFunction } from '../../_shared/contract/own-function.ts'
import { requireManaged } from '../../_shared/db/access.ts'
import type { Session } from '../../_shared/db/database.ts'
import { projectsManaged } from '../../_shared/db/project.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { remember } from '../../_shared/idempotency.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import {
  addAutomation,
  automationsOf,
  changeAutomation,
  countOf,
  endAutomation,
  livingOf,
  placeOf,
  runsOf
} from '../automations.ts'
import { database } from '../database.ts'
import { tryOut } from '../trial.ts'

/** Living rules that one person may have. */
const MOST = 100
/** Runs that are shown of a rule. */
const SHOWN = 100

const params = z.object({ id: Id })

const list = createRoute({
  method: 'get',
  path: '/rules',
  summary: 'The rules that one may change: of places that one manages, and one’s own for everywhere',
  responses: { 200: json(z.array(Automation)), ...problems }
})
const functions = createRoute({
  method: 'get',
  path: '/functions',
  summary: 'The functions of the firm’s own that a rule may call',
  responses: { 200: json(z.array(OwnFunction)), ...problems }
})
const create = createRoute({
  method: 'post',
  path: '/rules',
  summary: 'Make a rule; it acts with the rights of whoever saves it (manage at its place)',
  middleware: [requireProof] as const,
  request: jsonBody(AutomationWish),
  responses: { 201: json(Automation, 'Made'), ...problems }
})
const change = createRoute({
  method: 'put',
  path: '/rules/{id}',
  summary: 'Change a rule; from now on it acts with the rights of whoever changed it',
  middleware: [requireProof] as const,
  request: { params, ...jsonBody(AutomationChange) },
  responses: { 200: json(Automation), ...problems }
})
const end = createRoute({
  method: 'delete',
  path: '/rules/{id}',
  summary: 'End a rule; what it did stays done',
  request: { params },
  responses: { 204: { description: 'Ended' }, ...problems }
})
const runs = createRoute({
  method: 'get',
  path: '/rules/{id}/runs',
  summary: `What a rule did, the newest ${SHOWN}`,
  request: { params },
  responses: { 200: json(z.array(AutomationRun)), ...problems }
})
const trial = createRoute({
  method: 'post',
  path: '/trials',
  summary: 'What a rule would do with the newest 100 documents; nothing is done',
  request: jsonBody(AutomationWish),
  responses: { 200: json(Trial), ...problems }
})

export function automationRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const caller = c.get('caller')
    requireMaker(caller)
    return c.json(await automationsOf(database.pool, caller), 200)
  })

  app.openapi(functions, async (c) => {
    requireMaker(c.get('caller'))
    return c.json(config.rule_functions, 200)
  })

  app.openapi(create, async (c) => {
    const caller = c.get('caller')
    requireMaker(caller)
    const wish = c.req.valid('json')
    const project_id = await requirePlace(caller, wish)
    const made = await database.transaction([], async (session, acts) => {
      if ((await countOf(session, caller.id)) >= MOST)
        throw new Problem('conflict', `A person may have ${MOST} rules.`)
      await requireFit(session, wish, project_id)
      const id = await addAutomation(session, caller.id, wish, project_id)
      acts.push(actOf('created', caller, id, wish, project_id))
      const told = await oneOf(session, caller, id)
      await remember(c, session, 201, told)
      return told
    })
    return c.json(made, 201)
  })

  app.openapi(change, async (c) => {
    const caller = c.get('caller')
    requireMaker(caller)
    const { id } = c.req.valid('param')
    const { changed_at, ...wish } = c.req.valid('json')
    await oneOf(database.pool, caller, id)
    const project_id = await requirePlace(caller, wish)
    const changed = await database.transaction([], async (session, acts) => {
      await requireFit(session, wish, project_id)
      if (!(await changeAutomation(session, id, caller.id, wish, { changed_at, project_id })))
        throw new Problem('conflict', 'Somebody has changed this rule meanwhile.')
      acts.push(actOf('changed', caller, id, wish, project_id))
      return oneOf(session, caller, id)
    })
    return c.json(changed, 200)
  })

  app.openapi(end, async (c) => {
    const caller = c.get('caller')
    requireMaker(caller)
    const { id } = c.req.valid('param')
    const rule = await oneOf(database.pool, caller, id)
    await database.transaction([], async (session, acts) => {
      if (!(await endAutomation(session, id))) return
      const project_id = rule.place?.project.id ?? null
      acts.push({ action: 'automation.ended', actor_id: caller.id, project_id, subject_id: id })
    })
    return c.body(null, 204)
  })

  app.openapi(runs, async (c) => {
    const caller = c.get('caller')
    requireMaker(caller)
    const { id } = c.req.valid('param')
    const rule = await oneOf(database.pool, caller, id)
    const projects = rule.place ? [rule.place.project.id] : await projectsManaged(database.pool, caller.id)
    const found = await database.transaction(projects, (session) => runsOf(session, id, caller.id, SHOWN))
    return c.json(found, 200)
  })

  app.openapi(trial, async (c) => {
    const caller = c.get('caller')
    requireMaker(caller)
    const wish = c.req.valid('json')
    const project_id = await requirePlace(caller, wish)
    await requireFit(database.pool, wish, project_id)
    return c.json(await tryOut(caller.id, wish, project_id), 200)
  })
}

const requireMaker = (caller: Caller): void => requireRole(caller, 'administrator', 'staff')

/** One that the caller may change. Throws `not_found`. */
async function oneOf(on: Session | typeof database.pool, caller: Caller, id: string): Promise<Automation> {
  const [rule] = await automationsOf(on, caller, id)
  if (!rule) throw notFound()
  return rule
}

/** The place's project, which the caller manages; null for everywhere. Throws `not_found`, `forbidden`. */
async function requirePlace(caller: Caller, { place_id }: Wish): Promise<string | null> {
  if (place_id === null) return null
  const { project_id, kind } = await requireManaged(database, caller, place_id)
  if (project_id === null || kind === 'document') throw notFound()
  return project_id
}

/** What it does has to be possible there. Throws `invalid_request`. */
async function requireFit(
  on: Session | typeof database.pool,
  { actions }: Wish,
  project_id: string | null
): Promise<void> {
  for (const [index, act] of actions.entries()) {
    if (act.do === 'move') {
      const folder = await placeOf(on, act.folder_id)
      if (!folder || folder.project_id === null || folder.project_id !== project_id)
        throw wrong(`actions.${index}.folder_id`, 'It moves documents within the project that it is for.')
    }
    if (act.do === 'call' && !config.rule_functions.some(({ name }) => name === act.function))
      throw wrong(`actions.${index}.function`, 'There is no such function.')
    if (act.do === 'notify') {
      const people = [...new Set(act.people)]
      if ((await livingOf(on, people)) !== people.length)
        throw wrong(`actions.${index}.people`, 'One of these people is not there.')
    }
  }
}

const wrong = (field: string, detail: string): Problem =>
  new Problem('invalid_request', detail, { errors: [{ field, code: 'invalid', detail }] })

const actOf = (
  what: 'created' | 'changed',
  caller: Caller,
  id: string,
  wish: Wish,
  project_id: string | null
) => ({
  action: `automation.${what}` as const,
  actor_id: caller.id,
  project_id,
  subject_id: id,
  facts: {
    active: wish.active,
    happens: wish.happens,
    place_id: wish.place_id,
    actions: wish.actions.map((act) => act.do).join(' ')
  }
})
