import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countFactors, mayRemoveFactor, maySetUpFactor } from '../../functions/_shared/rules/factor.ts'

test('the last second factor stays while one is asked for, whichever it is', () => {
  for (const facts of [
    { app: true, passkeys: 0 },
    { app: false, passkeys: 1 }
  ]) {
    assert.equal(countFactors(facts), 1)
    assert.equal(mayRemoveFactor(facts, true), false)
    assert.equal(mayRemoveFactor(facts, false), true)
  }
  assert.equal(mayRemoveFactor({ app: true, passkeys: 1 }, true), true)
  assert.equal(mayRemoveFactor({ app: false, passkeys: 0 }, false), false)
})

test('with the password alone a factor is set up only where there is none', () => {
  assert.equal(maySetUpFactor({ factors: 1, has_second_factor: false }), true)
  assert.equal(maySetUpFactor({ factors: 1, has_second_factor: true }), false)
  assert.equal(maySetUpFactor({ factors: 2, has_second_factor: true }), true)
})
