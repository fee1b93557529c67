/**
 * The clock's acts, called by the connector's schedule: reconciliation, sweeping, forgetting. Each call works for a
 * slice of time and says where the next one goes on.
 */
import { z } from 'zod'
import { answerError } from '../_shared/answer-error.ts'
import { verifyJobToken } from '../_shared/auth/job-token.ts'
import { ClockAct, type JobAnswer } from '../_shared/contract/job.ts'
import { run } from '../_shared/db/database.ts'
import { unlessHeld } from '../_shared/db/hold.ts'
import { log } from '../_shared/log.ts'
import { Problem } from '../_shared/problem.ts'
import { sweepArchives } from './archives.ts'
import { type Slice, database, slice, sql } from './context.ts'
import { Cursor, recent, reconcile } from './reconcile.ts'
import { GuestCursor, lookAfterGuests } from './guests.ts'
import { tellOfBackups } from './backups.ts'
import { noteEndOfEmergencies } from './emergencies.ts'
import { announceLocks } from './locks.ts'
import { lookAfterScans } from './scans.ts'
import { wakeStuck } from './stuck.ts'
import { TrashCursor, emptyTrash } from './trash.ts'
import { lookForObjects, sweepUploads } from './uploads.ts'
import { walk } from './walk.ts'

const Request_ = z.object({ act: ClockAct, cursor: z.unknown().optional() })

type Act = (cursor: unknown, timeIsUp: () => boolean) => Promise<Slice<unknown>>

const ACTS: Record<ClockAct, Act> = {
  reconcile_recent: async (cursor, timeIsUp) => {
    const from = cursor ? Cursor.parse(cursor) : await recent(new Date())
    const done = await reconcile(from, timeIsUp)
    if (done.cursor !== null) return done
    const older = from.since === null ? 0 : await lookForObjects(new Date(from.since), timeIsUp)
    return { found: done.found + older + (await wakeStuck()), cursor: null }
  },
  // Where it goes on stands in the walk's own row, not in the job: also after the job has died.
  reconcile_all: (_cursor, timeIsUp) => walk(timeIsUp),
  sweep_uploads: (cursor, timeIsUp) => sweepUploads(z.uuid().nullish().parse(cursor) ?? null, timeIsUp),
  empty_trash: (cursor, timeIsUp) =>
    deleting(() => emptyTrash(TrashCursor.nullish().parse(cursor) ?? null, timeIsUp)),
  sweep_archives: (cursor, timeIsUp) =>
    deleting(() => sweepArchives(z.uuid().nullish().parse(cursor) ?? null, timeIsUp)),
  guests: (cursor, timeIsUp) => lookAfterGuests(GuestCursor.nullish().parse(cursor) ?? null, timeIsUp),
  locks: (_cursor, timeIsUp) => announceLocks(timeIsUp),
  emergencies: (_cursor, timeIsUp) => noteEndOfEmergencies(timeIsUp),
  backups: async () => ({ found: await tellOfBackups(), cursor: null }),
  scanner: async () => ({ found: await lookAfterScans(), cursor: null }),
  clean_up: async () => {
    let found = 0
    for (const what of [
      'forget_sessions',
      'forget_devices',
      'forget_addresses',
      'forget_idempotency',
      'forget_limits',
      'forget_jobs',
      'forget_deliveries',
      'add_shelf'
    ] as const)
      found += await run(database.pool, sql(what))
    return { found, cursor: null }
  }
}

/** What deletes objects waits while a backup is under way: the schedule asks again. */
const deleting = async (work: () => Promise<Slice<unknown>>): Promise<Slice<unknown>> =>
  (await unlessHeld(database.pool, work)) ?? { found: 0, cursor: null }

async function fetch(request: Request): Promise<Response> {
  const job = await verifyJobToken(request, 'clock').catch((error: unknown) => error)
  if (typeof job !== 'string') return answerError(job, 'clock')
  try {
    const parsed = Request_.safeParse(await request.json().catch(() => null))
    if (!parsed.success) throw new Problem('invalid_request', 'The clock does not know this act.')
    const { act, cursor } = parsed.data
    const done = await ACTS[act](cursor, slice())
    if (done.found > 0) log.info('clock', { act, found: done.found })
    const result = { found: done.found }
    const answer: JobAnswer =
      done.cursor === null
        ? { outcome: 'done', result }
        : { outcome: 'continue', cursor: done.cursor, result }
    return Response.json(answer)
  } catch (error) {
    return answerError(error, job)
  }
}

export default { fetch }
export const warm = database.warm
export const close = database.close
