import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  countFactors,
  mayHaveSentCodes,
  mayRemoveFactor,
  maySetUpFactor
} from '../../functions/_shared/rules/factor.ts'
import { leastLength, standsAlone } from '../../functions/_shared/rules/password.ts'

const NONE = { app: false, passkeys: 0, email: false, sms: false }

test('the last second factor stays while one is asked for, whichever it is', () => {
  for (const one of [{ app: true }, { passkeys: 1 }, { email: true }, { sms: true }]) {
    assert.equal(countFactors({ ...NONE, ...one }), 1)
    assert.equal(mayRemoveFactor({ ...NONE, ...one }, true), true)
  }
  assert.equal(mayRemoveFactor(NONE, true), false)
  assert.equal(mayRemoveFactor(NONE, false), true)
  assert.equal(countFactors({ app: true, passkeys: 2, email: true, sms: true }), 5)
})

test('with the password alone a factor is set up only where none could be shown', () => {
  assert.equal(maySetUpFactor({ owes: 'set_up_second_factor' }), true)
  assert.equal(maySetUpFactor({ owes: 'second_factor' }), false)
  assert.equal(maySetUpFactor({ owes: 'done' }), true)
})

test('codes that are sent are for whom the firm allows them, never for administrators, by mail beside a long password', () => {
  const client = { staff_role: null, password_alone: true }
  assert.equal(mayHaveSentCodes('email', client, true), 'yes')
  assert.equal(mayHaveSentCodes('email', client, false), 'not_allowed')
  for (const kind of ['email', 'sms'] as const)
    assert.equal(mayHaveSentCodes(kind, { ...client, staff_role: 'administrator' }, true), 'not_allowed')
  const short = { ...client, password_alone: false }
  assert.equal(mayHaveSentCodes('email', short, true), 'password_short')
  assert.equal(mayHaveSentCodes('sms', short, true), 'yes')
})

test('a password of 15 characters stands alone, one of 8 beside a second factor; characters as people count them', () => {
  assert.equal(standsAlone('a'.repeat(15)), true)
  assert.equal(standsAlone('a'.repeat(14)), false)
  assert.equal(standsAlone('🐎'.repeat(14)), false)
  assert.equal(leastLength({ second_factor: true }), 8)
  assert.equal(leastLength({ second_factor: false }), 15)
})
