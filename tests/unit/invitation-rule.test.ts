import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type InvitationFacts, planInvitation } from '../../functions/_shared/rules/invitation.ts'

const nothing = { staff_role: null, organisation_id: null, project_id: null, level: null }
const own = { known: true, of_project: true, within_reach: true }
const somebody = { joined: true, active: true, staff_role: null, known: true, member: false }
const facts = (change: Partial<InvitationFacts>): InvitationFacts => ({
  role: 'staff',
  wish: { ...nothing, project_id: 'p', level: 'view' },
  organisation: null,
  existing: null,
  ...change
})
const created = { create_person: true, add_membership: false, give_grant: true, mail: 'invitation' }

describe('who may invite', () => {
  test('clients do not even learn that there is a door', () =>
    assert.deepEqual(planInvitation(facts({ role: null })), { refused: 'not_found' }))

  for (const role of ['assistant', 'auditor'] as const)
    test(`${role}s may not`, () =>
      assert.deepEqual(planInvitation(facts({ role })), { refused: 'forbidden' }))

  test('staff invite to a project that they manage', () =>
    assert.deepEqual(planInvitation(facts({})), created))

  test('staff make no staff, and nobody without a project', () => {
    const staff = { ...nothing, project_id: 'p', staff_role: 'staff' } as const
    assert.deepEqual(planInvitation(facts({ wish: staff })), { refused: 'forbidden' })
    assert.deepEqual(planInvitation(facts({ wish: nothing })), { refused: 'forbidden' })
  })

  for (const [why, organisation] of [
    ["another client's organisation", { ...own, of_project: false }],
    ['an organisation that has been given more than they manage', { ...own, within_reach: false }]
  ] as const)
    test(`staff let nobody into ${why}; an administrator does`, () => {
      const wish = { ...nothing, project_id: 'p', organisation_id: 'o' }
      assert.deepEqual(planInvitation(facts({ wish, organisation })), { refused: 'forbidden' })
      assert.ok('mail' in planInvitation(facts({ role: 'administrator', wish, organisation })))
    })

  test('an organisation that the inviter may not know of is not there', () => {
    const organisation = { ...own, known: false }
    const plan = planInvitation(facts({ role: 'administrator', organisation }))
    assert.deepEqual(plan, { refused: 'invalid_request', field: 'organisation_id', code: 'unknown' })
  })

  test('a level wants a project; staff belong to no client', () => {
    const level = { ...nothing, level: 'view' } as const
    assert.deepEqual(planInvitation(facts({ wish: level })), {
      refused: 'invalid_request',
      field: 'project_id',
      code: 'required'
    })
    const staff = { ...nothing, staff_role: 'staff' } as const
    assert.deepEqual(planInvitation(facts({ role: 'administrator', wish: staff, organisation: own })), {
      refused: 'invalid_request',
      field: 'organisation_id',
      code: 'conflict'
    })
  })
})

describe('whom it is for', () => {
  test('somebody who has not joined is sent a link again', () => {
    const plan = planInvitation(facts({ existing: { ...somebody, joined: false } }))
    assert.deepEqual(plan, { ...created, create_person: false })
  })

  test('somebody who is in is told of what is new', () => {
    const plan = planInvitation(facts({ organisation: own, existing: somebody }))
    assert.deepEqual(plan, { create_person: false, add_membership: true, give_grant: true, mail: 'access' })
  })

  test('somebody who is in and would get nothing new is refused, as is whoever was deactivated', () => {
    const wish = { ...nothing, organisation_id: 'o' }
    const admin = { role: 'administrator', wish, organisation: own } as const
    const member = { ...somebody, member: true }
    assert.deepEqual(planInvitation(facts({ ...admin, existing: member })), { refused: 'email_taken' })
    const gone = { ...somebody, active: false }
    assert.deepEqual(planInvitation(facts({ existing: gone })), { refused: 'email_taken' })
  })

  test('nobody becomes staff, or loses being staff, by an invitation', () => {
    const wish = { ...nothing, staff_role: 'staff' } as const
    const admin = { role: 'administrator', wish } as const
    assert.deepEqual(planInvitation(facts({ ...admin, existing: somebody })), { refused: 'email_taken' })
    const colleague = { ...somebody, staff_role: 'staff' as const }
    assert.deepEqual(planInvitation(facts({ organisation: own, existing: colleague })), {
      refused: 'email_taken'
    })
    const waiting = { ...colleague, joined: false }
    assert.ok('mail' in planInvitation(facts({ ...admin, existing: waiting })))
  })

  test('whom the inviter may not know of is never refused, and joins nothing but what was granted', () => {
    for (const joined of [true, false])
      for (const active of [true, false])
        for (const staff_role of [null, 'staff'] as const)
          for (const member of [true, false]) {
            const existing = { joined, active, staff_role, member, known: false }
            const plan = planInvitation(facts({ organisation: own, existing }))
            assert.ok(!('refused' in plan))
            assert.equal(plan.add_membership, false)
            assert.equal(plan.create_person, false)
            assert.equal(plan.give_grant, active)
          }
  })
})
