/** What the access rule expects of an answer, and what an answer must not show: for the API's routes and for pages. */
import type { Seeds } from '../functions.ts'
import { type Ask, MANAGED, REACHED, type Rule } from './asks.ts'
import {
  MARK,
  PERSON_MARK,
  PLACES,
  type Place,
  type Role,
  type World,
  isReached,
  isManaged,
  knownOf,
  levelOf,
  seenOf,
  standsIn
} from './world.ts'

/** The statuses that fit; 'well' stands for every answer that refuses nothing. */
export type Expected = (number | 'well')[]

export type Question = {
  stage: Seeds
  world: World
  rule: Rule
  ask: Ask
  role: Role
  place: Place
  owner: string | null
}

/** Who is let in at all. */
export const isIn = (role: Role) =>
  role.person_id !== null && !['half signed in', 'closed account'].includes(role.name)

/** Where one is let in or oneself is meant, the question is the same at every place. */
export const placesOf = (rule: Rule): readonly Place[] =>
  ['everybody', 'half', 'signed in'].includes(rule.for) ? ['own'] : PLACES

export async function expected(question: Question): Promise<Expected> {
  const { stage, world, rule, ask, role, place, owner } = question
  if (rule.for === 'everybody') return rule.refuses ?? ['well']
  if (rule.for === 'visitor') return role.name === 'visitor' ? held(question) : [401]
  if (rule.for === 'half')
    return role.name === 'half signed in' ? ['well', 401, 403, 409, 422, 429] : isIn(role) ? [409] : [401]
  if (role.name === 'half signed in') return 'half' in rule && rule.half ? ['well'] : [401, 403]
  if (!isIn(role)) return [401]
  if (rule.for === 'signed in') return ['well']
  if (rule.for === 'asked') return (await rule.allows({ stage, world, place, role })) ? ['well'] : [403, 404]
  if (rule.for === 'roles') return rule.roles.includes(role.staff_role) ? ['well'] : [403, 404]
  if (rule.for === 'things') return rule.or?.includes(role.staff_role) ? ['well'] : held(question)
  if (rule.for === 'link') {
    const { project } = world.places[place]
    if (role.person_id !== world.maker && !(await standsIn(stage, role, world.maker, project)))
      return managed(question)
    return rule.opens && (await held(question, true))[0] !== 'well' ? [403] : ['well']
  }
  if (owner !== role.person_id) return rule.or?.includes(role.staff_role) ? ['well'] : [404, 403]
  return ask.things ? held(question) : ['well']
}

/** The lowest answer decides: what one cannot see at all is not there, what one may not do is refused. */
async function held({ stage, ask, role }: Question, unseen = ask.unseen): Promise<Expected> {
  let refused = false
  for (const [id, level] of ask.things ?? []) {
    const has = await levelOf(stage, role, id)
    if (level === MANAGED && (await isManaged(stage, role, id))) continue
    if (level === REACHED ? !(await isReached(stage, role, id)) : has === 0) return [404]
    if (has < level) refused = true
  }
  if (refused) return unseen ? [404, 403] : [403]
  return ask.also === false ? [403, 404] : ['well']
}

/** Somebody else's link: for whoever manages what it shares. */
async function managed(question: Question): Promise<Expected> {
  const answer = await held(question, true)
  return answer[0] === 'well' ? ['well', 403, 404] : answer
}

export const fits = (status: number, want: Expected, business: number[] = []): boolean =>
  want.includes(status) || (want.includes('well') && (status < 400 || business.includes(status)))

const marked = (text: string, mark: RegExp) => [
  ...new Set([...text.matchAll(mark)].map(([, id]) => id ?? ''))
]

/** What an answer shows although whoever asked may not know of it: things, people, clients. */
export async function leaked(stage: Seeds, text: string, role: Role): Promise<string[]> {
  const asks = isIn(role) || role.name === 'visitor'
  const found: string[] = []
  const things = marked(text, MARK)
  const seen = asks && things.length > 0 ? await seenOf(stage, role, things) : new Set<string>()
  for (const id of things)
    if (!seen.has(id) && !(asks && (await isReached(stage, role, id)))) found.push(`thing ${id}`)
  // Whoever is half in is greeted by name and client.
  const greeted = asks || role.name === 'half signed in'
  const others = marked(text, PERSON_MARK)
  const known = greeted && others.length > 0 ? await knownOf(stage, role, others) : new Set<string>()
  for (const id of others) if (!known.has(id)) found.push(`person or client ${id}`)
  return found
}
