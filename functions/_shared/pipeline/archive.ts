/**
 * archive: a ZIP that is too large to be made while somebody waits. The function fills parts, some seconds a call; what is
 * in, where and with which CRC lies in the database; the end is written here (archive-end.ts). Whether a file may go in is
 * asked when its turn has come.
 */
import { z } from 'zod'
import { ArchiveCursor, ArchiveSlice } from '../contract/archive-job.ts'
import { Id } from '../contract/common.ts'
import { type Session, blocks, row, rows, run } from '../db/database.ts'
import { whyNotNow } from '../rules/archive.ts'
import { DERIVED, archiveKey } from '../storage/buckets.ts'
import { abortMultipart } from '../storage/versions.ts'
import { ArchiveJob, Next, Open, callFor } from './archive-call.ts'
import { type Ending, endArchive } from './archive-end.ts'
import { announceTo, failArchive, readyArchive, restartArchive, takeSlice } from './archive-apply.ts'
import type { Answer, Deps, Job, Kind } from './kind.ts'

const sql = blocks<'open' | 'next' | 'leave_out' | 'lock' | 'trouble'>(
  new URL('./archive.sql', import.meta.url)
)

/** Seconds until a full store is asked again. */
const RETRY = 15

export const archive: Kind = {
  at_once: 2,
  attempts: 12,

  prepare: async (job, deps) => {
    const wish = ArchiveJob.parse(job.data)
    const open = await row(deps.database.pool, sql('open'), [wish.archive_id], Open)
    if (!open) return { answer: { outcome: 'done', result: null } }
    const cursor = job.cursor === null ? null : ArchiveCursor.parse(job.cursor)
    const next = await turn(deps, open, wish.files)
    // A file that is half in and must not go in: its bytes can only be got rid of by beginning anew.
    const half = cursor?.file?.place
    if (half !== undefined && next[0]?.place !== half) return { answer: await anew(deps, open) }
    if (next.length === 0) return { answer: await end(deps, open, cursor) }
    return { call: await callFor(job, deps, open, cursor, next, wish) }
  },

  look: async (job, answer, deps) => {
    const { archive_id } = ArchiveJob.parse(job.data)
    if (answer.outcome === 'retry') {
      const told = await row(
        deps.database.pool,
        sql('trouble'),
        [archive_id, answer.reason],
        z.object({ person_id: Id })
      )
      if (told) await announceTo(deps.database.pool, told.person_id)
    }
    if (answer.outcome !== 'refused' || !LOST.has(answer.reason)) return answer
    const open = await row(deps.database.pool, sql('open'), [archive_id], Open)
    return open ? anew(deps, open) : { outcome: 'done', result: null }
  },

  projects: (job) => [ArchiveJob.parse(job.data).project_id],

  apply: async (session, job, answer, acts) => {
    if (!('result' in answer) || answer.result === null) return
    const open = await lock(session, job)
    if (!open) return
    const made = Made.parse(answer.result)
    if (made.step === 'slice') await takeSlice(session, open, made, acts)
    if (made.step === 'anew') await restartArchive(session, open)
    if (made.step === 'ready') await readyArchive(session, open, made.zip_size, acts)
    await announceTo(session, open.person_id)
  },

  give_up: async (session, job, reason, acts) => {
    const open = await lock(session, job)
    if (!open) return
    await failArchive(session, open, reason, acts)
    await announceTo(session, open.person_id)
  }
}

/** What a slice built on is not in the store any more: nothing is lost but time. */
const LOST = new Set(['input_not_there', 'carry_mismatch', 'upload_gone'])

const Made = z.discriminatedUnion('step', [
  ArchiveSlice,
  z.object({ step: z.literal('anew') }),
  z.object({ step: z.literal('ready'), zip_size: z.int() })
])

const Locked = Open.pick({ id: true, person_id: true, project_id: true })
const lock = (session: Session, job: Job) =>
  row(session, sql('lock'), [ArchiveJob.parse(job.data).archive_id], Locked)

/** The files whose turn it is; those that may not go in any more are left out on the way. */
async function turn(deps: Deps, open: Open, count: number): Promise<Next[]> {
  const { pool } = deps.database
  for (;;) {
    const next = await rows(pool, sql('next'), [open.id, open.person_id, count], Next)
    const judged = next.map((file) => ({ file, why: whyNotNow(file) }))
    const left = judged.flatMap(({ file, why }) => (why ? [{ place: file.place, why }] : []))
    if (left.length > 0)
      await run(pool, sql('leave_out'), [open.id, left.map((one) => one.place), left.map((one) => one.why)])
    if (left.length < next.length || next.length === 0)
      return judged.flatMap(({ file, why }) => (why ? [] : [file]))
  }
}

/** Everything from the first byte on, in an upload of its own: what a lost call still sends reaches nobody. */
async function anew(deps: Deps, open: Open): Promise<Answer> {
  if (open.upload_id) await abortMultipart(deps.store, DERIVED, archiveKey(open.id), open.upload_id)
  return { outcome: 'continue', cursor: null, result: { step: 'anew' } }
}

async function end(deps: Deps, open: Open, cursor: ArchiveCursor | null): Promise<Answer> {
  if (cursor === null || open.upload_id === null) return { outcome: 'refused', reason: 'nothing_left' }
  const ending: Ending = { ...open, upload_id: open.upload_id }
  try {
    const zip_size = await endArchive(deps, ending, cursor)
    return zip_size === null
      ? await anew(deps, open)
      : { outcome: 'done', result: { step: 'ready', zip_size } }
  } catch (error) {
    if (!isFull(error)) throw error
    return { outcome: 'retry', after_seconds: RETRY, reason: 'store_full' }
  }
}

/** The store's disk has no room (507, as MinIO answers). */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('$metadata' in error)) return false
  const { data } = z.object({ httpStatusCode: z.literal(507) }).safeParse(error.$metadata)
  return data !== undefined
}
