/** What a comparison of rule and model asks with: worlds at moments, the model's answers, and how they are held together. */
import type pg from 'pg'
import * as model from './access-model.ts'
import type { TestedWorld } from './access-worlds.ts'

/** One world at one moment, with what a few of the questions are about. */
export type Ask = { world: TestedWorld; at: number; whos: string[]; one: string; thing: string; page: number }

/** The model's answers, each worked out once: it is plain, not fast. */
const known = new WeakMap<model.World, Map<string, number>>()
function once(rule: typeof model.level, world: model.World, id: string, thing: string, at: number): number {
  const answers = known.get(world) ?? new Map<string, number>()
  known.set(world, answers)
  const key = `${rule.name} ${id} ${thing} ${at}`
  const answer = answers.get(key) ?? rule(world, id, thing, at)
  answers.set(key, answer)
  return answer
}
export const level: typeof model.level = (...question) => once(model.level, ...question)
export const unlocked: typeof model.unlocked = (...question) => once(model.unlocked, ...question)

/** What documents of others have in a folder: level and level without locks; null of a document itself. */
export function others(world: model.World, id: string, place: string, at: number): [number, number] | null {
  if (model.thingOf(world, place).kind === 'document') return null
  const stranger = model.ofOthers(world, place)
  return [
    model.level(stranger.world, id, stranger.id, at),
    model.unlocked(stranger.world, id, stranger.id, at)
  ]
}

/** How much was compared, by question. */
export type Tally = Record<string, number>

/** The rule and the model disagree; the message holds the world. */
export class Disagreement extends Error {
  readonly question: string

  constructor(question: string, ask: Ask, got: unknown, want: unknown) {
    const infinite = (_: string, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
    const world = JSON.stringify({ ...ask, world: { ...ask.world, first: undefined } }, infinite, 1)
    super(
      `${question}: the database says ${JSON.stringify(got)}, the model ${JSON.stringify(want)}\n${world}`
    )
    this.question = question
  }
}

export const asksOf = (worlds: TestedWorld[]): Ask[] =>
  worlds.flatMap((world, i) =>
    world.at.map((at, j) => {
      const whos = [...world.people, ...world.links].map((one) => one.id)
      const n = i * 2 + j
      const pick = (list: { id: string }[]) => list[n % list.length]?.id ?? ''
      return {
        world,
        at,
        whos,
        one: whos[n % whos.length] ?? '',
        thing: pick(world.things),
        page: 1 + (n % 3)
      }
    })
  )

export type Questions = { client: pg.ClientBase; asks: Ask[]; param: string; tally: Tally }

/** One statement for the asks of one or both moments of each world: `q` has k, at, whos, things, nodes, projects, one, thing, page of each. */
export async function answers<T>(
  { client, asks, param }: Questions,
  select: string,
  moments: 'both' | 'first' | 'second' = 'both'
): Promise<{ ask: Ask; got: T }[]> {
  const result = await client.query<{ k: number; got: T }>(
    `select q.k, (${select}) as got from jsonb_to_recordset($1::jsonb) q(k int, at timestamptz, whos uuid[], things uuid[],
       nodes uuid[], projects uuid[], one uuid, thing uuid, page int)
      where q.k % 2 = $2 or $2 = 2`,
    [param, ['first', 'second', 'both'].indexOf(moments)]
  )
  return result.rows.map(({ k, got }) => {
    const ask = asks[k]
    if (!ask) throw new Error('an answer to no question')
    return { ask, got }
  })
}

/** Throws Disagreement unless both are the same JSON. */
export function agree(question: string, { tally }: Questions, ask: Ask, got: unknown, want: unknown): void {
  tally[question] = (tally[question] ?? 0) + 1
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Disagreement(question, ask, got, want)
}
