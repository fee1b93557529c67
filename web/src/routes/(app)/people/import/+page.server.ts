import { error } from '@sveltejs/kit'
import { problemText } from '#lib/problem.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = ({ locals }) => {
  if (locals.session?.person.staff_role !== 'administrator') error(404, problemText({ code: 'not_found' }))
}
