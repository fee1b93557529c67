/** Links as their makers see them. Row-level security must be open for their project. */
import type pg from 'pg'
import { z } from 'zod'
import { hashPassword } from '../_shared/auth/password.ts'
import type { LinkSecret } from '../_shared/auth/link.ts'
import { Id, Time, levelNumber } from '../_shared/contract/common.ts'
import { Link, LinkVisit, type NewLink } from '../_shared/contract/link.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import type { NotifyJob } from '../_shared/pipeline/notify.ts'
import { stateOfLink } from '../_shared/rules/link.ts'

const sql = blocks<
  | 'longest'
  | 'create'
  | 'made_before'
  | 'share'
  | 'list'
  | 'whose'
  | 'stands_in'
  | 'projects_made_in'
  | 'things'
  | 'visits'
  | 'revoke'
  | 'renew'
  | 'looked'
  | 'ask_renewal'
  | 'mail'
>(new URL('./links.sql', import.meta.url))

const Found = z.object({ id: Id })

const LinkRow = Link.omit({ state: true })
  .extend({ revoked_at: Time.nullable() })
  .transform(({ revoked_at, ...link }): Link => {
    return { ...link, state: stateOfLink({ ...link, revoked_at }, new Date()) }
  })

/** Days that the firm lets a link last at most. */
export async function longestDays(on: Session | pg.Pool): Promise<number> {
  return (await row(on, sql('longest'), [], z.object({ link_days_max: z.int() })))?.link_days_max ?? 90
}

type Shared = { id: string; kind: 'document' | 'node' }

/** A new link of which only hashes are kept; null when there is one with this secret or key: the request came twice. */
export async function createLink(
  session: Session,
  made_by: string,
  project_id: string,
  wish: NewLink & { ends: Date; secret: LinkSecret },
  things: Shared[]
): Promise<string | null> {
  const password = wish.password === null ? null : await hashPassword(wish.password)
  const values = [
    made_by,
    project_id,
    wish.recipient,
    wish.secret.hash,
    password,
    wish.ends.toISOString(),
    wish.max_opens,
    wish.note,
    wish.secret.request
  ]
  const link = await row(session, sql('create'), values, Found)
  if (!link) return null
  const ids = things.map((thing) => thing.id)
  const kinds = things.map((thing) => thing.kind)
  await run(session, sql('share'), [link.id, ids, kinds, levelNumber(wish.level), made_by])
  return link.id
}

const Before = z.object({ id: Id, project_id: Id, same: z.boolean() })

/** The link that this person made with this key; not `same`: by another request. */
export const madeBefore = (on: pg.Pool, made_by: string, { hash, request }: LinkSecret) =>
  row(on, sql('made_before'), [hash, made_by, request], Before)

type Which = {
  /** The asker's own, and those of whom they stand in for, in these projects. */
  made_in?: string[]
  thing_id?: string
  /** Of a project, as the asker may know of them. */
  project_id?: string
  asker: string
  id?: string
  /** Words of whom it is for. */
  q?: string
  before?: Place
  limit: number
}

/** Where a link stands in the list. */
export const Place = z.tuple([z.boolean(), Id])
export type Place = z.infer<typeof Place>
export const placeOf = (link: Link): Place => [link.renewal_asked_at !== null, link.id]

/** Who waits for an answer first, and the newest of them and of the others. */
export const listLinks = (session: Session, which: Which): Promise<Link[]> =>
  rows(
    session,
    sql('list'),
    [
      which.made_in ?? null,
      which.thing_id ?? null,
      which.id ?? null,
      which.before?.[1] ?? null,
      which.limit,
      which.project_id ?? null,
      which.asker,
      which.before?.[0] ?? null,
      which.q || null
    ],
    LinkRow
  )

/** One link; throws when it is not there, which its caller has asked before. */
export async function linkById(session: Session, id: string, asker: string): Promise<Link> {
  const [link] = await listLinks(session, { id, asker, limit: 1 })
  if (!link) throw new Error('a link that was just read is gone')
  return link
}

const Owner = z.object({ made_by: Id, project_id: Id })

export const ownerOf = (on: pg.Pool, id: string) => row(on, sql('whose'), [id], Owner)

/** Where somebody, or whom they stand in for, made links. */
export async function projectsMadeIn(on: pg.Pool, person_id: string): Promise<string[]> {
  return (await row(on, sql('projects_made_in'), [person_id], z.object({ ids: z.array(Id) })))?.ids ?? []
}

/** Does this one stand in for the link's maker, with no gate before the client? */
export const standsInForMaker = async (on: pg.Pool, person_id: string, link_id: string): Promise<boolean> =>
  (await row(on, sql('stands_in'), [person_id, link_id], z.object({ stands_in: z.boolean() })))?.stands_in ===
  true

export const thingsOf = async (on: pg.Pool, id: string): Promise<string[]> =>
  (await rows(on, sql('things'), [id], Found)).map((thing) => thing.id)

export const visitsOf = (session: Session, id: string) => rows(session, sql('visits'), [id], LinkVisit)

/** False when it was revoked before. */
export const revokeLink = async (session: Session, id: string): Promise<boolean> =>
  (await run(session, sql('revoke'), [id])) > 0

const Renewed = z.object({ max_opens: z.int().nullable() })

/** How often the link may be opened now in all. */
export async function renewLink(
  session: Session,
  id: string,
  ends: Date,
  more_opens: number | null
): Promise<number | null> {
  const renewed = await row(session, sql('renew'), [id, ends.toISOString(), more_opens], Renewed)
  if (!renewed) throw new Error('a link that was just read is gone')
  return renewed.max_opens
}

/** Somebody, or a program, has called it up and not opened it yet. */
export const countLook = (session: Session, id: string) => run(session, sql('looked'), [id])

/** The link's maker; null when somebody has asked within the hour. */
export const askRenewal = async (session: Session, id: string): Promise<string | null> =>
  (await row(session, sql('ask_renewal'), [id], Found))?.id ?? null

/** A mail about a link, written by the job with this key once. */
export const mailAbout = (session: Session, data: NotifyJob, fairness_key: string, key: string) =>
  run(session, sql('mail'), [data, fairness_key, key])
