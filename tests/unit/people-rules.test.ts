import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ActFacts, maySeeAct } from '../../functions/_shared/rules/activity.ts'
import { mayChangeGroup } from '../../functions/_shared/rules/group.ts'
import { guestEnd, reminderDue } from '../../functions/_shared/rules/guest.ts'
import { mayGiveOn, planEmployee, readerOf } from '../../functions/_shared/rules/organisation.ts'

const now = new Date('2026-11-23T12:00:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString()

describe('an organisation', () => {
  test('is nothing to whoever may not know of it, and to a client who does not look after its people', () => {
    assert.equal(readerOf({ role: 'administrator', known: false, administers: true }), null)
    assert.equal(readerOf({ role: null, known: true, administers: false }), null)
    assert.equal(readerOf({ role: null, known: true, administers: true }), 'client_administrator')
    assert.equal(readerOf({ role: 'auditor', known: true, administers: false }), 'reading_staff')
  })
  test('lets nobody give on more than they hold', () => {
    assert.ok(mayGiveOn('download', 'view') && mayGiveOn('download', 'download'))
    assert.ok(!mayGiveOn('download', 'contribute') && !mayGiveOn(null, 'view'))
  })
  test('holds a place for an address of somebody unknown, and goes on with it as with an account', () => {
    const other = { id: 'o', joined: true, active: true, own: false, known: false, placeholder: false }
    const own = { ...other, id: 'p', joined: false, own: true, known: true }
    const held = { ...own, id: 'h', placeholder: true }
    const again = { do: 'invite_again', free: false }
    assert.deepEqual(planEmployee([]), { do: 'create' })
    assert.deepEqual(planEmployee([other]), { do: 'hold_place' })
    assert.deepEqual(planEmployee([{ ...other, known: true }]), { do: 'refuse' })
    assert.deepEqual(planEmployee([own]), { ...again, id: 'p' })
    for (const change of [{ active: false }, { own: false }])
      for (const one of [own, held]) assert.deepEqual(planEmployee([{ ...one, ...change }]), { do: 'refuse' })
    assert.deepEqual(planEmployee([held, other]), { ...again, id: 'h' })
    // Another client's placeholder is nothing to her; of two whom she knows the account counts.
    assert.deepEqual(planEmployee([{ ...held, known: false, own: false }]), { do: 'create' })
    assert.deepEqual(planEmployee([held, { ...other, known: true }]), { do: 'refuse' })
    assert.deepEqual(planEmployee([held]), { ...again, id: 'h', free: true })
  })
})

describe('a group', () => {
  test('is changed by who manages all it was given; an administrator lets others in, never themselves', () => {
    const facts = { role: 'staff', within_reach: true, lets_self_in: true, lets_self_out: true } as const
    assert.ok(mayChangeGroup(facts))
    assert.ok(!mayChangeGroup({ ...facts, within_reach: false, lets_self_in: false }))
    assert.ok(!mayChangeGroup({ ...facts, role: 'assistant' }))
    const others = {
      role: 'administrator',
      within_reach: false,
      lets_self_in: false,
      lets_self_out: false
    } as const
    assert.ok(mayChangeGroup(others))
    assert.ok(!mayChangeGroup({ ...others, lets_self_in: true }))
    assert.ok(!mayChangeGroup({ ...others, lets_self_out: true }))
  })
})

describe('a guest', () => {
  test('stays until a moment that comes, within the days of the firm', () => {
    assert.equal(guestEnd(inDays(0), now, 90), 'past')
    assert.equal(guestEnd(inDays(90), now, 90), 'fine')
    assert.equal(guestEnd(inDays(91), now, 90), 'too_far')
  })
  test('is told of fourteen and three days before, each once; the nearer one alone where both are late', () => {
    const due = (days: number, reminded: number) => reminderDue(inDays(days), now, reminded)?.days ?? null
    assert.deepEqual([due(15, 0), due(14, 0), due(14, 1)], [null, 14, null])
    assert.deepEqual([due(3, 1), due(2, 0), due(2, 2), due(-1, 1)], [3, 3, null, null])
  })
  test('reads what they did, what is about them, and what the firm did with documents that they may see', () => {
    const reader = { id: 'guest', whole_log: false }
    const act: ActFacts = {
      action: 'grant.given',
      ...{ actor_id: 'staff', actor_is_staff: true, level: 2 },
      ...{ as_guest: true, document_id: null, subject_id: 'another' }
    }
    assert.ok(!maySeeAct(act, reader))
    assert.ok(maySeeAct({ ...act, subject_id: 'guest' }, reader))
    assert.ok(maySeeAct({ ...act, action: 'document.renamed', document_id: 'd' }, reader))
    assert.ok(!maySeeAct({ ...act, action: 'document.renamed', document_id: 'd', level: 0 }, reader))
    assert.ok(maySeeAct({ ...act, actor_id: 'guest' }, reader))
    assert.ok(maySeeAct({ ...act, as_guest: false }, reader))
  })
})
