/**
 * The kill test: writers keep their own ledger while kill -9 hits one part after the other; at the end ledger = store =
 * database, and every acknowledged upload is ready once, with its acts. Then each of the three ways on its own.
 *
 *   node tests/deep/kill.test.ts [--uploads 300] [--kills 18] [--writers 16] [--seed 1]
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { differences, gaps, secondVersions } from './kill/compare.ts'
import { type Installation, type Victim, VICTIMS, lookInside } from './kill/installation.ts'
import { type Entry, type Errand, type Way, write } from './kill/writers.ts'

const { values } = parseArgs({
  strict: false,
  options: {
    uploads: { type: 'string', default: '300' },
    kills: { type: 'string', default: '18' },
    writers: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' }
  }
})
const uploads = Number(values.uploads)
const kills = Number(values.kills)
const writers = Number(values.writers)
const seed = Number(values.seed)

/** Milliseconds between two kills, and that all may take to come to rest after the last one. */
const BETWEEN = 1_500
const REST = 300_000

/** For each way on its own: fewer files, and the parts that make events get lost hit more often. */
const part: { count: number; hits: number; victims: Victim[] } = {
  count: Math.ceil(uploads / 2),
  hits: Math.ceil(kills / 2),
  victims: ['minio', 'connector', 'intake', 'minio', 'postgres', 'scan']
}

const everything: Entry[] = []
const figures: string[] = []
let stack: Stack
let inside: Installation
let errands: Errand[]

before(async () => {
  stack = await startStack()
  inside = await lookInside(stack)
  errands = await Promise.all(
    [
      ['Petra', 'Jahresabschluss'],
      ['Jonas', 'Jahresabschluss'],
      ['Elin', 'Markenanmeldung']
    ].map(([name = '', project = '']) => errandOf(name, project))
  )
})

after(async () => {
  const seconds = await secondVersions(inside).catch(() => [])
  figures.push(`${seconds.length} second versions taken by the store, each noticed`)
  await inside?.close()
  await stack?.stop()
  process.stdout.write(`kill test: ${figures.join('; ')}\n`)
})

async function errandOf(name: string, project: string): Promise<Errand> {
  const client = new ApiClient(stack.origin)
  await client.signIn(stack.person(name))
  const { items } = await client.call<{ items: { id: string; name: string }[] }>('GET', '/documents/projects')
  const found = items.find((one) => one.name.includes(project))
  if (!found) throw new Error(`${name} does not see ${project}`)
  return { client, folder_id: found.id, project_id: found.id }
}

/** Writes and kills at the same time, then waits until all is at rest. */
async function round(
  name: string,
  ways: Way[],
  { count, hits, victims }: { count: number; hits: number; victims: Victim[] }
): Promise<Entry[]> {
  const ledger: Entry[] = []
  const started = performance.now()
  const killed: Record<string, number> = {}
  const killer = async () => {
    for (let i = 0; i < hits; i += 1) {
      await wait(BETWEEN)
      const victim = victims[i % victims.length]
      if (victim && (await inside.kill(victim))) killed[victim] = (killed[victim] ?? 0) + 1
    }
  }
  const seconds_of_writing = ((hits + 1) * BETWEEN) / 1_000
  await Promise.all([
    write(inside, errands, { count, seconds: seconds_of_writing, writers, ways, seed, ledger }),
    killer()
  ])
  everything.push(...ledger)
  await atRest()
  const acknowledged = ledger.filter((entry) => entry.acknowledged).length
  const hitsText = Object.entries(killed)
    .map(([victim, times]) => `${victim} ${times}`)
    .join(', ')
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  figures.push(
    `${name}: ${acknowledged} of ${ledger.length} acknowledged, killed ${hitsText || 'nothing'}, ${seconds} s`
  )
  return ledger
}

/** No job waits or runs, but for the clock's. */
async function atRest(): Promise<void> {
  for (const end = Date.now() + REST; Date.now() < end; await wait(300)) {
    const open = await inside
      .query(`select from job where state in ('ready', 'active') and kind not in ('clock', 'notify') limit 1`)
      .catch(() => [null])
    if (open.length === 0) return
  }
  throw new Error('the pipeline did not come to rest')
}

/** The store has told all it still knows. */
async function eventsDrained(): Promise<void> {
  const queue = join(stack.data, 'store', 'events')
  const waiting = () =>
    existsSync(queue)
      ? readdirSync(queue, { recursive: true }).filter((f) => String(f).endsWith('.event')).length
      : 0
  for (const end = Date.now() + REST; waiting() > 0 && Date.now() < end;) await wait(300)
  await wait(3_000)
  await atRest()
}

/** Reconciliation once, to its end. */
async function reconcile(): Promise<void> {
  await inside.reconcileAgain()
  for (const end = Date.now() + REST; Date.now() < end; await wait(200)) {
    const open = await inside.query(
      `select from job where kind = 'clock' and unique_key like 'reconcile%' and state in ('ready', 'active')`
    )
    if (open.length === 0) return atRest()
  }
  throw new Error('reconciliation did not end')
}

const nothingIsWrong = async (): Promise<void> => {
  const wrong = await differences(inside, everything)
  if (wrong.length > 0) process.stdout.write(`${wrong.slice(0, 10).join('\n')}\n`)
  assert.deepEqual(wrong.slice(0, 20), [], `${wrong.length} differences`)
}

test('all three ways together, with kill -9 on each part in turn: ledger = store = database', async () => {
  await round('all', ['completed', 'completed', 'completed', 'put', 'drop'], {
    count: uploads,
    hits: kills,
    victims: VICTIMS
  })
  await eventsDrained()
  await reconcile()
  await nothingIsWrong()
})

test('API completion alone loses nothing', async (t) => {
  t.after(() => inside.hear())
  await inside.deafen()
  await inside.stopReconciling()
  await round('API alone', ['completed'], part)
  const lost = await gaps(inside, everything)
  assert.deepEqual(lost, [])
  await inside.hear()
  await reconcile()
  await eventsDrained()
  await nothingIsWrong()
})

test('reconciliation alone loses nothing', async (t) => {
  t.after(() => inside.hear())
  await inside.deafen()
  await round('reconciliation alone', ['put', 'put', 'drop'], part)
  await reconcile()
  assert.deepEqual(await gaps(inside, everything), [])
  await nothingIsWrong()
  await inside.hear()
  await eventsDrained()
  await nothingIsWrong()
})

test('events alone leave gaps, and one reconciliation closes them', async () => {
  await inside.stopReconciling()
  const ledger = await round('events alone', ['put', 'put', 'drop'], part)
  await eventsDrained()
  const lost = await gaps(inside, ledger)
  figures.push(`events alone lost ${lost.length} of ${ledger.length}`)
  await reconcile()
  assert.deepEqual(await gaps(inside, everything), [])
  await nothingIsWrong()
})
