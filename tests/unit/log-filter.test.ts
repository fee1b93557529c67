import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACTIONS } from '../../functions/_shared/contract/activity.ts'
import { LOG_GROUPS, actionsOf } from '../../functions/_shared/contract/log.ts'
import { narrowed } from '../../web/src/routes/(app)/log/narrow.ts'

test('every action belongs to exactly one group of the log', () => {
  const grouped = LOG_GROUPS.flatMap(actionsOf)
  assert.deepEqual(grouped.toSorted(), [...ACTIONS].toSorted())
})

test("days of the filter are days on the reader's clock, the last one included, also where clocks change", () => {
  const query = narrowed(new URLSearchParams('from=2026-03-29&until=2026-03-29&group='), 'Europe/Berlin')
  assert.equal(query.toString(), 'from=2026-03-28T23%3A00%3A00.000Z&until=2026-03-29T22%3A00%3A00.000Z')
  assert.equal(
    narrowed(new URLSearchParams('from=yesterday&until=2026-13-01'), 'Europe/Berlin').toString(),
    ''
  )
})
