/** What the store knows of an object that it told of. */
import { type ObjectHead, headObject } from '../storage/objects.ts'
import type { Deps, Job } from './kind.ts'

/** The attempt at which the store is believed that it has nothing there: some 15 seconds after the first one. */
const BELIEVED = 4

/**
 * Null when it is not there. A single "no" is not enough: a store that comes back, or heals, says that for a moment, and
 * what counts as missing is not looked for again.
 *
 * @throws while it is not believed: the job is tried again, and its attempt counts
 */
export async function seenHead(
  job: Job,
  deps: Deps,
  object: { bucket: string; key: string; object_version_id: string }
): Promise<ObjectHead | null> {
  const head = await headObject(deps.store, object.bucket, object.key, object.object_version_id)
  if (!head && job.attempt < BELIEVED) throw new Error('the store does not know it (yet)')
  return head
}
