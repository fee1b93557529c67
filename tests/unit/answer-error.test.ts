import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerError, databaseAway } from '../../functions/_shared/answer-error.ts'

const databaseError = (code: string): Error => Object.assign(new Error('from the database'), { code })

test('a database that has no room or no memory is away: who asked tries again, and no job is to blame', () => {
  for (const code of ['53100', '53200', '53300', '58030', '57P03']) {
    assert.equal(databaseAway(databaseError(code)), true, code)
    assert.equal(databaseAway(new Error('outer', { cause: databaseError(code) })), true, code)
    const answer = answerError(databaseError(code), 'call')
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5'], code)
  }
})

test('what a statement itself did wrong is not the database’s absence', () => {
  for (const code of ['23505', '42601', '22003']) {
    assert.equal(databaseAway(databaseError(code)), false, code)
    assert.equal(answerError(databaseError(code), 'call').status, 500, code)
  }
})
