import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FirstSteps } from '../../functions/_shared/contract/first-steps.ts'
import { call, setStage } from '../support/functions.ts'

const stage = await setStage()
const auth = await stage.handler('auth')
const admin = await stage.handler('admin')

const petra = await stage.seedPerson({ name: 'Petra' })
const tobias = await stage.seedPerson({ name: 'Tobias' })
const ingrid = await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' })

const cookie = new Map<string, string>()
for (const person of [petra, tobias, ingrid]) cookie.set(person.id, await stage.signIn(person))
const as = (person: { id: string }) => ({ cookie: cookie.get(person.id) })
const steps = async (person: { id: string }): Promise<FirstSteps> =>
  (await call(auth, 'GET', '/first-steps', as(person))).json()
const change = (person: { id: string }, body: unknown) =>
  call(auth, 'PATCH', '/first-steps', { ...as(person), body })
const state = async (person: { id: string }, step: string) =>
  (await steps(person)).steps.find((one) => one.step === step)?.state

test('without a session there are no first steps', async () => {
  assert.equal((await call(auth, 'GET', '/first-steps')).status, 401)
  assert.equal((await call(auth, 'PATCH', '/first-steps', { body: { skip: ['read'] } })).status, 401)
})

test('what one person skips is skipped for that person, remembered, and written down without names', async () => {
  assert.deepEqual(await steps(petra), {
    shown: true,
    steps: ['read', 'send', 'notices'].map((step) => ({ step, state: 'open' }))
  })
  assert.equal((await change(petra, { skip: ['send'] })).status, 200)
  assert.equal(await state(petra, 'send'), 'skipped')
  assert.equal(await state(tobias, 'send'), 'open')
  const { rows } = await stage.owner.query(
    `select convert_from(body, 'UTF8')::json->'facts' as facts from audit
      where action = 'person.changed' and actor_id = $1`,
    [petra.id]
  )
  assert.deepEqual(rows, [{ facts: { field: 'first_steps' } }])
})

test('choosing notices is the step really done, and no skipping undoes it', async () => {
  await call(auth, 'PATCH', '/notice-settings', { ...as(petra), body: { pace: 'daily', projects: [] } })
  assert.equal(await state(petra, 'notices'), 'done')
  await change(petra, { skip: ['notices', 'read'] })
  assert.equal(await state(petra, 'notices'), 'done')
  assert.equal((await steps(petra)).shown, false, 'nothing is open')
  await change(petra, { again: true })
  const again = await steps(petra)
  assert.equal(again.shown, true)
  assert.deepEqual(
    again.steps.map((one) => one.state),
    ['open', 'open', 'done']
  )
})

test('a step of the firm is done when anybody of the firm did it', async () => {
  assert.equal(await state(ingrid, 'invite'), 'open')
  const invitation = { email: 'new@example.org', name: 'Some Body', locale: 'de' }
  const answer = await call(admin, 'POST', '/invitations', { ...as(ingrid), body: invitation })
  assert.ok(answer.ok)
  assert.equal(await state(ingrid, 'invite'), 'done')
  assert.equal(await state(ingrid, 'project'), 'open')
})

test('a step that there is not is refused', async () => {
  assert.equal((await change(tobias, { skip: ['everything'] })).status, 422)
})
