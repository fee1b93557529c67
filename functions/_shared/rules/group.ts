/** Who may change groups. Pure. */
import type { StaffRole } from '../contract/person.ts'

/**
 * Who is in a group has what is granted to it. So staff change only groups whose grants they all manage, and nobody, not
 * even an administrator, lets themselves into a group that was given more: no role opens a document by itself.
 */
export function mayChangeGroup(facts: {
  role: StaffRole | null
  /** The changer manages everything that is granted to the group and the groups around it. */
  within_reach: boolean
  /** Would the changer themselves get in by it? */
  lets_self_in: boolean
}): boolean {
  if (facts.role !== 'administrator' && facts.role !== 'staff') return false
  if (facts.within_reach) return true
  return facts.role === 'administrator' && !facts.lets_self_in
}
