import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = ({ locals, depends }) => {
  depends('portico:session')
  return { session: locals.session }
}
