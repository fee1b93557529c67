/** Presigned URLs of exactly one job's input and outputs, and a look at what arrived. */
import type { JobInput, OutputSlot } from '../contract/job.ts'
import { DERIVED, DOCUMENTS } from '../storage/buckets.ts'
import { listKeys } from '../storage/objects.ts'
import type { Deps } from './kind.ts'
import type { VersionRow } from './version-row.ts'

/** Seconds that a job's URLs outlive its call: the last page may be written at the last moment. */
const GRACE = 30

/** A version as a function gets to see it: one object, one version of it, for as long as the call may take. */
export async function presignInput(deps: Deps, version: VersionRow, seconds: number): Promise<JobInput> {
  return {
    url: await deps.signer.get({
      bucket: DOCUMENTS,
      key: version.object_key,
      version_id: version.object_version_id,
      seconds: seconds + GRACE
    }),
    size: version.size,
    name: version.name,
    declared_type: version.declared_type
  }
}

/** Places for a call's outputs in the derived bucket. */
export async function presignOutputs(
  deps: Deps,
  wanted: Omit<OutputSlot, 'url'>[],
  seconds: number
): Promise<OutputSlot[]> {
  return Promise.all(
    wanted.map(async (slot) => ({
      ...slot,
      url: await deps.signer.put({ bucket: DERIVED, key: slot.key, seconds: seconds + GRACE })
    }))
  )
}

/** What has arrived below a prefix of the derived bucket. */
export const arrivedKeys = (deps: Deps, prefix: string): Promise<Set<string>> =>
  listKeys(deps.store, DERIVED, prefix)
