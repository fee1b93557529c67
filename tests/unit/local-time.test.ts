import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantOf } from '../../web/src/lib/project/zone.ts'

test('what is typed is the time on the clock of the person', () => {
  assert.equal(instantOf('2026-12-04T18:00', 'Europe/Berlin'), '2026-12-04T17:00:00.000Z')
  assert.equal(instantOf('2026-07-04T18:00', 'Europe/Berlin'), '2026-07-04T16:00:00.000Z')
  assert.equal(instantOf('2026-12-04T18:00', 'America/New_York'), '2026-12-04T23:00:00.000Z')
  assert.equal(instantOf('2026-12-04T18:00', 'UTC'), '2026-12-04T18:00:00.000Z')
})

test('around a change of the clocks every typed time is some instant', () => {
  assert.equal(instantOf('2026-03-29T02:30', 'Europe/Berlin'), '2026-03-29T01:30:00.000Z')
  assert.equal(instantOf('2026-10-25T02:30', 'Europe/Berlin'), '2026-10-25T00:30:00.000Z')
  assert.equal(instantOf('2026-03-29T03:30', 'Europe/Berlin'), '2026-03-29T01:30:00.000Z')
})

test('what is no time is none', () => {
  assert.equal(instantOf('', 'Europe/Berlin'), null)
  assert.equal(instantOf('tomorrow', 'Europe/Berlin'), null)
})
