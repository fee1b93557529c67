import { MAX_QUERY, SearchHit, pageOf } from '#lib/contract.ts'
import { give, send } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

type Found = { items: SearchHit[]; next: string | null }
/** Why there is no answer; the words typed so far stay. */
type Trouble = 'no_words' | 'too_long' | 'failed' | null

const NOTHING: Found = { items: [], next: null }

export const load: PageServerLoad = async (event) => {
  const { searchParams } = event.url
  const q = (searchParams.get('q') ?? '').trim()
  const { projects } = await event.parent()
  const project = projects.chosen?.id ?? ''
  const answer = (found: Found, trouble: Trouble = null) => ({ q, project, found, trouble, most: MAX_QUERY })

  if (q === '') return answer(NOTHING)
  if (q.length > MAX_QUERY) return answer(NOTHING, 'too_long')
  const asked = new URLSearchParams({ q })
  if (project) asked.set('project', project)
  const cursor = searchParams.get('cursor')
  if (cursor) asked.set('cursor', cursor)
  const result = await send(event, 'GET', `/documents/search?${asked}`, undefined, pageOf(SearchHit))
  if (result.ok) return answer(result.data)
  if (result.problem.status === 401) give(event, result.problem)
  return answer(NOTHING, result.problem.status === 422 ? 'no_words' : 'failed')
}
