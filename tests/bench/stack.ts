/** Start to ready when installed, and the memory (PSS) of the whole stack when nobody does anything: two minutes, second by second. */
import { setTimeout as wait } from 'node:timers/promises'
import { weightOf } from '../support/memory.ts'
import { startStack } from '../support/stack.ts'
import { type Row, printRows } from './row.ts'

/** Milliseconds until functions that nobody calls have ended (the longest portico.idle of stack.yml), and a little. */
const REST = 330_000
/** Seconds over which it is weighed, once in each: the clock comes by every minute. */
const WEIGHED = 120

/** Starts once to make the data, then measures the second start and what it weighs at rest. */
export async function run(): Promise<Row[]> {
  if (process.platform !== 'linux') return []
  const first = await startStack({ keep: true })
  await first.stop()
  const started = performance.now()
  const stack = await startStack({ data: first.data })
  const seconds = (performance.now() - started) / 1_000
  try {
    await wait(REST)
    const weights: number[] = []
    for (let second = 0; second < WEIGHED; second += 1) {
      await wait(1_000)
      weights.push(weightOf(stack.process.pid ?? 0) / 1e6)
    }
    weights.sort((a, b) => a - b)
    const [middle = 0, most = 0] = [weights[WEIGHED / 2], weights.at(-1)]
    return [
      {
        what: 'start to ready, installed',
        figure: `${seconds.toFixed(1)} s`,
        must: '8 s',
        aim: '4 s',
        holds: seconds <= 8
      },
      {
        what: 'whole stack idle, PSS',
        figure: `median ${middle.toFixed(0)} MB, most ${most.toFixed(0)} MB`,
        must: '550 MB',
        aim: '400 MB',
        holds: most <= 550
      }
    ]
  } finally {
    await stack.stop()
  }
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}
