import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Activity } from '../../web/src/lib/contract.ts'
import { bundle } from '../../web/src/lib/project/bundle.ts'

const ANNA = { id: '00000000-0000-7000-8000-000000000001', name: 'Anna' }
const BEN = { id: '00000000-0000-7000-8000-000000000002', name: 'Ben' }
const PLAN = { id: '00000000-0000-7000-8000-000000000003', name: 'Plan.pdf' }

let seq = 1_000
const act = (
  action: Activity['action'],
  actor: typeof ANNA,
  minute: number,
  facts: Activity['facts'] = {}
): Activity => ({
  seq: (seq -= 1),
  at: new Date(Date.UTC(2026, 10, 22, 12, minute)).toISOString(),
  action,
  actor,
  project_id: null,
  project: null,
  document: PLAN,
  subject: null,
  deputy_of: null,
  facts
})

test('five looks at three pages are one line', () => {
  const lines = bundle([
    act('page.viewed', ANNA, 5, { page: 3 }),
    act('text.viewed', ANNA, 4, { page: 2 }),
    act('page.viewed', ANNA, 4, { page: 2 }),
    act('page.viewed', ANNA, 3, { page: 2 }),
    act('page.viewed', ANNA, 2, { page: 1 }),
    act('document.viewed', ANNA, 2)
  ])
  assert.equal(lines.length, 1)
  assert.equal(lines[0]?.pages, 3)
})

test('another person, another hour or another act is another line', () => {
  const lines = bundle([
    act('page.viewed', ANNA, 59, { page: 1 }),
    act('page.viewed', BEN, 58, { page: 1 }),
    act('page.viewed', ANNA, 57, { page: 2 }),
    act('document.downloaded', ANNA, 56),
    act('page.viewed', ANNA, 55, { page: 1 }),
    act('page.viewed', ANNA, 10, { page: 1 })
  ])
  assert.equal(lines.length, 6)
  assert.equal(lines[3]?.pages, null)
})
