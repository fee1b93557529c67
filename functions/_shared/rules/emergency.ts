/** When glass may be broken. Pure. */
import { LEVELS, type Level, levelNumber } from '../contract/common.ts'

export const EMERGENCY_HOURS = 4

/**
 * Until when it is open, or why not.
 *
 * @param others administrators besides the one who asks: without one nobody would be told
 * @param held what they have anyway
 */
export function planEmergency(
  facts: { others: number; held: Level | null; asked: Level },
  now: Date
): { until: string } | { refused: 'no_second_administrator' | 'conflict' } {
  if (facts.others === 0) return { refused: 'no_second_administrator' }
  const held = levelNumber(facts.held ?? LEVELS[0])
  if (held >= levelNumber(facts.asked)) return { refused: 'conflict' }
  return { until: new Date(now.getTime() + EMERGENCY_HOURS * 3_600_000).toISOString() }
}
