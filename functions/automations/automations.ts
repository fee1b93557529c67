/** Rules in the database: read, written, ended. Each acts by a key of its own, whose token is worked out anew each time. */
import { createHash, createHmac, randomUUID } from 'node:crypto'
import type pg from 'pg'
import { z } from 'zod'
import { secretKey } from '../_shared/config.ts'
import type { Caller } from '../_shared/auth/session.ts'
import {
  Automation,
  AutomationAct,
  AutomationRun,
  type AutomationWish,
  Conditions
} from '../_shared/contract/automation.ts'
import { Id, Time, Who } from '../_shared/contract/common.ts'
import { VersionState } from '../_shared/contract/document.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import type { DocumentFacts } from '../_shared/rules/automation.ts'

const sql = blocks<
  | 'list'
  | 'add_key'
  | 'revoke_key'
  | 'add'
  | 'change'
  | 'end'
  | 'count'
  | 'folder'
  | 'people'
  | 'runs'
  | 'one_run'
  | 'facts'
  | 'folder_by_path'
  | 'newest'
  | 'take_turn'
>(new URL('./automations.sql', import.meta.url))

type On = Session | pg.Pool

/** The rules that somebody may change; with `id` that one alone. */
export const automationsOf = (on: On, caller: Caller, id: string | null = null): Promise<Automation[]> =>
  rows(on, sql('list'), [caller.id, id, caller.staff_role === 'administrator'], Automation)

/** The token of a rule's key (contract of auth/api-key.ts). It is kept nowhere: this function alone can make it. */
export const tokenOf = (key_id: string): string =>
  `portico_${createHmac('sha256', secretKey('job-key-automations')).update(`rule ${key_id}`).digest('base64url')}`

/** A key by which a rule acts as this person, in this project or (null) wherever they may. */
async function addKey(
  session: Session,
  person_id: string,
  name: string,
  project_id: string | null
): Promise<string> {
  const id = randomUUID()
  const hash = createHash('sha256').update(tokenOf(id)).digest()
  await run(session, sql('add_key'), [id, person_id, name, hash, project_id])
  return id
}

const valuesOf = (wish: AutomationWish): unknown[] => [
  ...[wish.name, wish.active, wish.happens, wish.age_days, wish.place_id],
  ...[JSON.stringify(wish.conditions), JSON.stringify(wish.actions)]
]

/** How many living rules somebody has; locks the person. */
export const countOf = async (session: Session, person_id: string): Promise<number> =>
  (await row(session, sql('count'), [person_id], z.object({ n: z.int() })))?.n ?? 0

export async function addAutomation(
  session: Session,
  person_id: string,
  wish: AutomationWish,
  project_id: string | null
): Promise<string> {
  const key_id = await addKey(session, person_id, wish.name, project_id)
  const made = await row(session, sql('add'), [...valuesOf(wish), person_id, key_id], z.object({ id: Id }))
  if (!made) throw new Error('a rule was not written')
  return made.id
}

/** Whoever saves it is its maker from now on. False: somebody wrote since, or it has ended. */
export async function changeAutomation(
  session: Session,
  id: string,
  person_id: string,
  wish: AutomationWish,
  { changed_at, project_id }: { changed_at: string; project_id: string | null }
): Promise<boolean> {
  await run(session, sql('revoke_key'), [id])
  const key_id = await addKey(session, person_id, wish.name, project_id)
  const values = [id, ...valuesOf(wish), person_id, key_id, changed_at]
  return (await run(session, sql('change'), values)) > 0
}

/** False: it has ended already. */
export async function endAutomation(session: Session, id: string): Promise<boolean> {
  await run(session, sql('revoke_key'), [id])
  return (await run(session, sql('end'), [id])) > 0
}

export const placeOf = (on: On, id: string) =>
  row(on, sql('folder'), [id], z.object({ project_id: Id.nullable(), kind: z.string() }))

/** How many of these people are there and may come in. */
export const livingOf = async (on: On, people: string[]): Promise<number> =>
  (await row(on, sql('people'), [people], z.object({ n: z.int() })))?.n ?? 0

/** What it did last, the newest first; only of projects that the session sees. */
export const runsOf = (
  session: Session,
  id: string,
  reader_id: string,
  most: number
): Promise<AutomationRun[]> => rows(session, sql('runs'), [id, reader_id, most], AutomationRun)

const Begun = z.object({
  document_id: Id,
  version_id: Id,
  at: Time,
  state: z.string(),
  active: z.boolean(),
  conditions: Conditions,
  actions: z.array(AutomationAct),
  made_by: Id,
  key_id: Id
})
export type Begun = z.infer<typeof Begun>

/** Until the transaction ends no other rule works on this document; false: one does just now. */
export async function takeTurn(session: Session, document_id: string): Promise<boolean> {
  const taken = await row(session, sql('take_turn'), [document_id], z.object({ taken: z.boolean() }))
  return taken?.taken === true
}

export const runOf = (session: Session, id: string, automation_id: string): Promise<Begun | null> =>
  row(session, sql('one_run'), [id, automation_id], Begun)

const Found = z
  .object({
    id: Id,
    project_id: Id,
    project_who: Who,
    name: z.string(),
    detected_type: z.string().nullable(),
    size: z.number(),
    from: z.enum(['client', 'firm', 'machine']),
    sender: z.string().nullable(),
    received_on: z.string(),
    project: z.string(),
    tags: z.array(z.string()),
    description: z.string(),
    described_at: Time.nullable(),
    folder_id: Id,
    version_id: Id,
    state: VersionState,
    has_text: z.boolean().nullable(),
    /** Pages whose words search does not know yet. */
    unread: z.boolean()
  })
  .transform((one) => one satisfies DocumentFacts)
export type Found = z.infer<typeof Found>

/** These documents as far as the rule's maker sees them. */
export const factsOf = (
  session: Session,
  maker_id: string,
  documents: string[],
  { text }: Conditions
): Promise<Found[]> => rows(session, sql('facts'), [maker_id, documents, text], Found)

/** The id of the folder that these names lead to from a project's top; null: there is none. */
export const folderByPath = async (
  session: Session,
  project_id: string,
  names: string[]
): Promise<string | null> =>
  (await row(session, sql('folder_by_path'), [project_id, names], z.object({ id: Id })))?.id ?? null

/** The newest documents of a place; null: of all these projects. */
export async function newestOf(
  session: Session,
  projects: string[],
  place_id: string | null,
  most: number
): Promise<string[]> {
  const found = await rows(session, sql('newest'), [projects, place_id, most], z.object({ id: Id }))
  return found.map((one) => one.id)
}
