/** When a deputy's window is fine. Pure. */

const DAY = 86_400_000

/** Who is away for longer hands over. */
export const DEPUTY_DAYS = 366

/**
 * The window as it is kept. `from` null: from now on, as the database tells the time; so is a beginning that has been,
 * for what was done before one was named was no deputy's.
 */
export function deputyWindow(
  { from, until }: { from: string | null; until: string },
  now: Date
): { from: string | null; until: string } | { refused: 'past' | 'empty' | 'too_far' } {
  const begins = Math.max(now.getTime(), from === null ? 0 : Date.parse(from))
  const ends = Date.parse(until)
  if (ends <= now.getTime()) return { refused: 'past' }
  if (ends <= begins) return { refused: 'empty' }
  if (ends > begins + DEPUTY_DAYS * DAY) return { refused: 'too_far' }
  return {
    from: begins > now.getTime() ? new Date(begins).toISOString() : null,
    until: new Date(ends).toISOString()
  }
}

/**
 * Who is told that a deputy was named, besides whoever did it: the two whom it concerns and, where an administrator named
 * one for somebody else, the others who run the firm.
 */
export function toldOfDeputy(
  named: { by: string; absent: string; deputy: string },
  administrators: string[]
): { concerned: string[]; others: string[] } {
  const concerned = [named.absent, named.deputy].filter((id) => id !== named.by)
  const watching = named.by === named.absent ? [] : administrators
  return { concerned, others: watching.filter((id) => id !== named.by && !concerned.includes(id)) }
}
