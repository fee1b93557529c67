/** The statements of the night's walk, and what several of its stages read and do. */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import { type Session, blocks, run } from '../_shared/db/database.ts'

export const walkSql = blocks<
  | 'begin'
  | 'open'
  | 'advance'
  | 'unmet'
  | 'noticed'
  | 'orphans'
  | 'orphan_drops'
  | 'leftovers'
  | 'undrawn'
  | 'versions_after'
  | 'half_drawn'
  | 'unwritten'
  | 'again'
>(new URL('./walk.sql', import.meta.url))

/** A statement that finds what is missing gives one more than this, so that a page stays small however much is gone. */
export const MOST = 100

/** A version whose pages have to be drawn again. */
export const Undrawn = z.object({ id: Id, project_id: Id, fairness_key: z.string() })
export type Undrawn = z.infer<typeof Undrawn>

export async function drawAgain(session: Session, versions: Undrawn[]): Promise<void> {
  for (const one of versions) await run(session, walkSql('again'), [one.id, one.project_id, one.fairness_key])
}
