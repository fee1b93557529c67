/** First steps: whose they are, when they are done, when they are shown. Pure. */
import type { FirstStep, FirstSteps, FirstStepsChange } from '../contract/first-steps.ts'

/** Acts of the log that are the step really done. Choosing notices is no act of its own kind: `chose_notices`. */
const ACTS: Record<FirstStep, readonly string[]> = {
  read: ['document.viewed', 'page.viewed', 'document.downloaded'],
  send: ['upload.started', 'document.received'],
  notices: [],
  project: ['project.created'],
  invite: ['person.invited'],
  access: ['grant.given']
}

export type Remembered = { skipped: FirstStep[]; again: boolean }
export type FirstStepFacts = Remembered & {
  /** Null: a client or guest. */
  staff_role: string | null
  /** Kinds of the first acts: the person's own, of staff the firm's. */
  acts: string[]
  /** There are more acts than were looked at: nobody is new any more. */
  many: boolean
  chose_notices: boolean
}

/** The steps of a role. A firm is begun by whoever may do so: auditors and assistants only look on. */
export function stepsOf(staff_role: string | null): FirstStep[] {
  if (staff_role === null) return ['read', 'send', 'notices']
  return staff_role === 'administrator' || staff_role === 'staff' ? ['project', 'invite', 'access'] : []
}

/** What the person sees of their first steps. */
export function firstSteps(facts: FirstStepFacts): FirstSteps {
  const acts = new Set(facts.acts)
  const isDone = (step: FirstStep) =>
    step === 'notices' ? facts.chose_notices : ACTS[step].some((act) => acts.has(act))
  const steps = stepsOf(facts.staff_role).map((step) => {
    const skipped = facts.skipped.includes(step) ? ('skipped' as const) : ('open' as const)
    return { step, state: isDone(step) ? ('done' as const) : skipped }
  })
  const wanted = !facts.many && steps.some((one) => one.state === 'open')
  return { shown: steps.length > 0 && (facts.again || wanted), steps }
}

/** What is remembered after a change. Calling them again takes back what was skipped. */
export function remember(before: Remembered, { skip = [], again }: FirstStepsChange): Remembered {
  const kept = again ? [] : before.skipped
  return { skipped: [...new Set([...kept, ...skip])], again: again ?? before.again }
}
