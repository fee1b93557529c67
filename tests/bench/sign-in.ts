/**
 * Does the time tell whether an address has an account? Medians of 200 tries each, known and unknown in turns, for a wrong
 * password and for a forgotten one. Run alone: node tests/bench/sign-in.ts
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

test('known and unknown accounts are answered in the same time', async () => {
  await compare('sign-in', (email, address) =>
    call(auth, 'POST', '/sign-in', { body: { email, password: 'wrong' }, address })
  )
  await compare('reset', (email, address) => call(auth, 'POST', '/reset', { body: { email }, address }))
})
