/**
 * `npm run test:restore`: a portal is written to by people with a ledger of their own, backed up meanwhile, destroyed at
 * a random second and restored to an empty machine. What was acknowledged before the last whole backup is there.
 *
 *   node tests/restore/run.ts [--seed N | --seeds 20 [--from 1]] [--megabytes 1000]
 *
 * `--megabytes` restores a portal of that size instead and says how long 10 GB would take. Last line: `N seeds, N
 * restored, 0 lost`; exit code 1 when it is anything else.
 */
import { parseArgs } from 'node:util'
import { noRestic } from '../support/portico-command.ts'
import { noStore } from '../support/real-store.ts'
import { offerDemo } from '../support/stack.ts'
import { runSeed } from './seed.ts'
import { measureSize } from './size.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    megabytes: { type: 'string' }
  }
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const seeds = values.seed
  ? [Number(values.seed)]
  : Array.from({ length: Number(values.seeds) }, (_, i) => i + Number(values.from))
const missing = process.platform === 'linux' ? noStore || noRestic : 'looks processes up in /proc'

if (missing) {
  say(`cannot run here: ${missing}`)
  process.exit(1)
}
if (values.megabytes) {
  say(await measureSize(Number(values.megabytes)))
  process.exit(0)
}

let restored = 0
let lost = 0
const takeAway = await offerDemo()
try {
  for (const seed of seeds) {
    const came = await runSeed(seed).catch((error: unknown) => ({
      figures: 'it broke off',
      lost: 0,
      wrong: [error instanceof Error ? (error.stack ?? error.message) : String(error)]
    }))
    say(`seed ${seed}: ${came.figures}`)
    for (const one of came.wrong.slice(0, 20)) say(`  WRONG: ${one}`)
    if (came.wrong.length === 0) restored += 1
    lost += came.lost
  }
} finally {
  takeAway()
}
say(`${seeds.length} seeds, ${restored} restored, ${lost} lost`)
process.exit(restored === seeds.length && lost === 0 ? 0 : 1)
