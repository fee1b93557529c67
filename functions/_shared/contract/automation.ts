/** Automations: when something happens to documents of a place, something is done with them. */
import { z } from 'zod'
import { Id, Name, Time, Who } from './common.ts'
import { Tags } from './label.ts'
import { FunctionName } from './own-function.ts'
import { ASKED_ACTS, AUTOMATION_ACTS, AUTOMATION_EVENTS, KINDS, ORIGINS } from './values.ts'

/**
 * arrives: a new document, by whatever way; ready: it is checked and can be seen, a later version too; link_opened: somebody
 * opened a link that shares it by itself; age: so many days after it arrived.
 */
export const AutomationEvent = z.enum(AUTOMATION_EVENTS)
export type AutomationEvent = z.infer<typeof AutomationEvent>

const Words = z.string().trim().min(1).max(200)
const Size = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

/** All that are not null must hold; without any, every document is meant. */
export const Conditions = z.object({
  /** Of the name, whatever its case: `*` stands for anything, `?` for one letter. */
  name: Words.nullable().default(null),
  kinds: z.array(z.enum(KINDS)).max(KINDS.length).default([]),
  from: z.enum(ORIGINS).nullable().default(null),
  /** Bytes. */
  at_least: Size.nullable().default(null),
  at_most: Size.nullable().default(null),
  /** On a page of it; case, accents and umlauts aside. */
  text: Words.nullable().default(null)
})
export type Conditions = z.infer<typeof Conditions>

export const AutomationAct = z.discriminatedUnion('do', [
  /** A function of the firm's own is asked, and what it answers is done (own-function.ts). */
  z.object({ do: z.literal('call'), function: FunctionName }),
  /** `{name}`, `{date}`, `{sender}` and `{project}` are filled in; the ending stays. */
  z.object({ do: z.literal('rename'), to: z.string().trim().min(1).max(200) }),
  /** Added to those that it has. */
  z.object({ do: z.literal('tag'), tags: Tags.refine((tags) => tags.length > 0, { message: 'none' }) }),
  /** To a folder of the same project. */
  z.object({ do: z.literal('move'), folder_id: Id }),
  /** So many days after the upload; 0: at once. */
  z.object({ do: z.literal('lock'), hides: z.boolean(), days: z.int().min(0).max(3_650) }),
  /** These people are told, as far as they may see the document. */
  z.object({ do: z.literal('notify'), people: z.array(Id).min(1).max(50) }),
  /** A link of its own for each document, mailed. */
  z.object({
    do: z.literal('send_link'),
    to: z.email().max(254),
    recipient: Words,
    level: z.enum(['view', 'download']),
    days: z.int().min(1).max(366)
  })
])
export type AutomationAct = z.infer<typeof AutomationAct>

const Rule = z.object({
  name: Name,
  active: z.boolean().default(true),
  happens: AutomationEvent,
  age_days: z.int().min(1).max(3_650).nullable().default(null),
  /** A project or folder and all in it; null: wherever the one who makes it manages. */
  place_id: Id.nullable(),
  conditions: Conditions,
  actions: z
    .array(AutomationAct)
    .min(1)
    .max(10)
    // A run has a minute, and a function may take a third of it.
    .refine((acts) => acts.filter((act) => act.do === 'call').length <= 1, {
      message: 'one function at most'
    })
})
const complete = (rule: { happens: AutomationEvent; age_days: number | null }): boolean =>
  (rule.happens === 'age') === (rule.age_days !== null)
const INCOMPLETE = { path: ['age_days'], message: 'days belong to "age", and to nothing else' }

export const AutomationWish = Rule.refine(complete, INCOMPLETE)
export type AutomationWish = z.infer<typeof AutomationWish>
/** `changed_at`: of the rule as the writer saw it; whoever wrote meanwhile is not overwritten. */
export const AutomationChange = Rule.extend({ changed_at: Time }).refine(complete, INCOMPLETE)

/** Apart from `Who`: zod-openapi gives the nullable one the same name. */
const Named = z.object({ id: Id, name: z.string() })

/** How one document would fare, or fared. */
export const StepOutcome = z.enum(['done', 'nothing_to_do', 'not_allowed', 'not_possible', 'not_reached'])
export const AutomationStep = z.object({
  do: z.enum([...AUTOMATION_ACTS, ...ASKED_ACTS]),
  outcome: StepOutcome,
  /** The API's code where it refused; of a function why nothing came of it. */
  code: z.string().nullable().default(null)
})
export type AutomationStep = z.infer<typeof AutomationStep>

export const Automation = z
  .object({
    id: Id,
    name: z.string(),
    active: z.boolean(),
    happens: AutomationEvent,
    age_days: z.int().nullable(),
    /** `project`: where it lies. A place that its maker cannot see any more has no name. */
    place: z
      .object({ id: Id, kind: z.enum(['project', 'folder']), name: z.string(), project: Named })
      .nullable(),
    conditions: Conditions,
    actions: z.array(AutomationAct),
    made_by: Named,
    /** Its maker has gone, or may not come in: it rests until somebody else saves it. */
    rests: z.boolean(),
    changed_at: Time,
    /** Of the last 30 days. */
    done: z.int(),
    failed: z.int(),
    last_at: Time.nullable()
  })
  .meta({ id: 'Automation' })
export type Automation = z.infer<typeof Automation>

export const AutomationRun = z
  .object({
    id: Id,
    /** null: gone, or out of the reader's sight. */
    document: Who.nullable(),
    project_id: Id,
    state: z.enum(['done', 'failed']),
    steps: z.array(AutomationStep),
    at: Time
  })
  .meta({ id: 'AutomationRun' })
export type AutomationRun = z.infer<typeof AutomationRun>

/** What it would have done with the newest documents; nothing is done. */
export const Trial = z
  .object({
    /** How many were looked at. */
    looked_at: z.int(),
    meant: z.array(
      z.object({
        document: Named,
        project: Named,
        new_name: z.string().nullable(),
        steps: z.array(AutomationStep)
      })
    )
  })
  .meta({ id: 'AutomationTrial' })
export type Trial = z.infer<typeof Trial>

/** What the function answers to the connector. */
export const RunJob = z.object({ run_id: Id, automation_id: Id, project_id: Id })
export const RunRequest = RunJob.extend({ job: Id, kind: z.literal('automate') })
export type RunRequest = z.infer<typeof RunRequest>
export const RunResult = z.object({
  state: z.enum(['done', 'failed', 'not_meant']),
  steps: z.array(AutomationStep)
})
export type RunResult = z.infer<typeof RunResult>
