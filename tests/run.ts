/**
 * `npm test` and `npm run test:deep`: runs the test files in parallel where they can, prints every failure and, last,
 * the line `N passed, N failed`. What needs a program that is not there skips in one line; with CI=true that fails.
 *
 *   node tests/run.ts [--deep] [--only PATTERN] [--worlds N]
 */
import { statSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { offerDatabase } from './support/database.ts'
import { offerDemo } from './support/stack.ts'

const { values } = parseArgs({
  options: { deep: { type: 'boolean', default: false }, only: { type: 'string' }, worlds: { type: 'string' } }
})
// How many random worlds the access rule is held against.
if (values.worlds) process.env.PORTICO_WORLDS = values.worlds

type Suite = {
  pattern: string
  concurrency: number
  /** What all files of the suite need, made once; its answer takes it away. */
  offer?: () => Promise<() => unknown>
}

/** Suites in their order; two files of each at once, whole stacks with their browsers too: each waits much of its time. */
const SUITES: Suite[] = values.deep
  ? [{ pattern: 'tests/deep/**/*.test.ts', concurrency: 1 }]
  : [
      { pattern: 'tests/{unit,vectors}/**/*.test.ts', concurrency: 2 },
      { pattern: 'tests/{db,functions}/**/*.test.ts', concurrency: 2, offer: offerDatabase },
      { pattern: 'tests/e2e/**/*.test.ts', concurrency: 2, offer: offerDemo }
    ]

type Counts = { passed: number; failed: number; skipped: number; seconds: number }

/** Runs files and answers what came of each. */
async function runFiles(files: string[], concurrency: number): Promise<Map<string, Counts>> {
  const found = new Map<string, Counts>()
  const limit = values.deep ? undefined : LONGEST_MS
  const stream = run({
    files,
    concurrency,
    timeout: limit,
    isolation: 'process',
    execArgv: ['--no-warnings']
  })
  stream.on('test:summary', (summary) => {
    if (summary.file === undefined) return // one per file, then one for all
    const { tests, passed, skipped, todo } = summary.counts
    found.set(relative(process.cwd(), summary.file), {
      passed,
      skipped: skipped + todo,
      // A suite that could not even begin has no test that failed.
      failed: Math.max(tests - passed - skipped - todo, summary.success ? 0 : 1),
      seconds: summary.duration_ms / 1000
    })
  })
  const ended = new Promise((resolve) => stream.once('close', resolve).once('end', resolve))
  stream.compose(new spec()).pipe(process.stdout, { end: false })
  await ended
  // A file that died before it could say anything has failed.
  for (const file of files)
    if (!found.has(file)) found.set(file, { passed: 0, failed: 1, skipped: 0, seconds: 0 })
  return found
}

/** Milliseconds after which a file of `npm test` hangs. */
const LONGEST_MS = 12 * 60_000
/** Seconds from which a file is named for how long it took. */
const SLOW = 30

const results = new Map<string, Counts>()
const secondTries: string[] = []

/**
 * A file that failed is run once more, alone: tests with real processes share two cores here. Which ones needed that is
 * said at the end.
 */
async function runSuite({ pattern, concurrency, offer }: Suite): Promise<void> {
  const found = await Array.fromAsync(glob(pattern))
  // The largest first, which mostly are the longest: at the end nobody waits for one alone.
  const files = found
    .filter((file) => !values.only || file.includes(values.only))
    .map((file) => ({ file, bytes: statSync(file).size }))
    .sort((a, b) => b.bytes - a.bytes || a.file.localeCompare(b.file))
    .map(({ file }) => file)
  if (files.length === 0) return
  const started = performance.now()
  const takeAway = await offer?.()
  for (const [file, counts] of await runFiles(files, concurrency)) results.set(file, counts)
  const failed = files.filter((file) => (results.get(file)?.failed ?? 0) > 0)
  if (failed.length > 0) {
    secondTries.push(...failed)
    for (const [file, counts] of await runFiles(failed, 1)) results.set(file, counts)
  }
  await takeAway?.()
  process.stdout.write(`${pattern}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`)
}

for (const suite of SUITES) await runSuite(suite)
const total = (of: keyof Counts): number => [...results.values()].reduce((sum, one) => sum + one[of], 0)
const counts = { passed: total('passed'), failed: total('failed'), skipped: total('skipped') }
const slowest = [...results].toSorted(([, a], [, b]) => b.seconds - a.seconds).slice(0, 8)
for (const [file, { seconds }] of slowest)
  if (seconds > SLOW) process.stdout.write(`${file} took ${seconds.toFixed(0)} s\n`)
for (const file of secondTries)
  process.stdout.write(
    `needed a second try: ${file}${results.get(file)?.failed ? ', and failed again' : ''}\n`
  )
if (process.env.CI === 'true' && counts.skipped > 0) {
  process.stdout.write(`${counts.skipped} skipped: with CI=true a skip is a failure\n`)
  counts.failed += counts.skipped
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
