/** What somebody new does first, and what of it they did already. */
import { z } from 'zod'

/** Of a client: reading, sending, choosing how soon to be told. Of a firm: the first project, people, access. */
export const FIRST_STEPS = ['read', 'send', 'notices', 'project', 'invite', 'access'] as const
export const FirstStep = z.enum(FIRST_STEPS)
export type FirstStep = z.infer<typeof FirstStep>

/** done: it was really done. skipped: not wanted. */
export const FirstStepState = z.enum(['open', 'done', 'skipped'])

export const FirstSteps = z
  .object({
    /** Whether they are shown: while one is open, and when they were called again. */
    shown: z.boolean(),
    steps: z.array(z.object({ step: FirstStep, state: FirstStepState }))
  })
  .meta({ id: 'FirstSteps' })
export type FirstSteps = z.infer<typeof FirstSteps>

/** `skip`: do not ask for these any more. `again: true` shows all that are not done, whatever was skipped; false ends that. */
export const FirstStepsChange = z
  .object({ skip: z.array(FirstStep).max(FIRST_STEPS.length), again: z.boolean() })
  .partial()
export type FirstStepsChange = z.infer<typeof FirstStepsChange>
