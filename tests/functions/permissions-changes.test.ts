/** A grant is changed: by one, by two at once, by who may not any more. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Grant, GrantPage } from '../../functions/_shared/contract/access.ts'
import { problemCode } from '../support/functions.ts'
import { type Name, setPermissionStage } from '../support/permission-stage.ts'

const { stage, send, ok, fields, made, project, give, lastAct, inHours, wish } = await setPermissionStage()

describe('a grant is changed', () => {
  const changeTo = (by: Name, grant: Grant, more: object) =>
    send(by, 'PATCH', `/grants/${grant.id}`, { level: grant.level, revision: grant.revision, ...more })

  test('in level, effect, window and note; it stays the same grant, and the log has both', async () => {
    const grant = await give('jonas', await project(), 'karl', 'view')
    const valid_until = inHours(5)
    const answer = await changeTo('jonas', grant, { level: 'download', valid_until, note: 'für Freitag' })
    const changed = (await answer.json()) as Grant
    assert.deepEqual(
      [
        changed.id,
        changed.level,
        changed.valid_until,
        changed.note,
        changed.revision,
        changed.changed_by?.name
      ],
      [grant.id, 'download', valid_until, 'für Freitag', 2, 'Jonas']
    )
    const { facts } = await lastAct('grant.changed')
    assert.deepEqual([facts.level_before, facts.level, facts.valid_until], ['view', 'download', valid_until])
    assert.ok(!JSON.stringify(facts).includes('Freitag'))
    const denied = (await (await changeTo('jonas', changed, { allows: false })).json()) as Grant
    assert.equal(denied.allows, false)
  })

  test('by two at once: the second learns of it, and nothing of theirs is saved', async () => {
    const id = await project()
    await give('jonas', id, 'aylin', 'manage')
    const grant = await give('jonas', id, 'karl', 'view')
    const answers = await Promise.all([
      changeTo('jonas', grant, { level: 'download' }),
      changeTo('aylin', grant, { level: 'contribute' })
    ])
    assert.deepEqual(answers.map((one) => one.status).toSorted(), [200, 409])
    const refused = answers.find((one) => one.status === 409)
    assert.equal(await problemCode(refused ?? new Response('{}')), 'grant_changed')
    const now = await ok<Grant>('aylin', 'GET', `/grants/${grant.id}`)
    assert.equal(now.revision, 2)
    assert.equal(now.level, now.changed_by?.name === 'Jonas' ? 'download' : 'contribute')
    assert.equal((await send('aylin', 'DELETE', `/grants/${grant.id}?revision=1`)).status, 409)
    const preview = await send('aylin', 'POST', `/grants/${grant.id}/preview`, { level: 'view', revision: 1 })
    assert.equal(await problemCode(preview), 'grant_changed')
  })

  test('by a double click: once, and that is no quarrel', async () => {
    const grant = await give('jonas', await project(), 'karl', 'view')
    const answers = await Promise.all([1, 2].map(() => changeTo('jonas', grant, { level: 'download' })))
    assert.deepEqual(
      answers.map((one) => one.status),
      [200, 200]
    )
    const now = await ok<Grant>('jonas', 'GET', `/grants/${grant.id}`)
    assert.equal(now.revision, 2)
  })

  test('not into a window without an inside, nor into the past', async () => {
    const id = await project()
    const grant = await give('jonas', id, 'karl', 'view')
    const wrong = await changeTo('jonas', grant, { valid_from: inHours(3), valid_until: inHours(2) })
    assert.deepEqual(await fields(wrong), [['valid_until', 'custom']])
    const past = await changeTo('jonas', grant, { valid_until: inHours(-1) })
    assert.deepEqual(await fields(past), [['valid_until', 'past']])
    const berlin = await send('jonas', 'POST', '/grants', {
      ...wish(id, 'karl', 'view'),
      valid_from: '2031-01-01T10:00:00+01:00',
      valid_until: '2031-01-01T09:30:00Z'
    })
    assert.equal(berlin.status, 201, 'instants are compared, not their letters')
  })

  test('not for an account that was closed or a group that was given up meanwhile', async () => {
    const id = await project()
    const group = await made(`insert into groups (name) values ('Lohn') returning id`, [])
    const left = await stage.seedPerson({ name: 'Left', staff_role: 'staff' })
    const to = (kind: string, principal_id: string) =>
      send('jonas', 'POST', '/grants', { thing_id: id, principal_kind: kind, principal_id, level: 'view' })
    const grant = (await (await to('person', left.id)).json()) as Grant
    await stage.owner.query('update person set valid_until = now() where id = $1', [left.id])
    await stage.owner.query('update groups set ended_at = now() where id = $1', [group])
    assert.deepEqual(await fields(await to('person', left.id)), [['principal_id', 'ended']])
    assert.deepEqual(await fields(await to('group', group)), [['principal_id', 'ended']])
    assert.deepEqual(await fields(await changeTo('jonas', grant, { level: 'manage' })), [
      ['principal_id', 'ended']
    ])
    const { items } = await ok<GrantPage>('jonas', 'GET', `/things/${id}/grants?q=left`)
    assert.deepEqual(
      items.map((one) => one.principal.active),
      [false]
    )
    assert.equal((await send('jonas', 'DELETE', `/grants/${grant.id}`)).status, 204, 'it can be cleared away')
  })

  test('whoever gives to a group that is being given up waits, and is told', async () => {
    const id = await project()
    const group = await made(`insert into groups (name) values ('Bald weg') returning id`, [])
    const other = await stage.owner.connect()
    await other.query('begin')
    await other.query('update groups set ended_at = now() where id = $1', [group])
    const answer = send('jonas', 'POST', '/grants', {
      ...{ thing_id: id, principal_kind: 'group', principal_id: group, level: 'view' }
    })
    for (;;) {
      const waiting = await stage.owner.query(
        `select from pg_stat_activity where wait_event = 'transactionid' and datname = current_database()`
      )
      if (waiting.rowCount) break
    }
    await other.query('commit')
    other.release()
    assert.deepEqual(await fields(await answer), [['principal_id', 'ended']])
  })
})
