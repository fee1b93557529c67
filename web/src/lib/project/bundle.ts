/** The log for reading: who looked at five pages of a document did one thing. Pure. */
import type { Activity } from '../contract.ts'

/** One line. `pages`: the pages that were looked at, when the line stands for that. */
export type Line = { act: Activity; pages: number | null }

const LOOKING = new Set(['document.viewed', 'page.viewed', 'text.viewed'])
/** Milliseconds: looks further apart than this are two visits. */
const VISIT = 30 * 60_000

/**
 * Joins neighbouring looks of one person at one document into one line, which stands at the latest of them.
 *
 * @param acts newest first
 */
export function bundle(acts: Activity[]): Line[] {
  const lines: (Line & { seen: Set<unknown>; oldest: number })[] = []
  for (const act of acts) {
    const at = Date.parse(act.at)
    const line = lines.at(-1)
    if (line && LOOKING.has(act.action) && sameVisit(line.act, act) && line.oldest - at < VISIT) {
      line.oldest = at
      see(line, act)
      continue
    }
    lines.push({ act, pages: null, seen: new Set(), oldest: at })
    see(lines.at(-1), act)
  }
  return lines.map(({ act, pages }) => ({ act, pages }))
}

function see(line: (Line & { seen: Set<unknown> }) | undefined, act: Activity): void {
  if (!line || act.action !== 'page.viewed') return
  line.seen.add(act.facts.page)
  line.pages = line.seen.size
}

const sameVisit = (a: Activity, b: Activity): boolean =>
  LOOKING.has(a.action) &&
  a.actor?.id === b.actor?.id &&
  a.document?.id !== undefined &&
  a.document.id === b.document?.id
