/**
 * Does the time tell whether an address has an account? Medians of 200 tries each, known and unknown in turns, for a wrong
 * password, for a forgotten one, and for an invitation of somebody whom the inviter may not know of. Run alone:
 * node tests/bench/sign-in.ts
 */
import { after, test } from 'node:test'
import { call, setStage } from '../support/functions.ts'
import { ms, percentile } from './row.ts'

const TRIES = 200
const results: string[] = []
after(() => process.stdout.write(`${results.join('\n')}\n`))

const stage = await setStage()
const auth = await stage.handler('auth')
const { hashPassword } = await import('../../functions/_shared/auth/password.ts')
const hash = await hashPassword('ein Pferd frisst Gurkensalat')
await stage.seedFirm()
const people = await Promise.all(
  Array.from({ length: TRIES }, () => stage.seedPerson({ password_hash: hash }))
)

async function compare(
  name: string,
  ask: (email: string, address: string) => Promise<unknown>
): Promise<void> {
  const times = { known: [] as number[], unknown: [] as number[] }
  // What a process does for the first time takes longer.
  for (let i = 0; i < 10; i += 1) await ask(`warm-${i}@example.org`, `198.18.0.${i}`)
  for (let i = 0; i < TRIES; i += 1)
    for (const [kind, email] of [
      ['known', people[i]?.email ?? ''],
      ['unknown', `nobody-${name}-${i}@example.org`]
    ] as const) {
      const started = performance.now()
      await ask(email, `203.0.${kind === 'known' ? 1 : 2}.${i}`)
      times[kind].push(performance.now() - started)
    }
  const of = (all: number[]) => `${ms(percentile(all, 0.5))} (90 %: ${ms(percentile(all, 0.9))})`
  const apart = Math.abs(percentile(times.known, 0.5) - percentile(times.unknown, 0.5))
  results.push(`${name}: known ${of(times.known)}, unknown ${of(times.unknown)}, apart ${ms(apart)}`)
}

/** Staff who manage a project and are kept away from the client of all these people; an hour's invitations are counted. */
const admin = await stage.handler('admin')
const [own, kept] = [await stage.seedOrganisation('Bergmann'), await stage.seedOrganisation('Nordström')]
const project = await stage.seedProject({ client_id: own })
await stage.owner.query('insert into membership (person_id, organisation_id) select unnest($1::uuid[]), $2', [
  people.map((one) => one.id),
  kept
])
const inviters = await Promise.all(
  Array.from({ length: 5 }, async () => {
    const inviter = await stage.seedPerson({ staff_role: 'staff' })
    await stage.seedGrant({ person_id: inviter.id, node_id: project, level: 4 })
    await stage.owner.query(`insert into exclusion (person_id, client_id, reason) values ($1, $2, 'kin')`, [
      inviter.id,
      kept
    ])
    return stage.signIn(inviter)
  })
)
let invited = 0
async function invite(email: string): Promise<void> {
  const cookie = inviters[(invited += 1) % inviters.length] ?? ''
  const more = { locale: 'de', organisation_id: own, project_id: project, level: 'view' }
  const answer = await call(admin, 'POST', '/invitations', {
    cookie,
    body: { email, name: 'Erika', ...more }
  })
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`)
}

test('known and unknown accounts are answered in the same time', async () => {
  await compare('sign-in', (email, address) =>
    call(auth, 'POST', '/sign-in', { body: { email, password: 'wrong' }, address })
  )
  await compare('invitation', invite)
  await compare('reset', (email, address) => call(auth, 'POST', '/reset', { body: { email }, address }))
})
