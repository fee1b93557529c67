import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PACES } from '../../functions/_shared/contract/notice.ts'
import { MAIL_PATIENCE, mailDue, mailRetry } from '../../functions/_shared/rules/notice.ts'

const due = (pace: (typeof PACES)[number], at: string, zone = 'Europe/Berlin') =>
  mailDue(pace, new Date(at), zone)?.toISOString() ?? null

test('at once waits two minutes for what comes together, off never comes', () => {
  assert.equal(due('at_once', '2026-03-02T10:00:00Z'), '2026-03-02T10:02:00.000Z')
  assert.equal(due('off', '2026-03-02T10:00:00Z'), null)
})

test('an hour ends at its full hour, where the zone has half hours too', () => {
  assert.equal(due('hourly', '2026-03-02T10:59:59.999Z'), '2026-03-02T11:00:00.000Z')
  assert.equal(due('hourly', '2026-03-02T10:00:00Z'), '2026-03-02T11:00:00.000Z')
  assert.equal(due('hourly', '2026-03-02T10:10:00Z', 'Asia/Kolkata'), '2026-03-02T10:30:00.000Z')
})

test('the hour that comes twice in autumn has two ends, the one that is missing in spring none', () => {
  assert.equal(due('hourly', '2026-10-25T00:30:00Z'), '2026-10-25T01:00:00.000Z')
  assert.equal(due('hourly', '2026-10-25T01:30:00Z'), '2026-10-25T02:00:00.000Z')
  assert.equal(due('hourly', '2026-03-29T00:30:00Z'), '2026-03-29T01:00:00.000Z')
})

test('daily is 08:00 where the person is, also the morning after a clock was set', () => {
  assert.equal(due('daily', '2026-03-02T06:59:00Z'), '2026-03-02T07:00:00.000Z')
  assert.equal(due('daily', '2026-03-02T07:00:00Z'), '2026-03-03T07:00:00.000Z')
  assert.equal(due('daily', '2026-03-28T12:00:00Z'), '2026-03-29T06:00:00.000Z')
  assert.equal(due('daily', '2026-10-24T12:00:00Z'), '2026-10-25T07:00:00.000Z')
  assert.equal(due('daily', '2026-03-02T07:00:00Z', 'America/New_York'), '2026-03-02T13:00:00.000Z')
})

test('weekly is Monday at 08:00', () => {
  assert.equal(due('weekly', '2026-03-02T06:00:00Z'), '2026-03-02T07:00:00.000Z', 'Monday at seven')
  assert.equal(due('weekly', '2026-03-02T07:00:00Z'), '2026-03-09T07:00:00.000Z', 'Monday at eight')
  assert.equal(due('weekly', '2026-03-08T22:59:00Z'), '2026-03-09T07:00:00.000Z', 'Sunday night')
  assert.equal(due('weekly', '2026-03-24T12:00:00Z'), '2026-03-30T06:00:00.000Z', 'summer time began')
})

test('every window lies ahead, and one moment later leads to the same window or the next', () => {
  for (let hour = 0; hour < 366 * 24; hour += 7)
    for (const pace of ['hourly', 'daily', 'weekly'] as const) {
      const at = new Date(Date.UTC(2026, 0, 1, hour, 13))
      const first = mailDue(pace, at, 'Europe/Stockholm')
      assert.ok(first && first > at)
      const again = mailDue(pace, new Date(first.getTime() - 1), 'Europe/Stockholm')
      assert.equal(again?.getTime(), first.getTime(), `${pace} ${at.toISOString()}`)
    }
})

test('a mail server that is away is asked ever more rarely for 72 hours, with the tries that a job has', () => {
  let age = 0
  let counted = 0
  for (let next: number | null = 0; next !== null; next = mailRetry(age, 60)) {
    age += next
    if (age > 24 * 3_600) counted += 1
    assert.ok(counted <= 12, 'the job would have died before')
  }
  assert.ok(age >= MAIL_PATIENCE && age < MAIL_PATIENCE + 5 * 3_600)
  assert.equal(mailRetry(0, 60), 60)
})
