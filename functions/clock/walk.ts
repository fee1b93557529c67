/**
 * The night's reconciliation: everything in the store against everything in the database, a page at a time. What is
 * missing is written or made again, what is too much or gone is reported, and nothing is ever deleted. A page's repairs,
 * what it found and where the next one begins are one transaction: whoever is killed, another process goes on there.
 */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, row, run } from '../_shared/db/database.ts'
import { type Slice, database, sql } from './context.ts'
import { actsPage } from './walk-acts.ts'
import { derivedPage } from './walk-derived.ts'
import { documentsPage, dropsPage } from './walk-objects.ts'
import { walkSql } from './walk-sql.ts'

/** What a page did and found, by the columns of `reconciliation`. */
export type Tally = Partial<
  Record<
    | 'objects'
    | 'versions'
    | 'inbox_rows'
    | 'redrawn'
    | 'acts'
    | 'dangling'
    | 'orphans'
    | 'drops'
    | 'leftovers',
    number
  >
>
/** Something that is reported only. */
export type Finding = { kind: 'dangling' | 'orphan' | 'drop'; key: string; document_id: string | null }

/** After which key, and after which of its versions, a page begins. */
export type After = { key: string; object_version_id: string | null }

export type Page = {
  /** Null: the stage is at its end. */
  next: After | null
  /** Carries out what was planned, in the transaction that remembers the place. */
  write: (session: Session, acts: Act[]) => Promise<{ tally: Tally; findings: Finding[] }>
}

const STAGES = ['documents', 'drops', 'derived', 'acts'] as const
const PAGES: Record<(typeof STAGES)[number], (after: After) => Promise<Page>> = {
  documents: documentsPage,
  drops: dropsPage,
  derived: derivedPage,
  acts: actsPage
}

const Place = z.object({
  stage: z.enum(STAGES),
  key: z.string(),
  object_version_id: z.string().nullable()
})
type Place = z.infer<typeof Place>

const BEGINNING: Place = { stage: 'documents', key: '', object_version_id: null }

const Walk = z.object({ id: Id, begun_at: z.string(), place: Place })
type Walk = z.infer<typeof Walk>

const Sum = z.object({
  inbox_rows: z.int(),
  redrawn: z.int(),
  acts: z.int(),
  dangling: z.int(),
  orphans: z.int(),
  drops: z.int(),
  leftovers: z.int()
})

/**
 * Walks on from where the last call, or one that was killed, has come to, until the end or until the time is up; at the
 * end of one walk the next call begins a new one.
 */
export async function walk(timeIsUp: () => boolean): Promise<Slice<Place>> {
  await run(database.pool, walkSql('begin'), [JSON.stringify(BEGINNING)])
  const open = await row(database.pool, walkSql('open'), [], Walk)
  let found = 0
  for (let place = open?.place ?? null; open && place !== null;) {
    const page: Page = await PAGES[place.stage](place)
    const next = placeAfter(place, page.next)
    found += await turn(open, place, next, page)
    place = next
    if (place !== null && timeIsUp()) return { found, cursor: place }
  }
  return { found, cursor: null }
}

function placeAfter({ stage }: Place, next: After | null): Place | null {
  if (next) return { stage, ...next }
  const following = STAGES[STAGES.indexOf(stage) + 1]
  return following ? { ...BEGINNING, stage: following } : null
}

/** One page; how much it repaired. */
function turn(open: Walk, place: Place, next: Place | null, page: Page): Promise<number> {
  return database.transaction([], async (session, acts) => {
    const { tally, findings } = await page.write(session, acts)
    const values = [open.id, place, next, tally, findings].map((value) =>
      typeof value === 'string' || value === null ? value : JSON.stringify(value)
    )
    const sum = await row(session, walkSql('advance'), values, Sum)
    if (!sum) throw new Error('another walk has gone on from here')
    if (next === null) {
      await run(session, sql('set_mark'), ['reconciled', open.begun_at])
      if (Object.values(sum).some((count) => count > 0))
        acts.push({ action: 'reconciliation.ended', actor_id: null, subject_id: open.id, facts: sum })
    }
    return (tally.inbox_rows ?? 0) + (tally.redrawn ?? 0) + (tally.acts ?? 0)
  })
}
