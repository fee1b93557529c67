/**
 * `npm run test:mix`: fifty people at work (k6) while parts are killed and connections cut as in the fault campaign. Says
 * how long the API took to answer, what a retry did not heal, and what the portal weighed; the exit code is 0 when the
 * three are as they must be.
 *
 *   npm run test:mix [-- --minutes 10 --people 50 --kills 4 --seed 1]
 *
 * `--kills`: how often each of the five parts; 0 measures without faults. Linux, k6 or Go.
 */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { weightOf } from '../support/memory.ts'
import { findGoProgram } from './go-program.ts'
import type { Installation } from './installation.ts'
import { atRest } from './rest.ts'
import { openRun } from './run.ts'
import { scheduleOf } from './schedule.ts'
import { openStage } from './stage.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    people: { type: 'string', default: '50' },
    kills: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' }
  }
})
const [minutes, people, kills] = [Number(values.minutes), Number(values.people), Number(values.kills)]
const seconds = minutes * 60
const K6 = { installed: 'k6', module: 'go.k6.io/k6', version: 'v1.3.0' }
const MEGABYTES = 16_000
/** What the issue asks for: milliseconds; and how much heavier the last third may be than the second. */
const MUST_P95 = 300
const FLAT = 1.15
/** Milliseconds that a connection stays cut, about: as in the campaign. */
const TROUBLE = 5_000
/** One in three is of the firm. */
const STAFF = 3

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const Counted = z.object({ values: z.object({ count: z.number() }) }).transform(({ values: of }) => of.count)
const Timed = z
  .object({
    values: z.object({
      count: z.number(),
      med: z.number(),
      'p(95)': z.number(),
      'p(99)': z.number(),
      max: z.number()
    })
  })
  .transform(({ values: of }) => of)
/** What k6 says at its end; a counter that never counted is not there. */
const Figures = z.object({
  portico_answered: Timed,
  portico_waited: Timed,
  portico_acts: Counted,
  portico_failed: Counted.default(0),
  portico_unhealed: Counted.default(0),
  portico_wrong: Counted.default(0)
})

/** People with a session each, who may contribute to one of the demo firm's projects. */
async function bring(inside: Installation, projects: string[]) {
  const made = []
  for (let no = 0; no < people; no += 1) {
    const staff = no % STAFF === 0
    const project_id = projects[no % projects.length] ?? ''
    const token = randomBytes(32).toString('base64url')
    await inside.query(
      `with who as (
         insert into person (name, email, email_key, staff_role)
         values ('Mix ' || $1, 'mix' || $1 || '@mix.example', 'mix' || $1 || '@mix.example', case when $2 then 'staff' end)
         returning id
       ), may as (
         insert into access_grant (person_id, node_id, level) select id, $3, 3 from who
       )
       insert into session (token_hash, person_id, factors, expires_at)
       select $4, id, 2, now() + interval '1 day' from who`,
      [no, staff, project_id, createHash('sha256').update(token).digest()]
    )
    made.push({ cookie: `portico=${token}`, project_id, staff })
  }
  return made
}

const median = (list: number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0

async function main(closers: (() => unknown)[]): Promise<boolean> {
  const k6 = findGoProgram(K6)
  if (!k6) throw new Error('needs k6, or Go to build it')
  const folder = mkdtempSync(join(tmpdir(), 'portico-mix-'))
  closers.push(() => rmSync(folder, { recursive: true, force: true }))
  const stage = await openStage(MEGABYTES, Number(values.seed), closers)
  const wish = { uploads: 0, kills, seed: Number(values.seed), between: 0, limit: 0, rest: 0, full: 0 }
  const run = openRun(stage, wish, say)
  const projects = [...new Set(stage.errands.map((errand) => errand.project_id))]
  const file = join(folder, 'stage.json')
  const figures = join(folder, 'figures.json')
  const all = { origin: stage.stack.origin, seconds, people: await bring(stage.inside, projects) }
  writeFileSync(file, JSON.stringify(all))

  const child = spawn(k6, ['run', '--quiet', '--no-usage-report', 'tests/faults/mix.k6.js'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, STAGE: file, FIGURES: figures }
  })
  closers.push(() => child.kill('SIGKILL'))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let over = false
  const weights: number[] = []
  const weighing = async () => {
    for (; !over; await wait(2_000, undefined, { ref: false }))
      weights.push(weightOf(stage.stack.process.pid ?? 0) / 1e6)
  }
  const between = kills > 0 ? (seconds * 1_000) / (kills * 5) : 0
  const breaking =
    kills > 0 ? run.breakThings(scheduleOf(wish.seed, kills, between, TROUBLE), () => over) : null
  await Promise.all([weighing(), breaking, ended.finally(() => (over = true))])
  await atRest(stage, 600)

  const found = Figures.parse(JSON.parse(readFileSync(figures, 'utf8')))
  const third = Math.floor(weights.length / 3)
  const [middle, last] = [median(weights.slice(third, 2 * third)), median(weights.slice(2 * third))]
  const { portico_answered: answered, portico_waited: waited } = found
  const ms = (value: number) => `${value.toFixed(0)} ms`
  say(`killed: ${run.killedText()}; cut: ${run.cutText()}`)
  say(
    `${people} people, ${minutes} minutes: ${found.portico_acts} acts, ${answered.count} answers of the API`
  )
  say(
    `answers: p50 ${ms(answered.med)}, p95 ${ms(answered['p(95)'])}, p99 ${ms(answered['p(99)'])}, longest ${ms(answered.max)}`
  )
  say(
    `waited, tries and pauses together: p50 ${ms(waited.med)}, p95 ${ms(waited['p(95)'])}, p99 ${ms(waited['p(99)'])}, longest ${ms(waited.max)}`
  )
  say(
    `${found.portico_failed} tries failed, ${found.portico_unhealed} not healed by another, ${found.portico_wrong} refused`
  )
  say(
    `memory (PSS): second third ${middle.toFixed(0)} MB, last third ${last.toFixed(0)} MB, most ${Math.max(...weights).toFixed(0)} MB`
  )
  return (
    answered['p(95)'] <= MUST_P95 &&
    found.portico_unhealed === 0 &&
    found.portico_wrong === 0 &&
    last <= FLAT * middle
  )
}

const closers: (() => unknown)[] = []
let well = false
try {
  well = await main(closers)
} finally {
  for (let one = closers.pop(); one; one = closers.pop()) await one()
}
process.exit(well ? 0 : 1)
