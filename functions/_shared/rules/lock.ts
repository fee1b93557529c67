/** When a lock begins, and who is told at once. Pure. */
import type { NewLock } from '../contract/lock.ts'

const DAY = 86_400_000

export type LockPlan = {
  /** When it begins; one that counts from each document's own day does not act before. */
  from: Date
  /** Whom it concerns is told now: it comes within its days of notice, and the clock looks once an hour. */
  told_now: boolean
}

/** A date is somebody's choice and holds, however near; what counts waits until it was announced. */
export function lockPlan(wish: Pick<NewLock, 'at' | 'notice_days'>, now: Date): LockPlan {
  const notice = wish.notice_days * DAY
  if (wish.at === null) return { from: new Date(now.getTime() + notice), told_now: false }
  const from = new Date(Math.max(now.getTime(), Date.parse(wish.at)))
  return { from, told_now: wish.notice_days > 0 && from.getTime() - now.getTime() <= notice }
}
