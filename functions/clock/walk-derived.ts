/** Files made of originals: what a page names and the store has not is drawn again; what no page names is counted. */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import { row, rows } from '../_shared/db/database.ts'
import { ARCHIVES, DERIVED } from '../_shared/storage/buckets.ts'
import { listVersions } from '../_shared/storage/versions.ts'
import { database, store } from './context.ts'
import { boundOf } from './id-bound.ts'
import { MOST, Undrawn, drawAgain, walkSql } from './walk-sql.ts'
import type { After, Page } from './walk.ts'

export async function derivedPage(after: After): Promise<Page> {
  const listed = await listVersions(store(), DERIVED, { after: after.key === '' ? null : after })
  const keys = listed.versions.map((one) => one.key)
  const end = listed.next?.key ?? null
  const [low, high] = [boundOf(after.key, '0'), end === null ? boundOf('', 'f') : boundOf(end, 'f')]
  const undrawn = await rows(database.pool, walkSql('undrawn'), [low, high, after.key, end, keys], Undrawn)
  const again = undrawn.slice(0, MOST)
  const cut = undrawn.length > MOST ? `${again.at(-1)?.id}/~` : null
  // What is ordered as a ZIP has an act of the clock's own (archives.ts).
  const files = keys.filter((key) => !key.startsWith(ARCHIVES) && (cut === null || key <= cut))
  return {
    next: cut === null ? listed.next : { key: cut, object_version_id: null },
    write: async (session) => {
      await drawAgain(session, again)
      const values = [files, files.map((key) => Id.safeParse(key.split('/')[0]).data ?? null)]
      const left = await row(session, walkSql('leftovers'), values, z.object({ n: z.int() }))
      return {
        tally: { objects: files.length, redrawn: again.length, leftovers: left?.n ?? 0 },
        findings: []
      }
    }
  }
}
