import { error } from '@sveltejs/kit'
import { isTopic } from '#lib/help/topics.ts'
import { getLocale } from '#lib/paraglide/runtime.js'
import { problemText } from '#lib/problem.ts'
import { helpText } from '#lib/server/help.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = ({ params }) => {
  if (!isTopic(params.topic)) error(404, { message: problemText({ code: 'not_found' }) })
  return { text: helpText(getLocale(), params.topic) }
}
