/** How long a link lasts, and what it says to somebody who holds its secret. Pure. */

const DAY = 86_400_000

/** Days that a link lasts when its maker says nothing. */
const DEFAULT_DAYS = 14

/** The end of a new link; null when the wish lies in the past or beyond what the firm allows. */
export function endOfLink(wish: string | null, max_days: number, now: Date): Date | null {
  const latest = now.getTime() + max_days * DAY
  if (wish === null) return new Date(Math.min(latest, now.getTime() + DEFAULT_DAYS * DAY))
  const end = Date.parse(wish)
  return end > now.getTime() && end <= latest ? new Date(end) : null
}

export type LinkFacts = {
  valid_until: string
  revoked_at: string | null
  opens: number
  max_opens: number | null
}

/** What became of a link: revoking outweighs all, an end outweighs a count. */
export function stateOfLink(link: LinkFacts, now: Date): 'open' | 'used_up' | 'expired' | 'revoked' {
  if (link.revoked_at !== null) return 'revoked'
  if (Date.parse(link.valid_until) <= now.getTime()) return 'expired'
  return link.max_opens !== null && link.opens >= link.max_opens ? 'used_up' : 'open'
}
