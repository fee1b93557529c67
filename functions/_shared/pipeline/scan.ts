/** scan: SHA-256, real type, virus scan, in one reading of the object. */
import { ScanFound, type ScanRequest } from '../contract/job.ts'
import { afterScan, afterScanGaveUp } from '../rules/version.ts'
import { presignInput } from './files.ts'
import type { Call, Deps, Job, Kind } from './kind.ts'
import { VersionJob, type VersionRow, carryOut, lockVersion, readVersion } from './version-row.ts'

/** Seconds. Large files pass slowly through a scanner: a limit of its own. Node gives up a silent call at 300. */
const LIMIT = 280

/** The call by which scan reads a version once. */
export async function scanCall(job: Job, deps: Deps, version: VersionRow): Promise<{ call: Call }> {
  const input = await presignInput(deps, version, LIMIT)
  const body: ScanRequest = { job: job.id, kind: 'scan', attempt: job.attempt, input }
  return { call: { function: 'scan', path: '/', body, limit_seconds: LIMIT } }
}

export const scan: Kind = {
  at_once: 4,
  attempts: 6,
  needs_soon: ['preview'],

  prepare: async (job, deps) => {
    const version = await readVersion(deps, job)
    if (version?.state !== 'received') return { answer: { outcome: 'done', result: null } }
    return scanCall(job, deps, version)
  },

  projects: (job) => [VersionJob.parse(job.data).project_id],

  apply: async (session, job, answer, acts) => {
    if (answer.outcome !== 'done' || answer.result === null) return
    const version = await lockVersion(session, job)
    if (!version) return
    const found = ScanFound.parse(answer.result)
    await carryOut(session, job, version, afterScan(version, found), acts)
  },

  give_up: async (session, job, reason, acts) => {
    const version = await lockVersion(session, job)
    if (version) await carryOut(session, job, version, afterScanGaveUp(version, reason), acts)
  }
}
