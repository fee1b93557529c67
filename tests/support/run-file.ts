/** One test file in a process of its own: what it says in one piece, and what came of it. */
import { relative } from 'node:path'
import { Transform } from 'node:stream'
import { text } from 'node:stream/consumers'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

export type Counts = { passed: number; failed: number; skipped: number; seconds: number }

type Event = { type: string; data: { nesting?: number; message?: string } }

/** The counts that a run ends with are for whoever runs one file; we say them in a line. */
const isSum = ({ type, data }: Event): boolean =>
  type === 'test:diagnostic' &&
  data.nesting === 0 &&
  /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/.test(data.message ?? '')

/** Runs it and prints what it said once it has ended: others run beside it. @param limit milliseconds */
export async function runFile(file: string, limit: number | undefined): Promise<Counts> {
  const started = performance.now()
  // A file that dies before it can say anything has failed.
  let counts: Counts = { passed: 0, failed: 1, skipped: 0, seconds: 0 }
  const stream = run({
    files: [file],
    concurrency: 1,
    timeout: limit,
    isolation: 'process',
    execArgv: ['--no-warnings']
  })
  stream.on('test:summary', (summary) => {
    if (summary.file === undefined) return // one for the file, then one for all
    const { tests, passed, skipped, todo } = summary.counts
    counts = {
      passed,
      skipped: skipped + todo,
      // A suite that could not even begin has no test that failed.
      failed: Math.max(tests - passed - skipped - todo, summary.success ? 0 : 1),
      seconds: 0
    }
  })
  const kept = new Transform({
    objectMode: true,
    transform: (event: Event, _, done) => done(null, isSum(event) ? undefined : event)
  })
  const said = await text(stream.compose(kept).compose(new spec()))
  counts.seconds = (performance.now() - started) / 1000
  process.stdout.write(`${said}${relative(process.cwd(), file)}: ${counts.seconds.toFixed(1)} s\n`)
  return counts
}
