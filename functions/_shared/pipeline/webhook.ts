/**
 * webhook: tells one endpoint what waits for it, one event a call, as long as there is something. A delivery is the same
 * message at every try: whatever dies in between, it is told at least once and always by the same webhook-id.
 */
import { z } from 'zod'
import { unseal } from '../auth/sealed.ts'
import { webhookHeaders } from '../auth/webhook-signature.ts'
import { config } from '../config.ts'
import { Action, Activity } from '../contract/activity.ts'
import { Id, Time } from '../contract/common.ts'
import { type NotifyRequest, WebhookAnswer } from '../contract/mail.ts'
import type { Act } from '../db/audit.ts'
import { type Session, blocks, row, rows, run } from '../db/database.ts'
import { eventOf, testEvent } from '../rules/event.ts'
import { type AnswerPlan, type Answered, afterAnswer } from '../rules/webhook.ts'
import type { Deps, Job, Kind } from './kind.ts'

const sql = blocks<'next' | 'lock' | 'settle' | 'answered' | 'is_back' | 'failed' | 'rest'>(
  new URL('./webhook.sql', import.meta.url)
)

/** Seconds: what an endpoint may take, and the call around it. */
const ENDPOINT = 15
const LIMIT = 20

const WebhookJob = z.object({ webhook_id: Id })

const Next = z.object({
  id: Id,
  webhook_id: Id,
  url: z.string(),
  secret: z.string(),
  old_secret: z.string().nullable(),
  created_at: Time,
  /** All null: a test. */
  seq: z.int().nullable(),
  at: Time.nullable(),
  action: Action.nullable(),
  actor_id: Id.nullable(),
  project_id: Id.nullable(),
  document_id: Id.nullable(),
  subject_id: Id.nullable(),
  facts: Activity.shape.facts.nullable()
})
type Next = z.infer<typeof Next>

export const webhook: Kind = {
  at_once: 8,
  attempts: 12,

  prepare: async (job, deps) => {
    const next = await nextOf(job, deps)
    if (!next) return { answer: { outcome: 'done', result: null } }
    const event = eventIn(next)
    const body = JSON.stringify(event)
    const secrets = [next.secret, ...(next.old_secret === null ? [] : [next.old_secret])]
    const known = await Promise.all(secrets.map(async (sealed) => (await unseal(sealed)).text))
    const message = {
      delivery: next.id,
      url: next.url,
      headers: webhookHeaders(event.id, new Date(), body, known),
      body,
      patience: ENDPOINT
    }
    const request: NotifyRequest = { job: job.id, kind: 'notify', attempt: job.attempt, webhook: message }
    return { call: { function: 'notify', path: '/', body: request, limit_seconds: LIMIT } }
  },

  /** There may be more: the job goes on until nothing is due. */
  look: async (_job, answer) =>
    answer.outcome === 'done' && answer.result !== null
      ? { outcome: 'continue', cursor: null, result: answer.result }
      : answer,

  projects: () => [],

  apply: async (session, job, answer, acts) => {
    if (answer.outcome !== 'continue') return
    const { delivery, ...answered } = WebhookAnswer.parse(answer.result)
    await settle(session, WebhookJob.parse(job.data).webhook_id, delivery, answered, acts)
  },

  /** The function died over it again and again: counted as a try, so that it does not come first for ever. */
  give_up: async (session, job, _reason, acts) => {
    const { webhook_id } = WebhookJob.parse(job.data)
    const next = await row(session, sql('next'), [webhook_id], Next)
    const answered = { status: null, failure: 'no_answer', retry_after: null }
    if (next) await settle(session, webhook_id, next.id, answered, acts)
  }
}

const nextOf = (job: Job, deps: Deps): Promise<Next | null> =>
  row(deps.database.pool, sql('next'), [WebhookJob.parse(job.data).webhook_id], Next)

function eventIn({ id, webhook_id, created_at, seq, at, action, facts, ...ids }: Next) {
  const { actor_id, project_id, document_id, subject_id } = ids
  if (seq === null || at === null || action === null)
    return testEvent(id, webhook_id, created_at, config.origin)
  const act = { seq, at, action, actor_id, project_id, document_id, subject_id, facts: facts ?? {} }
  const event = eventOf(act, config.origin)
  if (!event) throw new Error(`${action} is no event any more`)
  return event
}

const Told = z.object({
  attempts: z.int(),
  age: z.number(),
  is_test: z.boolean(),
  answered_since: z.boolean(),
  failures: z.int()
})

/** What an answer changes, in the caller's transaction. */
async function settle(
  session: Session,
  webhook_id: string,
  delivery: string,
  answered: Answered,
  acts: Act[]
): Promise<void> {
  const told = await row(session, sql('lock'), [delivery, webhook_id], Told)
  if (!told) return
  const plan = afterAnswer(answered, told, Math.random())
  const after = plan.delivery.state === 'waiting' ? plan.delivery.after : 0
  await run(session, sql('settle'), [delivery, plan.delivery.state, answered.status, plan.reason, after])
  await change(session, webhook_id, plan, acts)
}

async function change(
  session: Session,
  webhook_id: string,
  { endpoint, reason }: AnswerPlan,
  acts: Act[]
): Promise<void> {
  if (endpoint.does === 'answers') {
    await run(session, sql('answered'), [webhook_id])
    if (endpoint.is_back) await run(session, sql('is_back'), [webhook_id])
  }
  if (endpoint.does === 'fails') await run(session, sql('failed'), [webhook_id, endpoint.quiet])
  if (endpoint.does !== 'rests') return
  const told = await rows(session, sql('rest'), [webhook_id, endpoint.state], z.object({ id: Id }))
  if (told.length === 0) return // it was at rest already
  acts.push({
    action: 'webhook.rested',
    actor_id: null,
    subject_id: webhook_id,
    facts: { state: endpoint.state, reason, told: told.length }
  })
}
