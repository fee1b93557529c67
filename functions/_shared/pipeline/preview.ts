/** preview: page images, thumbnails, text, a few pages a call; what was made is looked at before it is believed. */
import {
  type OutputSlot,
  PAGES_OF_FIRST_CALL,
  PAGES_PER_CALL,
  PreviewCursor,
  PreviewMade,
  type PreviewRequest
} from '../contract/job.ts'
import { PreviewResult } from '../contract/document.ts'
import { afterPreview, afterRedraw, afterSomePages } from '../rules/version.ts'
import { arrivedKeys, presignInput, presignOutputs } from './files.ts'
import type { Answer, Job, Kind } from './kind.ts'
import { VersionJob, carryOut, lockVersion, readVersion, writePages } from './version-row.ts'

/** Seconds: after that it is too complex. */
const LIMIT = 30

const ENDING = { image: 'jpg', thumbnail: 'small.jpg', text: 'json' } as const
const ROLES = ['image', 'thumbnail', 'text'] as const

/** The job's own place in the derived bucket, a folder per call: one short listing shows what a call brought. */
const prefixOf = (job: Job): string =>
  `${VersionJob.parse(job.data).version_id}/${job.id}/${String(firstPage(job)).padStart(5, '0')}/`

const firstPage = (job: Job): number => (job.cursor === null ? 1 : PreviewCursor.parse(job.cursor).next_page)

/** Keys for the pages of the next call: few at first, for page one is what somebody is waiting for. */
function outputKeys(job: Job): Omit<OutputSlot, 'url'>[] {
  const count = job.cursor === null ? PAGES_OF_FIRST_CALL : PAGES_PER_CALL
  const pages = Array.from({ length: count }, (_, index) => firstPage(job) + index)
  return pages.flatMap((page) =>
    ROLES.map((role) => ({ page, role, key: `${prefixOf(job)}${page}.${ENDING[role]}` }))
  )
}

/**
 * Files of its pages were lost (functions/clock/walk.ts), or the job was given up and begins again (jobs_again): they are
 * made anew, and the version stays as ready as it was.
 */
const isAgain = (job: Job): boolean => VersionJob.parse(job.data).again === true

export const preview: Kind = {
  at_once: 2,
  attempts: 5,

  prepare: async (job, deps) => {
    const version = await readVersion(deps, job)
    const isDue = isAgain(job)
      ? version?.state === 'ready'
      : version?.state === 'checked' || version?.state === 'previewing'
    if (!version || !isDue) return { answer: { outcome: 'done', result: null } }
    const body: PreviewRequest = {
      job: job.id,
      kind: 'preview',
      attempt: job.attempt,
      input: await presignInput(deps, version, LIMIT),
      cursor: job.cursor === null ? null : PreviewCursor.parse(job.cursor),
      output: await presignOutputs(deps, outputKeys(job), LIMIT)
    }
    return { call: { function: 'preview', path: '/', body, limit_seconds: LIMIT } }
  },

  /** A page counts when its files lie under this job's own keys; the function's word alone is not enough. */
  look: async (job, answer, deps): Promise<Answer> => {
    if (!('result' in answer) || answer.result === null) return answer
    const made = PreviewMade.parse(answer.result)
    if (made.pages.length === 0) return answer
    const arrived = await arrivedKeys(deps, prefixOf(job))
    const own = new Set(outputKeys(job).map((slot) => slot.key))
    const here = (key: string | null) => key === null || (own.has(key) && arrived.has(key))
    const all = made.pages.every((p) => here(p.image_key) && here(p.thumbnail_key) && here(p.text_key))
    return all ? answer : { outcome: 'retry', after_seconds: 1, reason: 'output_missing' }
  },

  projects: (job) => [VersionJob.parse(job.data).project_id],

  apply: async (session, job, answer, acts) => {
    if (!('result' in answer) || answer.result === null) return
    const version = await lockVersion(session, job)
    if (!version || version.state === 'held') return
    const made = PreviewMade.parse(answer.result)
    const pages_so_far = await writePages(session, version, made.pages)
    const progress = { page_count: made.page_count, pages_so_far }
    const after = isAgain(job) ? afterRedraw : afterPreview
    const plan =
      answer.outcome === 'continue'
        ? afterSomePages(version, progress)
        : after(version, made.preview_result ?? 'complete', progress)
    await carryOut(session, job, version, plan, acts)
  },

  give_up: async (session, job, reason, acts) => {
    const version = await lockVersion(session, job)
    if (!version || isAgain(job)) return // the pages that are there stay
    const pages_so_far = await writePages(session, version, [])
    const result = PreviewResult.safeParse(reason).data ?? (reason === 'timed_out' ? 'too_complex' : 'broken')
    await carryOut(
      session,
      job,
      version,
      afterPreview(version, result, { page_count: null, pages_so_far }),
      acts
    )
  }
}
