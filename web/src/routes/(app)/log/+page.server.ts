import { error } from '@sveltejs/kit'
import { Activity, pageOf } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { choicesOf } from '#lib/server/choices.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'
import { narrowed } from './narrow.ts'

const Acts = pageOf(Activity)
const READERS = new Set<unknown>(['administrator', 'auditor'])

export const load: PageServerLoad = async (event) => {
  const session = event.locals.session
  if (!session || !READERS.has(session.person.staff_role)) error(404, problemText({ code: 'not_found' }))
  const filter = narrowed(event.url.searchParams, session.person.time_zone)
  const query = new URLSearchParams([...filter, ['limit', '100']])
  const cursor = event.url.searchParams.get('cursor')
  if (cursor) query.set('cursor', cursor)
  const [acts, people, projects] = await Promise.all([
    read(event, `/audit/activity?${query}`, Acts),
    choicesOf(event, 'people', filter.get('person_id') ?? ''),
    choicesOf(event, 'projects', filter.get('project_id') ?? '')
  ])
  return {
    acts,
    people,
    projects,
    filter: filter.toString()
  }
}
