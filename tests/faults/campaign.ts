/**
 * `npm run test:faults`: writers with their own ledger against the whole portal, while its parts are killed, their
 * connections cut and slowed, the store's queue and the disk are full and a fifth of all events come twice and in any
 * order. Each way by which bytes become known on its own, and all together; at the end ledger = store = database.
 *
 *   npm run test:faults [-- --small | --uploads 20000 --kills 50] [--seed 1]
 *
 * `--kills`: how often each of the five parts. The last line is `N uploads, N kills, 0 lost, 0 twice`; the exit code is 0
 * only if nothing at all was wrong. Linux: parts are found by /proc.
 */
import { parseArgs } from 'node:util'
import { type Difference, differences, secondVersions } from './compare.ts'
import { PHASES } from './phases.ts'
import { openRun } from './run.ts'
import { openStage } from './stage.ts'
import { givenUp } from './writers.ts'

const { values } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    uploads: { type: 'string' },
    kills: { type: 'string' },
    seed: { type: 'string', default: '1' }
  }
})
const { small } = values
const wish = {
  uploads: Number(values.uploads ?? (small ? 240 : 20_000)),
  kills: Number(values.kills ?? (small ? 5 : 50)),
  seed: Number(values.seed),
  /** Milliseconds from one kill to the next: a part that dies again within half a minute is started ever later. */
  between: small ? 1_500 : 5_000,
  /** Seconds: that a phase may write, that all may take to come to rest, that the disk stays full. */
  limit: small ? 75 : 2_400,
  rest: small ? 120 : 1_800,
  full: small ? 12 : 60
}
const MEGABYTES = small ? 3_000 : 16_000

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const closers: (() => unknown)[] = []

let closing: Promise<void> | undefined
/** Everything that was begun, the last first; once. */
function close(): Promise<void> {
  closing ??= (async () => {
    for (let one = closers.pop(); one; one = closers.pop())
      await Promise.resolve(one()).catch((error: unknown) => say(`not undone: ${String(error)}`))
  })()
  return closing
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    say('Ending …')
    void close().then(() => process.exit(130))
  })

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

async function main(): Promise<boolean> {
  const started = performance.now()
  const stage = await openStage(MEGABYTES, wish.seed, closers)
  const skipped = missing(stage)
  for (const one of skipped) say(one)
  const run = openRun(stage, wish, say)
  let broken: string | null = null
  let wrong: Difference[] = []
  try {
    for (const phase of PHASES) await phase(run)
  } catch (error) {
    broken = textOf(error)
  }
  try {
    wrong = await differences(stage.inside, stage.ledger.read(), stage.before)
  } catch (error) {
    wrong = [{ what: 'lost', text: `not compared, so nothing is known: ${textOf(error)}` }]
  }
  const { told, repeated } = stage.echo.figures()
  const seconds = await secondVersions(stage.inside).catch(() => [])
  say(`killed: ${run.killedText()}; cut: ${run.cutText()}`)
  say(
    `${told} events heard, ${repeated} of them twice; ${seconds.length} second versions taken by the store, each noticed`
  )
  for (const [why, times] of givenUp) say(`given up after a minute and a half, ${times} times: ${why}`)
  if (broken) say(broken)
  const { exitCode, signalCode } = stage.stack.process
  if (exitCode !== null || signalCode !== null) say(`the portal itself ended:\n${stage.stack.said()}`)
  for (const { what, text } of wrong.slice(0, 40)) say(`${what}: ${text}`)
  const count = (what: Difference['what']) => wrong.filter((one) => one.what === what).length
  const { entries, trash } = stage.ledger.read()
  const acknowledged = entries.filter((entry) => entry.acknowledged).length
  const versions = entries.filter((entry) => entry.of_document_id !== null).length
  say(
    `${acknowledged} of ${entries.length} uploads acknowledged, ${versions} of them new versions; ${trash.size} thrown away; ` +
      `${count('silent')} silent dead letters, ${count('other')} others wrong; ${((performance.now() - started) / 1000).toFixed(0)} s`
  )
  await close()
  say(`${entries.length} uploads, ${run.kills()} kills, ${count('lost')} lost, ${count('twice')} twice`)
  return !broken && wrong.length === 0 && !(process.env.CI === 'true' && skipped.length > 0)
}

/** What this machine does not allow, a line each. */
function missing({ disk, proxy }: Awaited<ReturnType<typeof openStage>>): string[] {
  return [
    ...(disk ? [] : ['skipped: full queue and full disk, this machine or its user may not mount']),
    ...(proxy ? [] : ['skipped: cut connections, there is no toxiproxy and no Go to build it'])
  ]
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  say(textOf(error))
  process.exitCode = 1
}
await close()
