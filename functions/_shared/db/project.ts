/** Projects and folders: the tree above the documents. */
import type pg from 'pg'
import { z } from 'zod'
import { Id, Level, Time, Who, levelNumber } from '../contract/common.ts'
import { LockShown } from '../contract/lock.ts'
import { keyReaches } from '../key.ts'
import { type Session, blocks, prepare, row, rows, run } from './database.ts'

const sql = blocks<
  | 'visible'
  | 'reach'
  | 'one'
  | 'tree'
  | 'organisation'
  | 'add_project'
  | 'add_grant'
  | 'lock_tree'
  | 'subfolders'
  | 'add_folder'
>(new URL('./project.sql', import.meta.url))

const ProjectRow = z.object({
  id: Id,
  name: z.string(),
  client: Who.nullable(),
  level: Level.nullable(),
  last_received_at: Time.nullable(),
  created_at: Time,
  /** What the overview is sorted by: the last arrival that the asker may see, else the beginning. */
  place: Time
})
export type ProjectRow = z.infer<typeof ProjectRow>

const Reach = z.object({ ids: z.array(Id), levels: z.array(z.int()) })
/** Projects, and the level on each (0: only something inside it is visible). */
export type Reach = z.infer<typeof Reach>

/** The projects in which somebody may see anything. */
export async function reachOf(on: Session | pg.Pool, person_id: string): Promise<Reach> {
  const reach = (await row(on, prepare(sql('reach')), [person_id], Reach)) ?? { ids: [], levels: [] }
  const kept = reach.ids.map(keyReaches)
  return { ids: reach.ids.filter((_, i) => kept[i]), levels: reach.levels.filter((_, i) => kept[i]) }
}

/** Their ids: what row-level security is opened for. */
export const projectsInReach = async (on: Session | pg.Pool, person_id: string): Promise<string[]> =>
  (await reachOf(on, person_id)).ids

/** Projects in which somebody manages something, were it not for locks. */
export async function projectsManaged(on: Session | pg.Pool, person_id: string): Promise<string[]> {
  const found = await row(
    on,
    'select access_reach($1, now(), 4) as ids',
    [person_id],
    z.object({ ids: z.array(Id) })
  )
  return found?.ids.filter(keyReaches) ?? []
}

/** `q`: words, each a part of the project's or its client's name; `level`: what one may do there at least. */
export type ProjectWish = {
  q?: string | undefined
  id?: string | undefined
  level?: Level | undefined
  limit: number
}

/** Projects in the order of their newest arrival. Row-level security must be open for them. */
export const visibleProjects = (
  session: Session,
  person_id: string,
  reach: Reach,
  after: { place: string; id: string } | null,
  { q, id, level, limit }: ProjectWish
): Promise<ProjectRow[]> =>
  rows(
    session,
    // Planned for what is asked: one plan for all wishes took 7 to 18 s where 10,000 projects are in reach, this 0.2 s.
    sql('visible'),
    [
      ...[person_id, after?.place ?? null, after?.id ?? null, limit],
      ...[reach.ids, reach.levels, q || null, level ? levelNumber(level) : 0, id ?? null]
    ],
    ProjectRow
  )

const ProjectHead = ProjectRow.pick({ id: true, name: true, client: true, created_at: true })

/** A project's own facts; null when the id is not a project's. */
export const projectById = (session: Session, id: string): Promise<z.infer<typeof ProjectHead> | null> =>
  row(session, prepare(sql('one')), [id], ProjectHead)

const TreeNode = z.object({
  id: Id,
  parent_id: Id.nullable(),
  kind: z.enum(['project', 'folder']),
  name: z.string(),
  level: Level,
  own_only: z.boolean(),
  lock: LockShown.nullable(),
  four_eyes: z.boolean()
})
export type TreeNode = z.infer<typeof TreeNode>

/** The visible nodes of a project, itself among them if it is visible. */
export const projectTree = async (session: Session, person_id: string, id: string): Promise<TreeNode[]> =>
  keyReaches(id) ? rows(session, prepare(sql('tree')), [person_id, id], TreeNode) : []

/** Whether there is such a client, for somebody who may know of it. */
export const knowsOrganisation = async (session: Session, person_id: string, id: string): Promise<boolean> =>
  (await row(session, sql('organisation'), [id, person_id], z.object({ one: z.int() }))) !== null

const Made = z.object({ id: Id })

async function made(session: Session, name: 'add_project' | 'add_grant' | 'add_folder', values: unknown[]) {
  const found = await row(session, sql(name), values, Made)
  if (!found) throw new Error(`${name} made nothing`)
  return found.id
}

/** A new project below the firm; its id. */
export const addProject = (session: Session, client_id: string | null, name: string): Promise<string> =>
  made(session, 'add_project', [client_id, name])

/** Allows a person or an organisation a level (1 view … 4 manage) on a node; the grant's id. */
export const addGrant = (
  session: Session,
  grant: {
    person_id: string | null
    organisation_id: string | null
    node_id: string
    level: number
    given_by: string
  }
): Promise<string> =>
  made(session, 'add_grant', [
    grant.person_id,
    grant.organisation_id,
    grant.node_id,
    grant.level,
    grant.given_by
  ])

export const addFolder = (session: Session, parent_id: string, name: string): Promise<string> =>
  made(session, 'add_folder', [parent_id, name])

/** Until the transaction ends nobody else makes folders in this project: of two that make "2025", one finds it. */
export const lockTree = (session: Session, project_id: string): Promise<number> =>
  run(session, sql('lock_tree'), [project_id])

const Subfolder = z.object({ id: Id, parent_id: Id, name: z.string(), level: z.int() })
export type Subfolder = z.infer<typeof Subfolder>

/** The folders of these names below these parents, with the asker's level (0 none … 4 manage). */
export const subfolders = (
  session: Session,
  person_id: string,
  parent_ids: string[],
  names: string[]
): Promise<Subfolder[]> => rows(session, sql('subfolders'), [person_id, parent_ids, names], Subfolder)
