import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import type { Account, Holdings } from '../../functions/_shared/contract/account.ts'
import type { Emergencies } from '../../functions/_shared/contract/emergency.ts'
import { call, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const admin = await stage.handler('admin')

const ingrid = await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' })
const heir = await stage.seedPerson({ name: 'Aylin', staff_role: 'staff' })
const bergmann = await stage.seedOrganisation('Bergmann')
const project = await stage.seedProject({ name: 'Accounts', client_id: bergmann })
const cookie = await stage.signIn(ingrid)
const send = (method: string, path: string, body?: unknown) => call(admin, method, path, { cookie, body })
const query = async (text: string, values: unknown[]) => (await stage.owner.query(text, values)).rows
const levelOf = async (who: { id: string }, thing = project) =>
  (
    await query('select level from access_levels(array[$1]::uuid[], array[$2]::uuid[], now())', [
      who.id,
      thing
    ])
  )[0]?.level

/** Somebody of the firm with something of each kind. */
async function seedLeaver() {
  const leaver = await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' })
  await stage.seedGrant({ person_id: leaver.id, node_id: project, level: 4 })
  const [group] = await query(`insert into groups (name) values ('Tax') returning id`, [])
  await query('insert into membership (person_id, group_id) values ($1, $2)', [leaver.id, group?.id])
  await query('insert into assignment (person_id, client_id) values ($1, $2)', [leaver.id, bergmann])
  const [link] = await query(
    `insert into link (made_by, project_id, recipient, secret_hash, valid_until)
     values ($1, $2, 'Bank', sha256($3::text::bytea), now() + interval '9 days') returning id`,
    [leaver.id, project, leaver.id]
  )
  const guest = await stage.seedPerson({ name: 'Expert' })
  await query(
    `insert into project_guest (project_id, person_id, sponsor_id, valid_until) values ($1, $2, $3, now() + interval '9 days')`,
    [project, guest.id, leaver.id]
  )
  return { leaver, guest, group: String(group?.id), link: String(link?.id) }
}

test('everything somebody held goes to a colleague in the act that locks the account, as it was shown before', async () => {
  const { leaver, guest, group, link } = await seedLeaver()
  const shown = (await (await send('GET', `/people/${leaver.id}/holdings`)).json()) as Holdings
  const { heirs, ...held } = shown
  assert.deepEqual(held, {
    ...{ grants: 1, links: 1, groups: ['Tax'] },
    clients: ['Bergmann'],
    guest_projects: 1,
    employees: 0,
    rules: 0
  })
  assert.deepEqual(
    heirs.map((one) => one.name),
    ['Aylin']
  )
  assert.equal(await levelOf(heir), 0)

  const answer = await send('PATCH', `/people/${leaver.id}`, { active: false, hand_over_to: heir.id })
  assert.equal(answer.status, 200, await answer.clone().text())
  assert.equal(await levelOf(heir), 4)
  assert.equal(await levelOf({ id: link }), 0)
  const [after] = await query(
    `select (select made_by from link where id = $1) as maker, (select revoked_at from link where id = $1) as revoked,
            (select sponsor_id from project_guest where person_id = $2) as sponsor,
            (select count(*)::int from membership where person_id = $3 and group_id = $4 and valid_until > now()) as groups,
            (select count(*)::int from assignment where person_id = $3 and client_id = $5 and valid_until > now()) as clients,
            (select count(*)::int from access_grant where person_id = $6) as left_over`,
    [link, guest.id, heir.id, group, bergmann, leaver.id]
  )
  assert.deepEqual(after, {
    ...{ maker: heir.id, revoked: null, sponsor: heir.id },
    ...{ groups: 1, clients: 1, left_over: 0 }
  })
  // Who comes back begins with nothing: what was handed over is not theirs any more.
  await send('PATCH', `/people/${leaver.id}`, { active: true })
  assert.equal(await levelOf(leaver), 0)
  const acts = await query(`select action from audit where subject_id = $1 order by seq`, [leaver.id])
  assert.ok(acts.some((act) => act.action === 'person.handed_over'))
})

test('what somebody holds whose account is locked already, by a colleague or the provider, goes to somebody else without it being opened', async () => {
  for (const by of ['colleague', 'provider']) {
    const { leaver, link } = await seedLeaver()
    const newcomer = await stage.seedPerson({ name: 'Nele', staff_role: 'staff' })
    const early = await send('PATCH', `/people/${leaver.id}`, { hand_over_to: newcomer.id })
    assert.equal(await problemCode(early), 'conflict', 'what an open account holds stays')
    if (by === 'colleague') await send('PATCH', `/people/${leaver.id}`, { active: false })
    else await query('update person set valid_until = now() where id = $1', [leaver.id])
    const shown = (await (await send('GET', `/people/${leaver.id}/holdings`)).json()) as Holdings
    assert.equal(shown.grants, 1)
    assert.ok(shown.heirs.some((one) => one.id === newcomer.id))

    const answer = await send('PATCH', `/people/${leaver.id}`, { hand_over_to: newcomer.id })
    assert.equal(((await answer.json()) as Account).active, false)
    assert.equal(await levelOf(newcomer), 4)
    const [made] = await query('select made_by, revoked_at from link where id = $1', [link])
    // A colleague's lock has ended the links; the provider's has not, and they speak for the heir now.
    assert.equal(made?.made_by, by === 'provider' ? newcomer.id : leaver.id)
    assert.equal(made?.revoked_at === null, by === 'provider')
    await send('PATCH', `/people/${leaver.id}`, { active: false, hand_over_to: newcomer.id })
    const acts = await query(
      `select action from audit where subject_id = $1 and action = 'person.handed_over'`,
      [leaver.id]
    )
    assert.equal(acts.length, 1, 'asked twice, it is one act')
  }
})

test('rules of somebody who leaves are told, and rest', async () => {
  const { leaver } = await seedLeaver()
  await query(
    `with k as (insert into api_key (person_id, name, token_hash, scopes, expires_at)
                values ($1, 'Rule', sha256($2::text::bytea), '{rule}', now() + interval '1 day') returning id)
     insert into automation (name, happens, place_id, conditions, actions, made_by, key_id, from_seq)
     select 'Sort', 'arrives', $2::uuid, '{}', '[]', $1, k.id, 0 from k`,
    [leaver.id, project]
  )
  const shown = (await (await send('GET', `/people/${leaver.id}/holdings`)).json()) as Holdings
  assert.equal(shown.rules, 1)
  await send('PATCH', `/people/${leaver.id}`, { active: false, hand_over_to: heir.id })
  const [rule] = await query(
    `select a.made_by, k.revoked_at is not null as revoked from automation a join api_key k on k.id = a.key_id
      where a.made_by = $1`,
    [leaver.id]
  )
  assert.deepEqual(rule, { made_by: leaver.id, revoked: true })
})

test('nobody hands over to themselves, a client, an auditor, or somebody locked; then nothing at all is done', async () => {
  const { leaver } = await seedLeaver()
  const locked = await stage.seedPerson({ name: 'Gone', staff_role: 'staff' })
  await query('update person set valid_until = now() where id = $1', [locked.id])
  const others = [
    ingrid,
    locked,
    await stage.seedPerson({ name: 'Petra', organisation_id: bergmann }),
    await stage.seedPerson({ name: 'Otto', staff_role: 'auditor' }),
    { id: leaver.id },
    { id: crypto.randomUUID() }
  ]
  for (const { id } of others) {
    const answer = await send('PATCH', `/people/${leaver.id}`, { active: false, hand_over_to: id })
    assert.equal(answer.status, 422)
  }
  assert.equal(await levelOf(leaver), 4)
  assert.equal(
    (await send('PATCH', `/people/${leaver.id}`, { staff_role: 'assistant', hand_over_to: heir.id })).status,
    422
  )
})

test("a client's administrator is followed by a colleague, who caps the sub-accounts from then on", async () => {
  const petra = await stage.seedPerson({ name: 'Petra', organisation_id: bergmann })
  const paul = await stage.seedPerson({ name: 'Paul', organisation_id: bergmann })
  await stage.seedGrant({ organisation_id: bergmann, node_id: project, level: 3 })
  await query('update membership set administers = true where person_id = $1', [petra.id])
  const klara = await stage.seedPerson({ name: 'Klara' })
  await query('update person set capped_by = $2, employer_id = $3 where id = $1', [
    klara.id,
    petra.id,
    bergmann
  ])
  await query('insert into access_grant (person_id, node_id, level, given_by) values ($1, $2, 3, $3)', [
    klara.id,
    project,
    petra.id
  ])
  const before = await stage.signIn(paul)
  await send('PATCH', `/people/${petra.id}`, { active: false, hand_over_to: paul.id })
  // Paul may do more than before: he signs in anew for it.
  assert.equal((await call(admin, 'GET', '/people', { cookie: before })).status, 401)
  assert.equal(await levelOf(klara), 3)
  const page = await call(admin, 'GET', `/organisations/${bergmann}`, { cookie: await stage.signIn(paul) })
  const { members } = (await page.json()) as { members: { id: string; projects: object[] }[] }
  assert.equal(members.find((one) => one.id === klara.id)?.projects.length, 1)
  const facts = (id: string) =>
    query(
      `select action, convert_from(body, 'UTF8')::jsonb->'facts' as facts from audit
        where subject_id = $1 and action in ('person.taken_over', 'membership.changed')`,
      [id]
    )
  assert.deepEqual(await facts(klara.id), [
    { action: 'person.taken_over', facts: { before: petra.id, to: paul.id, grants: 1 } }
  ])
  assert.deepEqual(await facts(paul.id), [
    { action: 'membership.changed', facts: { organisation_id: bergmann, administers: true } }
  ])
})

test('who takes over what is for own uploads only gets just that, also beside such a grant of their own', async () => {
  const petra = await stage.seedPerson({ name: 'Petra', organisation_id: bergmann })
  const paul = await stage.seedPerson({ name: 'Paul', organisation_id: bergmann })
  const [drop, open] = await Promise.all(
    ['Drop', 'Open'].map((name) => stage.seedProject({ name, client_id: bergmann }))
  )
  assert.ok(drop && open)
  await stage.seedGrant({ person_id: petra.id, node_id: drop, level: 3, own_only: true })
  await stage.seedGrant({ person_id: petra.id, node_id: open, level: 3 })
  await stage.seedGrant({ person_id: paul.id, node_id: open, level: 3, own_only: true })
  const answer = await send('PATCH', `/people/${petra.id}`, { active: false, hand_over_to: paul.id })
  assert.equal(answer.status, 200, await answer.clone().text())
  const held = await query(
    `select thing_id, level, others from access_levels(array[$1]::uuid[], $2::uuid[], now()) order by thing_id = $3`,
    [paul.id, [drop, open], open]
  )
  assert.deepEqual(held, [
    { thing_id: drop, level: 3, others: 0 },
    { thing_id: open, level: 3, others: 3 }
  ])
  const acts = await query(
    `select convert_from(body, 'UTF8')::jsonb->'facts'->'own_only' as own_only from audit
      where action = 'grant.given' and subject_id = $1 order by (convert_from(body, 'UTF8')::jsonb->'facts'->>'thing_id') = $2`,
    [paul.id, open]
  )
  assert.deepEqual(
    acts.map((act) => act.own_only),
    [true, false]
  )
})

test('what was opened in an emergency ends with the account, and goes to nobody', async () => {
  const maria = await stage.seedPerson({ name: 'Maria', staff_role: 'administrator', password_hash: 'set' })
  const opened = await call(admin, 'POST', '/emergencies', {
    cookie: await stage.signIn(maria),
    body: { thing_id: project, level: 'download', reason: 'Jonas liegt im Krankenhaus' }
  })
  assert.equal(opened.status, 201, await opened.clone().text())
  const nobody = await stage.seedPerson({ name: 'Nina', staff_role: 'staff' })
  assert.deepEqual([await levelOf(maria), await levelOf(nobody)], [2, 0])
  const shown = (await (await send('GET', `/people/${maria.id}/holdings`)).json()) as Holdings
  assert.equal(shown.grants, 0)

  const answer = await send('PATCH', `/people/${maria.id}`, { active: false, hand_over_to: nobody.id })
  assert.equal(answer.status, 200, await answer.clone().text())
  assert.equal(await levelOf(nobody), 0)
  const { items } = (await (await send('GET', '/emergencies')).json()) as z.infer<typeof Emergencies>
  const [ended] = items.filter((one) => one.person.id === maria.id)
  assert.ok(ended?.ended_at)
  assert.deepEqual(await query('select ended_by from emergency where id = $1', [ended.id]), [
    { ended_by: ingrid.id }
  ])
  const acts = await query(
    `select action, actor_id from audit where subject_id = $1 and action ~ '^(emergency.ended|grant)'`,
    [maria.id]
  )
  assert.deepEqual(acts, [{ action: 'emergency.ended', actor_id: ingrid.id }])
})
