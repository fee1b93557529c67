/** A version's row as the pipeline needs it, and the carrying out of what rules/version.ts has planned. */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import { VersionState } from '../contract/document.ts'
import type { Act } from '../db/audit.ts'
import { type Session, blocks, row, rows, run } from '../db/database.ts'
import type { VersionPlan } from '../rules/version.ts'
import type { Deps, Job } from './kind.ts'

const sql = blocks<
  | 'version'
  | 'change'
  | 'same_content'
  | 'end_archives'
  | 'add_page'
  | 'count_pages'
  | 'add_job'
  | 'administrators'
>(new URL('./version.sql', import.meta.url))

/** What jobs about a version carry. */
export const VersionJob = z.object({ version_id: Id, project_id: Id, again: z.boolean().optional() })
export type VersionJob = z.infer<typeof VersionJob>

const VersionRow = z.object({
  id: Id,
  document_id: Id,
  project_id: Id,
  object_key: z.string(),
  object_version_id: z.string(),
  size: z.number(),
  declared_type: z.string(),
  detected_type: z.string().nullable(),
  /** Hex; null before its first scan. */
  sha256: z.string().nullable(),
  state: VersionState,
  created_by: Id.nullable(),
  name: z.string(),
  deliver_unscanned: z.boolean()
})
export type VersionRow = z.infer<typeof VersionRow>

/** The version of a job, outside the job's transaction; null when it is gone. */
export function readVersion(deps: Deps, job: Job): Promise<VersionRow | null> {
  const { version_id } = VersionJob.parse(job.data)
  return row(deps.database.pool, sql('version'), [version_id], VersionRow)
}

/** The version of a job, locked until the transaction ends; null when it is gone. */
export function lockVersion(session: Session, job: Job): Promise<VersionRow | null> {
  const { version_id } = VersionJob.parse(job.data)
  return row(session, `${sql('version')} for update of v`, [version_id], VersionRow)
}

/** Writes what was planned: columns, the audit row, the next job, who is told, and the topic of open pages. */
export async function carryOut(
  session: Session,
  job: Job,
  version: VersionRow,
  plan: VersionPlan,
  acts: Act[]
): Promise<void> {
  const c = plan.change
  if (Object.keys(c).length > 0) {
    await run(session, sql('change'), [
      version.id,
      c.state ?? null,
      c.sha256 ?? null,
      c.detected_type ?? null,
      c.scan_result ?? null,
      c.scan_detail ?? null,
      c.preview_result ?? null,
      c.page_count ?? null,
      c.scanner?.engine ?? null,
      c.scanner?.signatures ?? null
    ])
    await run(session, 'select announce($1)', [`project:${version.project_id}`])
  }
  if (plan.act)
    acts.push({
      action: plan.act.action,
      actor_id: null,
      project_id: version.project_id,
      document_id: version.document_id,
      subject_id: version.id,
      facts: plan.act.facts
    })
  if (plan.next)
    await addJob(
      session,
      plan.next,
      { version_id: version.id, project_id: version.project_id },
      job.fairness_key,
      version.id
    )
  if (plan.tell) await tellHeld(session, version, plan.tell)
}

/** Versions of the same bytes in any project, and the end of the ZIPs that hold one of them. */
export async function withSameContent(
  session: Session,
  version_id: string,
  sha256: string
): Promise<VersionJob[]> {
  const Copy = z.object({ id: Id, project_id: Id })
  const copies = await rows(session, sql('same_content'), [sha256, version_id], Copy)
  await run(session, sql('end_archives'), [[version_id, ...copies.map((copy) => copy.id)]])
  return copies.map((copy) => ({ version_id: copy.id, project_id: copy.project_id }))
}

/** Adds a job once: a waiting or running one of the same kind and key is the same job. */
export async function addJob(
  session: Session,
  kind: string,
  data: Record<string, unknown>,
  fairness_key: string,
  unique_key: string | null
): Promise<void> {
  await run(session, sql('add_job'), [kind, data, fairness_key, unique_key])
}

/** One mail per person; the version's id makes it one however often this is carried out. */
async function tellHeld(
  session: Session,
  version: VersionRow,
  whom: NonNullable<VersionPlan['tell']>
): Promise<void> {
  const people = new Set(
    (await rows(session, sql('administrators'), [], z.object({ id: Id }))).map((p) => p.id)
  )
  if (whom === 'uploader_and_firm' && version.created_by) people.add(version.created_by)
  for (const person_id of people)
    await addJob(
      session,
      'notify',
      { template: 'held', person_id, document_id: version.document_id, project_id: version.project_id },
      '',
      `held:${version.id}:${person_id}`
    )
}

/** A page that arrived; the same page again replaces its keys. */
export type PageFile = {
  no: number
  width: number
  height: number
  image_key: string
  thumbnail_key: string
  text_key: string | null
}

export async function writePages(session: Session, version: VersionRow, pages: PageFile[]): Promise<number> {
  for (const page of pages)
    await run(session, sql('add_page'), [
      version.id,
      version.project_id,
      page.no,
      page.width,
      page.height,
      page.image_key,
      page.thumbnail_key,
      page.text_key
    ])
  const count = await row(session, sql('count_pages'), [version.id], z.object({ pages: z.number() }))
  return count?.pages ?? 0
}
