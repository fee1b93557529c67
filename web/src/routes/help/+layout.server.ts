import type { LayoutServerLoad } from './$types'

/** Help stands while the portal is away: it is asked for then, too. */
export const load: LayoutServerLoad = ({ locals }) => {
  const session = locals.session
  const reader = session?.next !== 'done' ? 'nobody' : session.person.staff_role ? 'staff' : 'client'
  return { reader } as const
}
