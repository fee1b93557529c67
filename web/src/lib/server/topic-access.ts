/** May this person hear of a topic? Asked of the API, which asks the access rule: the web decides nothing itself. */
import type { RequestEvent } from '@sveltejs/kit'
import { send } from './gateway.ts'

export type TopicAnswer = 'yes' | 'no' | 'away'

/** 'away': the API could not say; whoever asks keeps silent until it can. */
export async function mayHear(event: RequestEvent, topic: string): Promise<TopicAnswer> {
  const [kind, id] = topic.split(':')
  if (kind === 'person' && event.locals.session?.person.id !== id) return 'no'
  const path = kind === 'person' ? '/auth/session' : `/documents/projects/${id}`
  const answer = await send(event, 'GET', path as `/${string}`)
  if (answer.ok) return 'yes'
  return answer.problem.status >= 500 || answer.problem.status === 429 ? 'away' : 'no'
}
