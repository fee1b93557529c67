import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NewLock } from '../../functions/_shared/contract/lock.ts'
import { lockPlan } from '../../functions/_shared/rules/lock.ts'

const DAY = 86_400_000
const now = new Date('2026-10-24T22:30:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * DAY)
const thing_id = '00000000-0000-7000-8000-000000000001'

test('a date holds, however near, and is told at once where it comes within its days of notice', () => {
  const at = (days: number, notice_days: number) =>
    lockPlan({ at: inDays(days).toISOString(), notice_days }, now)
  assert.deepEqual(at(30, 7), { from: inDays(30), told_now: false })
  assert.deepEqual(at(7, 7), { from: inDays(7), told_now: true })
  assert.deepEqual(at(2, 0), { from: inDays(2), told_now: false })
})

test('a date that is over means at once, never a lock that lay there before it was set', () => {
  assert.deepEqual(lockPlan({ at: inDays(-3).toISOString(), notice_days: 7 }, now), {
    from: now,
    told_now: true
  })
})

test('a lock that counts waits until its notice is over, in days of 24 hours also where clocks change', () => {
  assert.deepEqual(lockPlan({ at: null, notice_days: 3 }, now), { from: inDays(3), told_now: false })
})

test('a wish names a date or days after something, never both, none or half of it', () => {
  const fits = (wish: object) => NewLock.safeParse({ thing_id, hides: true, ...wish }).success
  assert.ok(fits({ at: now.toISOString() }))
  assert.ok(fits({ counts_from: 'change', days: 1 }))
  for (const wish of [
    {},
    { counts_from: 'change' },
    { days: 3 },
    { at: now.toISOString(), days: 3 },
    { at: now.toISOString(), counts_from: 'upload', days: 3 },
    { counts_from: 'upload', days: 0 }
  ])
    assert.ok(!fits(wish), JSON.stringify(wish))
})
