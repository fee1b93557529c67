/** The simulator: what somebody may do with a thing at a moment, and why. Each answer is the access rule's own. */
import { z } from 'zod'
import { Simulation, SimulationStep } from '../_shared/contract/access.ts'
import { Time, levelOf } from '../_shared/contract/common.ts'
import { type Session, blocks, row, rows } from '../_shared/db/database.ts'
import { notFound } from '../_shared/problem.ts'

const sql = blocks<'level' | 'asker' | 'explain' | 'changes'>(new URL('./simulation.sql', import.meta.url))

type Step = z.infer<typeof SimulationStep>['step']
type Question = { caller: string; who: string; thing: string; project: string | null; at: string }

/** Changes that are told; whoever wants to know more asks for a later moment. */
const MOST_CHANGES = 3

const { who: Asked, level: AnyLevel } = Simulation.shape
const AskerRow = z.object({ who: Asked.omit({ kind: true }), kind: Asked.shape.kind })
const LevelRow = z.object({ level: AnyLevel, unlocked: AnyLevel })
const ChangeRow = z.object({ at: Time, level: AnyLevel })
const StepRow = z.object({
  ...SimulationStep.shape,
  step: z.string(),
  level: z.number().nullable(),
  held: z.number().nullable()
})

/** Throws not_found for whom the caller may not know of. */
export async function simulate(session: Session, question: Question): Promise<Simulation> {
  const { caller, who, thing, project, at } = question
  const asked = await row(session, sql('asker'), [caller, who, project], AskerRow)
  if (!asked) throw notFound()
  const now = await answerAt(session, question, at)
  const found = await rows(session, sql('explain'), [who, thing, at, caller], StepRow)
  const steps = found.filter((one) => one.step !== 'answer').map(stepOf)
  return {
    who: { ...asked.who, kind: asked.kind },
    at,
    ...now,
    steps,
    changes: await rows(session, sql('changes'), [who, thing, at, MOST_CHANGES], ChangeRow)
  }
}

async function answerAt(session: Session, { who, thing }: Question, at: string) {
  const found = await row(session, sql('level'), [who, thing, at], LevelRow)
  return found ?? ({ level: 'none', unlocked: 'none' } as const)
}

function stepOf(one: z.infer<typeof StepRow>): SimulationStep {
  const speaks = one.step === 'allow' || one.step === 'deny'
  return {
    ...one,
    step: SimulationStep.shape.step.parse(one.step.replaceAll(' ', '_')) satisfies Step,
    level: speaks && one.level !== null ? levelOf(one.level) : null,
    held: one.held === null ? null : (levelOf(one.held) ?? 'none')
  }
}
