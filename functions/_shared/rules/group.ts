/** Who may change groups. Pure. */
import type { StaffRole } from '../contract/person.ts'

/**
 * Who is in a group has what is granted to it, and what is denied to it not. So staff change only groups on all of whose
 * things they manage, and nobody, not even an administrator, lets themselves into a group that was given more, or out of
 * one that something is kept from: no role opens a document by itself.
 */
export function mayChangeGroup(facts: {
  role: StaffRole | null
  /** The changer manages everything that is granted or denied to the group and the groups around it. */
  within_reach: boolean
  /** Would the changer themselves get in by it? */
  lets_self_in: boolean
  /** Would the changer themselves get out of a deny by it? */
  lets_self_out: boolean
}): boolean {
  if (facts.role !== 'administrator' && facts.role !== 'staff') return false
  if (facts.within_reach) return true
  return facts.role === 'administrator' && !facts.lets_self_in && !facts.lets_self_out
}
