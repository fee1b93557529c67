/** Versions that wait for a job that is not there any more get it again. */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import { VersionState } from '../_shared/contract/document.ts'
import { rows, run } from '../_shared/db/database.ts'
import { database, sql } from './context.ts'

const Stuck = z.object({ id: Id, project_id: Id, state: VersionState, fairness_key: z.string() })

/** Up to 1,000 a call; how many there were. */
export async function wakeStuck(): Promise<number> {
  const stuck = await rows(database.pool, sql('stuck'), [], Stuck)
  for (const version of stuck)
    await run(database.pool, sql('again'), [
      version.state === 'received' ? 'scan' : 'preview',
      { version_id: version.id, project_id: version.project_id },
      version.fairness_key,
      version.id
    ])
  return stuck.length
}
