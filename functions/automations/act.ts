/** What a rule does with a document: calls of the API by its maker's key, so that it may what its maker may, and no more. */
import { config } from '../_shared/config.ts'
import type { AutomationAct, AutomationStep } from '../_shared/contract/automation.ts'
import { type DocumentFacts, newName, tagsWith } from '../_shared/rules/automation.ts'
import { numberedName } from '../_shared/rules/name.ts'
import { traceHeaders } from '../_shared/trace.ts'
import type { Found } from './automations.ts'

/** The API does not answer, or asks for patience: the run is tried again. */
export class ApiAway extends Error {
  readonly after_seconds: number
  constructor(why: string, after_seconds: number, cause?: unknown) {
    super(why, { cause })
    this.name = 'ApiAway'
    this.after_seconds = after_seconds
  }
}

/** Milliseconds for one call. */
const PATIENCE = 15_000
/** How often a name that is taken is counted on. */
const NAMES = 20

type Answer = { status: number; body: unknown; code: string | null }
/** `step`: repeated with the same one, a POST is done once. */
export type CallApi = (method: string, path: string, body: unknown, step?: string) => Promise<Answer>

/** Calls of the API with a rule's token. */
export function apiOf(token: string, run_id: string): CallApi {
  return async (method, path, body, step) => {
    const [, name = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(path) ?? []
    const answer = await fetch(`${config.gateway_url}/function/${name}${rest}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...traceHeaders(),
        ...(step && { 'idempotency-key': `rule ${run_id} ${step}` })
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE)
    }).catch((cause: unknown) => {
      throw new ApiAway('no_answer', 30, cause)
    })
    const said: unknown = await answer.json().catch(() => null)
    const code = said && typeof said === 'object' && 'code' in said ? String(said.code) : null
    if (answer.status >= 500 || answer.status === 429 || code === 'idempotency_in_progress')
      throw new ApiAway(`status_${answer.status}`, Number(answer.headers.get('retry-after')) || 30)
    return { status: answer.status, body: said, code }
  }
}

type Does = Omit<AutomationStep, 'do'>
const DONE: Does = { outcome: 'done', code: null }
const NOTHING: Does = { outcome: 'nothing_to_do', code: null }

function told({ status, code }: Answer): Does {
  if (status < 300) return DONE
  const refused = code === 'forbidden' || code === 'not_found' || code === 'not_signed_in'
  return { outcome: refused ? 'not_allowed' : 'not_possible', code }
}

type Thing = { id: string; outcome: string }
/** Of a route that answers for each thing by itself. */
function toldOf(answer: Answer): Does {
  const things = (answer.body as { things?: Thing[] } | null)?.things
  const outcome = things?.[0]?.outcome
  if (answer.status >= 300 || outcome === 'done') return told(answer)
  return {
    outcome: outcome === 'forbidden' || outcome === 'not_found' ? 'not_allowed' : 'not_possible',
    code: outcome ?? null
  }
}

/**
 * Does the acts in their order until one is refused; what comes after it is not reached.
 *
 * @param begun the run's own moment: tried again, the same is asked for
 * @throws ApiAway
 */
export async function doAll(
  api: CallApi,
  actions: AutomationAct[],
  document: Found,
  begun: Date
): Promise<AutomationStep[]> {
  const steps: AutomationStep[] = []
  const facts = { ...document }
  let stopped = false
  for (const [index, act] of actions.entries()) {
    const does: Does = stopped
      ? { outcome: 'not_reached', code: null }
      : await doOne(api, act, { document: facts, begun, step: `${index}` })
    stopped ||= does.outcome !== 'done' && does.outcome !== 'nothing_to_do'
    steps.push({ do: act.do, ...does })
  }
  return steps
}

type At = { document: Found; begun: Date; step: string }

async function doOne(api: CallApi, act: AutomationAct, at: At): Promise<Does> {
  const { document, begun, step } = at
  switch (act.do) {
    case 'rename':
      return rename(api, document, newName(act.to, document))
    case 'tag': {
      const tags = tagsWith(document, act.tags)
      if (!tags) return NOTHING
      const { description, described_at } = document
      const answer = await api('PUT', `/documents/documents/${document.id}/labels`, {
        tags,
        description,
        described_at
      })
      if (answer.status < 300) Object.assign(document, labelsOf(answer.body))
      return told(answer)
    }
    case 'move':
      if (document.folder_id === act.folder_id) return NOTHING
      return toldOf(
        await api('POST', '/documents/things/move', { things: [document.id], folder_id: act.folder_id })
      )
    case 'lock':
      return told(await api('POST', '/documents/locks', lockOf(act, document.id, begun), step))
    case 'notify':
      // Told by the log's reader (pipeline/notices.sql), to those who may see the document then.
      return DONE
    case 'send_link':
      return sendLink(api, act, at)
  }
}

/** A second rename may need the fresh name, and another tag the fresh moment. */
const labelsOf = (body: unknown): Partial<Pick<Found, 'tags' | 'described_at'>> => {
  const { tags, described_at } = (body ?? {}) as { tags?: string[]; described_at?: string | null }
  return { ...(tags && { tags }), ...(described_at !== undefined && { described_at }) }
}

async function rename(api: CallApi, document: DocumentFacts & { id: string }, wanted: string): Promise<Does> {
  if (wanted === document.name) return NOTHING
  for (let form = 1; ; form += 1) {
    const name = numberedName(wanted, form)
    // Named so by an earlier try of this run.
    if (name === document.name) return NOTHING
    const answer = await api('PATCH', `/documents/things/${document.id}`, { name })
    if (answer.code === 'name_taken' && form < NAMES) continue
    if (answer.status < 300) document.name = name
    return told(answer)
  }
}

const lockOf = ({ hides, days }: AutomationAct & { do: 'lock' }, thing_id: string, begun: Date) =>
  days === 0
    ? { thing_id, hides, at: begun.toISOString(), notice_days: 0 }
    : { thing_id, hides, counts_from: 'upload', days, notice_days: Math.min(7, days) }

const DAY = 86_400_000

async function sendLink(
  api: CallApi,
  { to, recipient, level, days }: AutomationAct & { do: 'send_link' },
  { document, begun, step }: At
): Promise<Does> {
  const valid_until = new Date(begun.getTime() + days * DAY).toISOString()
  const made = await api(
    'POST',
    '/sharing/links',
    { thing_ids: [document.id], recipient, level, valid_until },
    step
  )
  if (made.status >= 300) return told(made)
  const { id: link_id, url } = made.body as { id: string; url: string }
  const secret = new URL(url).hash.slice(1)
  return told(await api('POST', `/sharing/links/${link_id}/mail`, { secret, to }, `${step} mail`))
}
