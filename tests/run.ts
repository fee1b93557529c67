/**
 * `npm test` and `npm run test:deep`: runs the test files in parallel where they can, prints every failure and, last,
 * the line `N passed, N failed`. What needs a program that is not there skips in one line; with CI=true that fails.
 *
 *   node tests/run.ts [--deep] [--only PATTERN] [--worlds N]
 */
import { statSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { NoStore, findStore } from '../infra/minio/find.ts'
import { offerDatabase } from './support/database.ts'
import { type Counts, runFile } from './support/run-file.ts'
import { offerDemo } from './support/stack.ts'

const { values } = parseArgs({
  options: { deep: { type: 'boolean', default: false }, only: { type: 'string' }, worlds: { type: 'string' } }
})
// How many random worlds the access rule is held against.
if (values.worlds) process.env.PORTICO_WORLDS = values.worlds
// Two hundred processes load the same modules: what one has compiled, the next one takes.
process.env.NODE_COMPILE_CACHE ??= join(process.cwd(), 'node_modules/.cache/portico-tests')

type Suite = {
  pattern: string
  /** What all files of the suite need, made once; its answer takes it away. */
  offer?: () => Promise<() => unknown>
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

let looked: Promise<void> | undefined
/** The object store's program, built where there is none: minutes, once on a machine. Without one tests skip in one line. */
const ensureStore = (): Promise<void> =>
  (looked ??= findStore(say).then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof NoStore)) throw error
      say(error.message)
    }
  ))

const SUITES: Suite[] = values.deep
  ? [{ pattern: 'tests/deep/**/*.test.ts' }]
  : [
      { pattern: 'tests/{unit,vectors}/**/*.test.ts' },
      { pattern: 'tests/{db,functions}/**/*.test.ts', offer: () => ensureStore().then(offerDatabase) },
      { pattern: 'tests/{e2e,faults}/**/*.test.ts', offer: () => ensureStore().then(offerDemo) }
    ]

/** Files at once, of whichever suite: on two cores, two whole stacks with their browsers leave nothing idle. */
const AT_ONCE = values.deep ? 1 : 2
/** Milliseconds after which a file of `npm test` hangs. */
const LONGEST_MS = values.deep ? undefined : 12 * 60_000
/** Seconds from which a file is named for how long it took. */
const SLOW = 30
const named = (...names: string[]): string[] => names.map((name) => `tests/${name}.test.ts`)
/**
 * Files that wait for most of their time, for outages, deadlines and back-offs: one of them goes on beside the others. A
 * third one of those that work would make all of them late.
 */
const WAIT = named(
  ...['faults/small', 'e2e/sending', 'functions/notices', 'functions/backup-silence', 'e2e/notices'],
  ...['functions/webhooks', 'e2e/watch', 'functions/connector', 'functions/store-answers', 'e2e/ends-visits'],
  ...['functions/runner-gateway', 'e2e/idle', 'e2e/watching']
)
/** Files that begin first, the longest at the head, as the end of a run names them: nobody waits for one alone then. */
const LONG = named(
  ...['functions/backup', 'e2e/every-page', 'e2e/matrix', 'functions/matrix', 'e2e/order', 'e2e/bigzip'],
  ...[
    'e2e/command',
    'functions/runner-start',
    'e2e/keyboard-people',
    'e2e/versions',
    'e2e/reading',
    'e2e/sharing'
  ]
)

/** A file that waits, and whether what its suite needs is there. */
type Waiting = { file: string; suite: Suite }

/** All files of the suites: the long ones first, then the largest, which mostly are the longer ones. */
async function filesOf(suites: Suite[]): Promise<Waiting[]> {
  const found: (Waiting & { bytes: number })[] = []
  for (const suite of suites)
    for (const file of await Array.fromAsync(glob(suite.pattern)))
      if (!values.only || file.includes(values.only)) found.push({ file, suite, bytes: statSync(file).size })
  const first = [...WAIT, ...LONG]
  const rank = ({ file }: Waiting) => (first.includes(file) ? first.indexOf(file) : first.length)
  return found.sort((a, b) => rank(a) - rank(b) || b.bytes - a.bytes || a.file.localeCompare(b.file))
}

const results = new Map<string, Counts>()
const runOne = async (file: string) => void results.set(file, await runFile(file, LONGEST_MS))
/**
 * Runs them, so many at once; a file begins as soon as its suite has what it needs. One that failed is run once more
 * at the end, alone: tests with real processes share two cores here. Which ones needed that is said at the end.
 */
async function runAll(waiting: Waiting[], offers: Map<Suite, Promise<unknown>>): Promise<string[]> {
  const ready = new Set<Suite>()
  for (const [suite, offer] of offers) void offer.then(() => ready.add(suite)).catch(() => undefined)
  /** Takes one file after the other from a list. */
  const slot = async (list: Waiting[]) => {
    while (list.length > 0) {
      const at = list.findIndex(({ suite }) => ready.has(suite))
      const [one] = at < 0 ? [] : list.splice(at, 1)
      if (one) await runOne(one.file)
      // Throws when what they need could not be made.
      else await Promise.race(list.map(({ suite }) => offers.get(suite)))
    }
  }
  const isBeside = ({ file }: Waiting) => !values.deep && WAIT.includes(file)
  const others = waiting.filter((one) => !isBeside(one))
  await Promise.all([slot(waiting.filter(isBeside)), ...Array.from({ length: AT_ONCE }, () => slot(others))])
  const failed = [...results].filter(([, counts]) => counts.failed > 0).map(([file]) => file)
  for (const file of failed) await runOne(file)
  return failed
}

const started = performance.now()
const waiting = await filesOf(SUITES)
const needed = SUITES.filter((suite) => waiting.some((one) => one.suite === suite))
const offers = new Map(needed.map((suite) => [suite, Promise.resolve(suite.offer?.())]))
const secondTries = await runAll(waiting, offers).catch((error: unknown) => {
  // node:test takes what nobody catches here for a test's: the run would neither end nor say why.
  console.error(error)
  say('0 passed, 1 failed')
  process.exit(1)
})
for (const offer of offers.values()) await (await offer)?.()

const total = (of: keyof Counts): number => [...results.values()].reduce((sum, one) => sum + one[of], 0)
const counts = { passed: total('passed'), failed: total('failed'), skipped: total('skipped') }
const slowest = [...results].toSorted(([, a], [, b]) => b.seconds - a.seconds).slice(0, 12)
for (const [file, { seconds }] of slowest) if (seconds > SLOW) say(`${file} took ${seconds.toFixed(0)} s`)
for (const file of secondTries)
  say(`needed a second try: ${file}${results.get(file)?.failed ? ', and failed again' : ''}`)
if (process.env.CI === 'true' && counts.skipped > 0) {
  say(`${counts.skipped} skipped: with CI=true a skip is a failure`)
  counts.failed += counts.skipped
}
say(`${results.size} files in ${((performance.now() - started) / 1000).toFixed(0)} s`)
say(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
