import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type FirstStepFacts,
  firstSteps,
  remember,
  stepsOf
} from '../../functions/_shared/rules/first-steps.ts'

const nobody: FirstStepFacts = {
  staff_role: null,
  acts: [],
  many: false,
  chose_notices: false,
  skipped: [],
  again: false
}
const states = (facts: Partial<FirstStepFacts>) =>
  firstSteps({ ...nobody, ...facts }).steps.map((one) => one.state)

test('a client reads, sends and chooses; a firm begins with a project; who only looks on has no steps', () => {
  assert.deepEqual(stepsOf(null), ['read', 'send', 'notices'])
  assert.deepEqual(stepsOf('staff'), ['project', 'invite', 'access'])
  assert.deepEqual(stepsOf('auditor'), [])
  assert.equal(firstSteps({ ...nobody, staff_role: 'auditor', again: true }).shown, false)
})

test('a step is done by doing it, whatever was skipped before', () => {
  assert.deepEqual(states({}), ['open', 'open', 'open'])
  assert.deepEqual(states({ acts: ['page.viewed'], skipped: ['read', 'send'] }), ['done', 'skipped', 'open'])
  assert.deepEqual(states({ acts: ['session.started', 'upload.started'], chose_notices: true }), [
    'open',
    'done',
    'done'
  ])
})

test('they are shown while one is open, not to somebody who is long here, and whenever they were called again', () => {
  assert.equal(firstSteps(nobody).shown, true)
  assert.equal(firstSteps({ ...nobody, many: true }).shown, false)
  const through = { ...nobody, skipped: ['read', 'send', 'notices'] as const }
  assert.equal(firstSteps({ ...through, skipped: [...through.skipped] }).shown, false)
  assert.equal(firstSteps({ ...through, skipped: [...through.skipped], again: true }).shown, true)
})

test('calling them again takes back what was skipped, skipping adds, and each is kept once', () => {
  assert.deepEqual(remember({ skipped: ['read'], again: false }, { skip: ['send', 'read'] }), {
    skipped: ['read', 'send'],
    again: false
  })
  assert.deepEqual(remember({ skipped: ['read'], again: false }, { again: true }), {
    skipped: [],
    again: true
  })
  assert.deepEqual(remember({ skipped: [], again: true }, { skip: ['read'], again: false }), {
    skipped: ['read'],
    again: false
  })
})
