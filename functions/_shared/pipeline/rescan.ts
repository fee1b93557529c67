/** rescan: a version that was let through is scanned again, because the scanner knows more by now. */
import { ScanFound } from '../contract/job.ts'
import { afterRescan } from '../rules/version.ts'
import { noticeIncident } from './incident.ts'
import type { Job, Kind } from './kind.ts'
import { scanCall } from './scan.ts'
import { VersionJob, carryOut, lockVersion, readVersion, withSameContent } from './version-row.ts'

export const rescan: Kind = {
  // One at a time: what arrives now shall not wait for what has been here for long.
  at_once: 1,
  attempts: 3,

  prepare: async (job, deps) => {
    const version = await readVersion(deps, job)
    return version && version.state !== 'held'
      ? scanCall(job, deps, version)
      : { answer: { outcome: 'done', result: null } }
  },

  projects: (job) => [VersionJob.parse(job.data).project_id],

  apply: async (session, job, answer, acts) => {
    if (answer.outcome !== 'done' || answer.result === null) return
    const version = await lockVersion(session, job)
    if (!version) return
    const found = ScanFound.parse(answer.result)
    if (version.sha256 !== null && version.sha256 !== found.sha256) {
      const { id: version_id, project_id, document_id } = version
      return noticeIncident(session, acts, 'content_changed', { version_id }, { project_id, document_id })
    }
    const plan = afterRescan(version, found)
    // Released unread, because its first scan had been given up: this is the first one that read it.
    const read = version.sha256 === null && { sha256: found.sha256, detected_type: found.detected_type }
    await carryOut(session, job, version, { ...plan, change: { ...plan.change, ...read } }, acts)
    if (found.scan_result !== 'infected') return
    for (const copy of await withSameContent(session, version.id, found.sha256)) {
      const about: Job = { ...job, data: copy }
      const other = await lockVersion(session, about)
      if (other) await carryOut(session, about, other, afterRescan(other, found), acts)
    }
  },

  // It stays as the scan before left it.
  give_up: async () => undefined
}
