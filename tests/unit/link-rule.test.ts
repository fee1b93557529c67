import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endOfLink, stateOfLink } from '../../functions/_shared/rules/link.ts'

const NOW = new Date('2026-11-23T12:00:00Z')
const OPEN = { valid_until: '2026-11-24T12:00:00Z', revoked_at: null, opens: 0, max_opens: null }

test('a link ends after 14 days, or with the longest time the firm allows', () => {
  assert.equal(endOfLink(null, 90, NOW)?.toISOString(), '2026-12-07T12:00:00.000Z')
  assert.equal(endOfLink(null, 3, NOW)?.toISOString(), '2026-11-26T12:00:00.000Z')
})

test('an end in the past, now, or beyond the longest time is refused', () => {
  assert.equal(endOfLink('2026-11-23T12:00:00Z', 90, NOW), null)
  assert.equal(endOfLink('2026-11-26T12:00:00.001Z', 3, NOW), null)
  assert.equal(endOfLink('2026-11-26T13:00:00+01:00', 3, NOW)?.toISOString(), '2026-11-26T12:00:00.000Z')
})

test('revoked outweighs expired, expired outweighs used up; the end itself is outside', () => {
  assert.equal(stateOfLink(OPEN, NOW), 'open')
  assert.equal(stateOfLink({ ...OPEN, opens: 2, max_opens: 2 }, NOW), 'used_up')
  const ended = { ...OPEN, valid_until: NOW.toISOString(), opens: 2, max_opens: 2 }
  assert.equal(stateOfLink(ended, NOW), 'expired')
  assert.equal(stateOfLink({ ...ended, revoked_at: NOW.toISOString() }, NOW), 'revoked')
})
