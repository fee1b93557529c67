/** The firm's endpoints: made, changed, tried out, told again. A secret is nowhere in clear but in the answer that made it. */
import { z } from 'zod'
import { seal } from '../_shared/auth/sealed.ts'
import type { Caller } from '../_shared/auth/session.ts'
import { newWebhookSecret } from '../_shared/auth/webhook-signature.ts'
import { Id } from '../_shared/contract/common.ts'
import { TEST_EVENT } from '../_shared/contract/event.ts'
import {
  type NewWebhook,
  OLD_SECRET_HOURS,
  Webhook,
  type WebhookChange,
  WebhookDelivery,
  WebhookState
} from '../_shared/contract/webhook.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { projectsInReach } from '../_shared/db/project.ts'
import { Problem, notFound } from '../_shared/problem.ts'

const sql = blocks<
  | 'list'
  | 'lock'
  | 'count'
  | 'add'
  | 'change'
  | 'drop_waiting'
  | 'renew_secret'
  | 'end'
  | 'try'
  | 'deliveries'
  | 'again'
  | 'again_since'
  | 'wake'
>(new URL('./webhooks.sql', import.meta.url))

/** Living endpoints of one firm. */
const MOST = 50

type On = Parameters<typeof rows>[0]
const Found = z.object({ id: Id })

export const listWebhooks = (on: On, reader_id: string): Promise<Webhook[]> =>
  rows(on, sql('list'), [reader_id, null], Webhook)

/** Throws `not_found`. */
export async function webhookById(on: On, reader_id: string, id: string): Promise<Webhook> {
  const found = await row(on, sql('list'), [reader_id, id], Webhook)
  if (!found) throw notFound()
  return found
}

/** Throws `conflict` when there are as many as there may be, `invalid_request` for projects that the caller does not know. */
export async function addWebhook(
  session: Session,
  acts: Act[],
  caller: Caller,
  wish: NewWebhook
): Promise<{ webhook: Webhook; secret: string }> {
  const living = await row(session, sql('count'), [], z.object({ n: z.int() }))
  if (!living || living.n >= MOST) throw new Problem('conflict', `There may be ${MOST} webhooks.`)
  const projects = await known(session, caller.id, wish.project_ids, [])
  const secret = newWebhookSecret()
  const values = [wish.name, wish.url, wish.types, projects, await seal(secret), caller.id]
  const made = await row(session, sql('add'), values, Found)
  if (!made) throw new Error('a webhook was not written')
  acts.push({
    action: 'webhook.created',
    actor_id: caller.id,
    subject_id: made.id,
    facts: { types: wish.types.join(' '), projects: projects.length }
  })
  return { webhook: await webhookById(session, caller.id, made.id), secret }
}

const Held = z.object({ projects: z.array(Id), state: WebhookState })

/** The endpoint, locked until the transaction ends. Throws `not_found`. */
async function held(session: Session, id: string): Promise<z.infer<typeof Held>> {
  const found = await row(session, sql('lock'), [id], Held)
  if (!found) throw notFound()
  return found
}

/** Throws `not_found`, `invalid_request` as above; projects that it had already may stay. */
export async function changeWebhook(
  session: Session,
  acts: Act[],
  caller: Caller,
  id: string,
  wish: WebhookChange
): Promise<Webhook> {
  const before = await held(session, id)
  const projects = wish.project_ids && (await known(session, caller.id, wish.project_ids, before.projects))
  const { name, url, types, state } = wish
  await run(
    session,
    sql('change'),
    [id, name, url, types, projects, state].map((value) => value ?? null)
  )
  if (state === 'off') await run(session, sql('drop_waiting'), [id])
  acts.push({
    action: 'webhook.changed',
    actor_id: caller.id,
    subject_id: id,
    facts: { fields: Object.keys(wish).toSorted().join(' '), ...(state && { state }) }
  })
  return webhookById(session, caller.id, id)
}

async function known(
  session: Session,
  person_id: string,
  wanted: string[],
  had: string[]
): Promise<string[]> {
  const ids = [...new Set(wanted.map((id) => id.toLowerCase()))]
  if (ids.length === 0) return ids
  const reach = new Set([...(await projectsInReach(session, person_id)), ...had])
  if (ids.every((id) => reach.has(id))) return ids
  throw new Problem('invalid_request', 'There is no such project.', {
    errors: [{ field: 'project_ids', code: 'not_found', detail: 'no such project' }]
  })
}

/** A new secret; the one before signs beside it for a day. Throws `not_found`. */
export async function renewSecret(session: Session, acts: Act[], caller: Caller, id: string) {
  await held(session, id)
  const secret = newWebhookSecret()
  await run(session, sql('renew_secret'), [id, await seal(secret), OLD_SECRET_HOURS])
  acts.push({ action: 'webhook.secret_changed', actor_id: caller.id, subject_id: id })
  return { webhook: await webhookById(session, caller.id, id), secret }
}

/** Throws `not_found`. */
export async function endWebhook(session: Session, acts: Act[], caller: Caller, id: string): Promise<void> {
  if (!(await row(session, sql('end'), [id], Found))) throw notFound()
  acts.push({ action: 'webhook.ended', actor_id: caller.id, subject_id: id })
}

/** A test's delivery, on its way. Throws `not_found`. */
export async function tryWebhook(session: Session, id: string): Promise<WebhookDelivery> {
  await held(session, id)
  const made = await row(session, sql('try'), [id, TEST_EVENT], Found)
  await run(session, sql('wake'), [id])
  const [delivery] = await deliveriesOf(session, id, { before: null, limit: 1, state: null })
  if (!made || delivery?.id !== made.id) throw new Error('a test was not written')
  return delivery
}

export const deliveriesOf = (
  on: On,
  id: string,
  { before, limit, state }: { before: string | null; limit: number; state: string | null }
): Promise<WebhookDelivery[]> => rows(on, sql('deliveries'), [id, before, limit, state], WebhookDelivery)

/** Tells it again: one delivery, or all that failed since a moment; how many. Throws `not_found`, `conflict` while it is not on. */
export async function tellAgain(
  session: Session,
  acts: Act[],
  caller: Caller,
  id: string,
  which: { delivery: string } | { since: string }
): Promise<number> {
  const { state } = await held(session, id)
  if (state !== 'on') throw new Problem('conflict', 'This webhook is not switched on.')
  const again =
    'delivery' in which
      ? await rows(session, sql('again'), [id, which.delivery], Found)
      : await rows(session, sql('again_since'), [id, which.since], Found)
  if ('delivery' in which && again.length === 0) throw notFound()
  await run(session, sql('wake'), [id])
  acts.push({
    action: 'webhook.replayed',
    actor_id: caller.id,
    subject_id: id,
    facts: { count: again.length, ...('since' in which && { since: which.since }) }
  })
  return again.length
}
