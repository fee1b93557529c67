/** What a rule does with a document: calls of the API by its maker's key, so that it may what its maker may, and no more. */
import type { AutomationAct, AutomationStep } from '../_shared/contract/automation.ts'
import { newName } from '../_shared/rules/automation.ts'
import { type CallApi, DONE, type Does, told } from './api.ts'
import { callAndApply } from './call.ts'
import { type At, type Run, label, move, rename } from './document.ts'

/**
 * Does the acts in their order until one is refused; what comes after it is not reached.
 *
 * @throws ApiAway
 */
export async function doAll(api: CallApi, actions: AutomationAct[], run: Run): Promise<AutomationStep[]> {
  const steps: AutomationStep[] = []
  const document = { ...run.document }
  let stopped = false
  for (const [index, act] of actions.entries()) {
    const came: AutomationStep[] = stopped
      ? [{ do: act.do, outcome: 'not_reached', code: null }]
      : await stepsOf(api, act, { ...run, document, step: `${index}` })
    stopped ||= came.some(({ outcome }) => outcome !== 'done' && outcome !== 'nothing_to_do')
    steps.push(...came)
  }
  return steps
}

const stepsOf = async (api: CallApi, act: AutomationAct, at: At): Promise<AutomationStep[]> =>
  act.do === 'call' ? callAndApply(api, act.function, at) : [{ do: act.do, ...(await doOne(api, act, at)) }]

async function doOne(api: CallApi, act: Exclude<AutomationAct, { do: 'call' }>, at: At): Promise<Does> {
  const { document, begun, step } = at
  switch (act.do) {
    case 'rename':
      return rename(api, document, newName(act.to, document))
    case 'tag':
      return label(api, document, { tags: act.tags })
    case 'move':
      return move(api, document, act.folder_id)
    case 'lock':
      return told(await api('POST', '/documents/locks', lockOf(act, document.id, begun), step))
    case 'notify':
      // Told by the log's reader (pipeline/notices.sql), to those who may see the document then.
      return DONE
    case 'send_link':
      return sendLink(api, act, at)
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
