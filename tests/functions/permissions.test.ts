/** The permission screen's calls: closed things, grants, and that what is shown is what people meet. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type {
  AccessTrial,
  Closed,
  Grant,
  Holders,
  ThingAccess
} from '../../functions/_shared/contract/access.ts'
import { setPermissionStage } from '../support/permission-stage.ts'

const {
  stage,
  documents,
  bergmann,
  people,
  send,
  ok,
  fields,
  made,
  folderIn,
  documentIn,
  project,
  wish,
  give,
  levelOf,
  lastAct,
  inHours
} = await setPermissionStage()

describe('only these people', () => {
  for (const kind of ['project', 'folder', 'document'] as const)
    test(`a ${kind} is closed: whoever closes it goes on managing, nobody else is left; and opened again`, async () => {
      const top = await project()
      const folder = await folderIn(top)
      const document = await documentIn(folder)
      const thing = { project: top, folder, document }[kind]
      // Of a project the grants on itself go on speaking: what is cut off is the firm's.
      const firm = (await stage.owner.query<{ node_id: string }>('select node_id from firm')).rows[0]?.node_id
      const karls = await stage.seedGrant({ person_id: people.karl.id, node_id: firm ?? '', level: 2 })
      const trial = await ok<AccessTrial>('jonas', 'POST', `/things/${thing}/access/preview`, {
        inherits: false
      })
      const losers =
        trial.moments[0]?.changes.map((one) => `${one.who.name} ${one.before} → ${one.after}`) ?? []
      assert.ok(losers.includes('Karl download → null'), losers.join())
      assert.equal(losers.includes('Petra contribute → null'), kind !== 'project')
      assert.deepEqual([trial.own, trial.unmanaged], [false, []])
      assert.equal(await levelOf('karl', document), 2, 'a trial changes nothing')

      const closed = await ok<Closed>('jonas', 'PATCH', `/things/${thing}/access`, { inherits: false })
      assert.equal(closed.inherits, false)
      assert.equal((await lastAct('access.closed')).facts.grant_id, closed.grant_id)
      assert.equal(await levelOf('jonas', document), 4)
      assert.equal(await levelOf('karl', document), 0)
      assert.equal(await levelOf('petra', document), kind === 'project' ? 3 : 0)
      const again = await ok<Closed>('jonas', 'PATCH', `/things/${thing}/access`, { inherits: false })
      assert.equal(again.grant_id, null, 'a double click closes once')

      const opened = await ok<Closed>('jonas', 'PATCH', `/things/${thing}/access`, { inherits: true })
      assert.equal(opened.inherits, true)
      assert.equal((await lastAct('access.opened')).subject_id, thing)
      assert.deepEqual([await levelOf('karl', document), await levelOf('petra', document)], [2, 3])
      await stage.owner.query('delete from access_grant where id = $1', [karls])
    })

  test('what lies in a closed folder is closed with it, and says from where', async () => {
    const top = await project()
    const folder = await folderIn(top, 'Lohn')
    const inner = await folderIn(folder)
    await ok('jonas', 'PATCH', `/things/${folder}/access`, { inherits: false })
    assert.equal(await levelOf('petra', inner), 0)
    const facts = await ok<ThingAccess>('jonas', 'GET', `/things/${inner}/access`)
    assert.deepEqual(facts.closed_above, { id: folder, kind: 'folder', name: 'Lohn' })
    const above = await ok<ThingAccess>('jonas', 'GET', `/things/${top}/access`)
    assert.deepEqual(above.below, [{ id: folder, kind: 'folder', name: 'Lohn', inherits: false, grants: 1 }])
  })

  test('a closed document is out of lists and search places, and its own grants bring it back', async () => {
    const top = await project()
    const document = await documentIn(top)
    await ok('jonas', 'PATCH', `/things/${document}/access`, { inherits: false })
    const { rows } = await stage.owner.query('select id from access_list($1, $2, now())', [
      people.petra.id,
      top
    ])
    assert.deepEqual(rows, [])
    await give('jonas', document, 'petra', 'view')
    assert.equal(await levelOf('petra', document), 1)
  })

  test('locks, walls and exclusions keep their reach, and are told', async () => {
    const top = await project()
    const folder = await folderIn(top)
    await stage.owner.query(
      `insert into access_lock (node_id, hides, valid_from) values ($1, false, now())`,
      [top]
    )
    const under = await send('jonas', 'PATCH', `/things/${folder}/access`, { inherits: false, confirm: true })
    assert.equal(under.status, 200, 'whoever would manage without the lock mends grants under it')
    await ok('jonas', 'PATCH', `/things/${folder}/access`, { inherits: true })
    await stage.owner.query('update access_lock set valid_until = clock_timestamp() where node_id = $1', [
      top
    ])
    await stage.owner.query(
      `insert into access_lock (node_id, hides, valid_from) values ($1, false, now() + interval '1 day')`,
      [top]
    )
    await stage.owner.query(`insert into exclusion (person_id, client_id, reason) values ($1, $2, 'kin')`, [
      people.karl.id,
      bergmann
    ])
    const seen = await ok<Closed>('jonas', 'PATCH', `/things/${folder}/access`, { inherits: false })
    assert.deepEqual(
      seen.locks.map((one) => [one.on.id, one.hides]),
      [[top, false]]
    )
    assert.deepEqual([seen.walls, seen.exclusions], [false, 1])
    await stage.owner.query('delete from exclusion')
  })

  test('is for whoever manages the thing', async () => {
    const top = await project()
    const folder = await folderIn(top)
    assert.equal((await send('petra', 'PATCH', `/things/${folder}/access`, { inherits: false })).status, 403)
    assert.equal((await send('karl', 'PATCH', `/things/${folder}/access`, { inherits: false })).status, 404)
    assert.equal((await send('petra', 'GET', `/things/${folder}/holders`)).status, 403)
  })
})

describe('a grant', () => {
  for (const kind of ['project', 'folder', 'document'] as const)
    test(`on a ${kind}: for a person, a group and an organisation, allowed and denied, for a while`, async () => {
      const top = await stage.seedProject({ name: 'Everything', client_id: bergmann })
      await stage.seedGrant({ person_id: people.jonas.id, node_id: top, level: 4 })
      const folder = await folderIn(top)
      const thing_id = { project: top, folder, document: await documentIn(folder) }[kind]
      const group = await made(`insert into groups (name) values ('Alle') returning id`, [])
      await stage.owner.query('insert into membership (person_id, group_id) values ($1, $2)', [
        people.petra.id,
        group
      ])
      const valid_until = inHours(24)
      const to = (principal_kind: string, principal_id: string, level: string, allows: boolean) =>
        ok<Grant>('jonas', 'POST', '/grants', {
          ...{ thing_id, principal_kind, principal_id, level, allows, valid_until, note: 'Probe' }
        })
      const held = async () => [await levelOf('petra', thing_id), await levelOf('tobias', thing_id)]
      await to('organisation', bergmann, 'contribute', true)
      assert.deepEqual(await held(), [3, 3])
      await to('group', group, 'download', false)
      assert.deepEqual(await held(), [1, 3], 'a deny takes its level and those above')
      const own = await to('person', people.petra.id, 'manage', true)
      assert.deepEqual(await held(), [4, 3])
      assert.equal(await levelOf('petra', thing_id, valid_until), 0, 'the end itself is outside')
      assert.deepEqual(
        [own.thing.id, own.principal.kind, own.valid_until, own.note, own.given_by?.name],
        [thing_id, 'person', valid_until, 'Probe', 'Jonas']
      )
    })

  test('for own uploads only stays so, and is told with what others upload', async () => {
    const id = await project()
    const drop = await ok<AccessTrial>(
      'jonas',
      'POST',
      '/grants/preview',
      wish(id, 'karl', 'contribute', { own_only: true })
    )
    const [change] = drop.moments[0]?.changes ?? []
    assert.deepEqual([change?.after, change?.others], ['contribute', { before: null, after: null }])
    const grant = await give('jonas', id, 'karl', 'contribute', { own_only: true })
    const raised = await send('jonas', 'PATCH', `/grants/${grant.id}`, { level: 'manage', revision: 1 })
    assert.deepEqual(await fields(raised), [['level', 'own_only']])
    const kept = await ok<Grant>('jonas', 'PATCH', `/grants/${grant.id}`, { level: 'view', revision: 1 })
    assert.equal(kept.own_only, true)
  })
})

test('what the screen says of somebody is what they meet', async () => {
  const id = await project()
  const folder = await folderIn(id)
  await ok('jonas', 'PATCH', `/things/${folder}/access`, { inherits: false })
  await give('jonas', folder, 'petra', 'view')
  const { items } = await ok<Holders>('jonas', 'GET', `/things/${folder}/holders`)
  assert.deepEqual(
    items.map((one) => [one.who.name, one.level, one.reason?.on.name]),
    [
      ['Jonas', 'manage', 'Belege'],
      ['Petra', 'view', 'Belege']
    ]
  )
  for (const [who, status] of [
    ['petra', 200],
    ['tobias', 404]
  ] as const)
    assert.equal((await send(who, 'GET', `/things/${folder}/people`, undefined, documents)).status, status)
})
