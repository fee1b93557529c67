/** One run: is the document still meant, and what became of what was to be done. */
import type { JobAnswer } from '../_shared/contract/job.ts'
import type { AutomationStep, RunRequest, RunResult } from '../_shared/contract/automation.ts'
import type { Session } from '../_shared/db/database.ts'
import { isMeant } from '../_shared/rules/automation.ts'
import { doAll } from './act.ts'
import { ApiAway, apiOf } from './api.ts'
import { type Begun, type Found, factsOf, folderByPath, runOf, takeTurn, tokenOf } from './automations.ts'
import { database } from './database.ts'

/** Milliseconds after which words that search has not read will not come any more. */
const READING = 15 * 60_000
/** Seconds between two looks at whether they have come. */
const LOOK_AGAIN = 5
/** Seconds until another rule will have done with the same document. */
const NEXT_TURN = 0.5

const done = (result: RunResult): JobAnswer => ({ outcome: 'done', result })
const retry = (after_seconds: number, reason: string): JobAnswer => ({
  outcome: 'retry',
  after_seconds,
  reason
})
const NOT_MEANT: RunResult = { state: 'not_meant', steps: [] }

/** Done again after a break it finds its own work: every act is asked for in a way that is done once. */
export async function runOnce(wish: RunRequest): Promise<JobAnswer> {
  try {
    return await database.transaction([wish.project_id], (session) => runIn(session, wish))
  } catch (error) {
    if (error instanceof ApiAway) return retry(error.after_seconds, error.message)
    throw error
  }
}

/** The transaction changes nothing: it keeps other rules away from the document until this one is done. */
async function runIn(session: Session, { run_id, automation_id }: RunRequest): Promise<JobAnswer> {
  const begun = await runOf(session, run_id, automation_id)
  if (begun?.state !== 'waiting' || !begun.active) return done(NOT_MEANT)
  if (!(await takeTurn(session, begun.document_id))) return retry(NEXT_TURN, 'another_rule')
  const [document] = await factsOf(session, begun.made_by, [begun.document_id], begun.conditions)
  if (!document) return done(NOT_MEANT)
  if (isUnread(begun, document)) return retry(LOOK_AGAIN, 'text_not_read')
  if (!isMeant(begun.conditions, document)) return done(NOT_MEANT)
  const steps = await doAll(apiOf(tokenOf(begun.key_id), run_id), begun.actions, {
    ...{ run_id, document, begun: new Date(begun.at) },
    folderByPath: (names) => folderByPath(session, document.project_id, names)
  })
  return done({ state: wentWell(steps) ? 'done' : 'failed', steps })
}

const wentWell = (steps: AutomationStep[]): boolean =>
  steps.every(({ outcome }) => outcome === 'done' || outcome === 'nothing_to_do')

/** A condition on the text, and pages whose words are still to come. */
const isUnread = (begun: Begun, { unread, has_text }: Found): boolean =>
  has_text === false && unread && Date.now() - Date.parse(begun.at) < READING
