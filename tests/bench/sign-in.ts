/**
 * Does the time tell whether an address has an account? Medians of 200 tries each, known and unknown in turns, for a wrong
 * password, for a forgotten one, and for an invitation of somebody whom the inviter may not know of.
 */
import { rmSync } from 'node:fs'
import { offerDatabase } from '../support/database.ts'
import { type SeededPerson, type Stage, call, setStage } from '../support/functions.ts'
import { type Row, ms, percentile, printRows } from './row.ts'

const TRIES = 200
/** More standard errors of the difference than this, and it is no chance: three of a thousand. */
const MOST_ERRORS = 3

type Ask = (email: string, address: string) => Promise<unknown>

/** What chance alone does to the difference of two medians: its standard error, from the quartiles (McGill 1978). */
function standardError(...samples: number[][]): number {
  const errors = samples.map((all) => ((percentile(all, 0.75) - percentile(all, 0.25)) * 1.25) / 1.35)
  return Math.hypot(...errors) / Math.sqrt(TRIES)
}

/** Known and unknown one after the other, whichever first in turns. */
async function compare(what: string, people: SeededPerson[], ask: Ask): Promise<Row> {
  const times = { known: [] as number[], unknown: [] as number[] }
  // What a process does for the first time takes longer.
  for (let i = 0; i < 10; i += 1) await ask(`warm-${i}@example.org`, `198.18.0.${i}`)
  for (const [i, { email }] of people.entries()) {
    const pair = [
      { kind: 'known', email, address: `203.0.1.${i}` },
      { kind: 'unknown', email: `nobody-${what}-${i}@example.org`, address: `203.0.2.${i}` }
    ] as const
    for (const one of i % 2 === 0 ? pair : pair.toReversed()) {
      const started = performance.now()
      await ask(one.email, one.address)
      times[one.kind].push(performance.now() - started)
    }
  }
  const [known, unknown] = [percentile(times.known, 0.5), percentile(times.unknown, 0.5)]
  const error = standardError(times.known, times.unknown)
  return {
    what: `${what}: an address with an account, median of ${TRIES}`,
    figure: `${ms(known)} (90 %: ${ms(percentile(times.known, 0.9))})`,
    peer: `without: ${ms(unknown)} (90 %: ${ms(percentile(times.unknown, 0.9))}), by chance up to ${ms(MOST_ERRORS * error)} apart`,
    ratio: unknown / known,
    must: 'within noise (3 standard errors)',
    aim: '1.0',
    holds: Math.abs(known - unknown) <= MOST_ERRORS * error
  }
}

/** What was refused for another reason, a limit for one, measures nothing. */
async function expect(status: number, asked: Promise<Response>): Promise<void> {
  const answer = await asked
  if (answer.status !== status) throw new Error(`${answer.status} ${await answer.text()}`)
}

/** Invites as staff who manage a project and are kept away from the client of all these people; an hour's are counted. */
async function inviter(stage: Stage, people: SeededPerson[]): Promise<Ask> {
  const admin = await stage.handler('admin')
  const [own, kept] = [await stage.seedOrganisation('Bergmann'), await stage.seedOrganisation('Nordström')]
  const project = await stage.seedProject({ client_id: own })
  await stage.owner.query(
    'insert into membership (person_id, organisation_id) select unnest($1::uuid[]), $2',
    [people.map((one) => one.id), kept]
  )
  const cookies = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const staff = await stage.seedPerson({ staff_role: 'staff' })
      await stage.seedGrant({ person_id: staff.id, node_id: project, level: 4 })
      await stage.owner.query(`insert into exclusion (person_id, client_id, reason) values ($1, $2, 'kin')`, [
        staff.id,
        kept
      ])
      return stage.signIn(staff)
    })
  )
  let invited = 0
  return async (email) => {
    const cookie = cookies[(invited += 1) % cookies.length] ?? ''
    const more = { locale: 'de', organisation_id: own, project_id: project, level: 'view' }
    const body = { email, name: 'Erika', ...more }
    await expect(201, call(admin, 'POST', '/invitations', { cookie, body }))
  }
}

export async function run(): Promise<Row[]> {
  const stop = process.env.PORTICO_TEST_POSTGRES ? null : await offerDatabase()
  const stage = await setStage()
  try {
    const auth = await stage.handler('auth')
    const { hashPassword } = await import('../../functions/_shared/auth/password.ts')
    const password_hash = await hashPassword('ein Pferd frisst Gurkensalat')
    await stage.seedFirm()
    const people = await Promise.all(Array.from({ length: TRIES }, () => stage.seedPerson({ password_hash })))
    const signIn: Ask = (email, address) =>
      expect(401, call(auth, 'POST', '/sign-in', { body: { email, password: 'wrong' }, address }))
    const reset: Ask = (email, address) =>
      expect(202, call(auth, 'POST', '/reset', { body: { email }, address }))
    return [
      await compare('sign-in', people, signIn),
      await compare('reset', people, reset),
      await compare('invitation', people, await inviter(stage, people))
    ]
  } finally {
    rmSync(stage.secrets, { recursive: true, force: true })
    await stop?.()
  }
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}
