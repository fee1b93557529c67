/** Somebody's first steps: which there are, which are done, which they do not want. */
import { createRoute } from '@hono/zod-openapi'
import { requireCaller } from '../../_shared/auth/session.ts'
import { FirstSteps, FirstStepsChange } from '../../_shared/contract/first-steps.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { firstSteps, remember } from '../../_shared/rules/first-steps.ts'
import { database } from '../database.ts'
import { firstStepFacts, rememberFirstSteps } from '../first-steps.ts'

const show = createRoute({
  method: 'get',
  path: '/first-steps',
  summary: "One's first steps and what of them is done",
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(FirstSteps), ...problems }
})
const change = createRoute({
  method: 'patch',
  path: '/first-steps',
  summary: 'Skip first steps, or call them again',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(FirstStepsChange),
  responses: { 200: json(FirstSteps), ...problems }
})

export function firstStepRoutes(app: Api): void {
  app.openapi(show, async (c) => {
    const facts = await database.transaction([], (session) => firstStepFacts(session, c.var.caller))
    return c.json(firstSteps(facts), 200)
  })

  app.openapi(change, async (c) => {
    const caller = c.var.caller
    const steps = await database.transaction([], async (session, acts) => {
      const before = await firstStepFacts(session, caller)
      const after = remember(before, c.req.valid('json'))
      await rememberFirstSteps(session, caller.id, after)
      acts.push({
        action: 'person.changed',
        actor_id: caller.id,
        subject_id: caller.id,
        facts: { field: 'first_steps' }
      })
      return firstSteps({ ...before, ...after })
    })
    return c.json(steps, 200)
  })
}
