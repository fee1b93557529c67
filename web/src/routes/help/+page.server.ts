import { topicsFor } from '#lib/help/topics.ts'
import { getLocale } from '#lib/paraglide/runtime.js'
import { helpText } from '#lib/server/help.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ parent }) => {
  const { reader } = await parent()
  const topics = topicsFor(reader).map((topic) => ({ topic, title: helpText(getLocale(), topic).title }))
  return { topics }
}
