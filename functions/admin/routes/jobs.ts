/** Jobs and dead letters (administrators): what waits, what was given up and why, and again. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Id, PageQuery, Time, pageOf } from '../../_shared/contract/common.ts'
import {
  Again,
  Begun,
  DeadLetter,
  DeadLetterHistory,
  JobAttempt,
  RecentJobs,
  WaitingJobs
} from '../../_shared/contract/dead-letter.ts'
import { pageFrom, readCursor } from '../../_shared/cursor.ts'
import { blocks, row, rows, run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'

const sql = blocks<'waiting' | 'done' | 'failed' | 'dead' | 'one' | 'history' | 'again'>(
  new URL('../jobs.sql', import.meta.url)
)

const waiting = createRoute({
  method: 'get',
  path: '/jobs',
  summary: 'How much work waits, by kind (administrators)',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(z.array(WaitingJobs)), ...problems }
})
const recent = createRoute({
  method: 'get',
  path: '/jobs/recent',
  summary: 'What was done in the last hour, and what failed, by kind, function and cause (administrators)',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(RecentJobs), ...problems }
})
const dead = createRoute({
  method: 'get',
  path: '/jobs/dead',
  summary: 'Work that was given up, the newest first (administrators)',
  middleware: [requireCaller(database)] as const,
  request: { query: PageQuery },
  responses: { 200: json(pageOf(DeadLetter)), ...problems }
})
const one = createRoute({
  method: 'get',
  path: '/jobs/dead/{id}',
  summary: 'Work that was given up, with each of its attempts (administrators)',
  middleware: [requireCaller(database)] as const,
  request: { params: z.object({ id: Id }) },
  responses: { 200: json(DeadLetterHistory), ...problems }
})
const again = createRoute({
  method: 'post',
  path: '/jobs/dead/again',
  summary: 'Begin work anew that was given up (administrators)',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(Again),
  responses: { 200: json(Begun), ...problems }
})

const Place = z.object({ at: Time, id: Id })
const Begin = z.object({ id: Id, kind: z.string() })

export function jobRoutes(app: Api): void {
  app.openapi(waiting, async (c) => {
    requireRole(c.var.caller, 'administrator')
    return c.json(await rows(database.pool, sql('waiting'), [], WaitingJobs), 200)
  })

  app.openapi(recent, async (c) => {
    requireRole(c.var.caller, 'administrator')
    const { done, failed } = RecentJobs.shape
    return c.json(
      {
        done: await rows(database.pool, sql('done'), [], done.element),
        failed: await rows(database.pool, sql('failed'), [], failed.element)
      },
      200
    )
  })

  app.openapi(dead, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    const { cursor, limit } = c.req.valid('query')
    const place = readCursor(cursor, Place)
    const values = [caller.id, place?.at ?? null, place?.id ?? null, limit + 1]
    const found = await rows(database.pool, sql('dead'), values, DeadLetter)
    return c.json(
      pageFrom(found, limit, (last) => ({ at: last.died_at, id: last.id })),
      200
    )
  })

  app.openapi(one, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    const { id } = c.req.valid('param')
    const letter = await row(database.pool, sql('one'), [caller.id, id], DeadLetter)
    if (!letter) throw notFound()
    return c.json({ ...letter, history: await rows(database.pool, sql('history'), [id], JobAttempt) }, 200)
  })

  app.openapi(again, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    const { ids } = c.req.valid('json')
    const begun = await database.transaction([], async (session, acts) => {
      const found = await rows(session, sql('again'), [ids], Begin)
      for (const { id, kind } of found)
        acts.push({ action: 'job.begun_again', actor_id: caller.id, subject_id: id, facts: { kind } })
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return found.map((one) => one.id)
    })
    return c.json({ ids: begun }, 200)
  })
}
