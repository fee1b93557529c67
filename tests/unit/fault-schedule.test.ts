import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LINKS, PART_NAMES, TROUBLES, scheduleOf } from '../faults/schedule.ts'

test('the same seed breaks the same things at the same moments, another seed others', () => {
  assert.deepEqual(scheduleOf(7, 10, 5_000), scheduleOf(7, 10, 5_000))
  assert.notDeepEqual(scheduleOf(7, 10, 5_000), scheduleOf(8, 10, 5_000))
})

test('each part is killed as often as was asked, one after the other', () => {
  const { kills } = scheduleOf(1, 50, 5_000)
  for (const part of PART_NAMES) assert.equal(kills.filter((kill) => kill.part === part).length, 50)
  assert.deepEqual(new Set(kills.map((kill) => kill.victim)).size, 6)
  assert.ok(kills.every((kill, i) => i === 0 || kill.at > (kills[i - 1]?.at ?? 0)))
})

test('each link has each trouble, and never two at once', () => {
  const { cuts } = scheduleOf(1, 50, 5_000)
  const pairs = new Set(cuts.map(({ link, trouble }) => `${link} ${trouble}`))
  assert.equal(pairs.size, LINKS.length * TROUBLES.length)
  assert.ok(cuts.every((cut, i) => i === 0 || cut.at >= (cuts[i - 1]?.at ?? 0) + (cuts[i - 1]?.lasts ?? 0)))
})
