/** Before it is saved: what a change does, and the guard against locking everybody out. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AccessTrial, GrantPage } from '../../functions/_shared/contract/access.ts'
import { problemCode } from '../support/functions.ts'
import { type Name, setPermissionStage } from '../support/permission-stage.ts'

const { stage, bergmann, people, send, ok, made, folderIn, documentIn, project, wish, give, inHours, told } =
  await setPermissionStage()

describe('before it is saved', () => {
  const previewed = (by: Name, body: object) => ok<AccessTrial>(by, 'POST', '/grants/preview', body)

  test('a grant for a while tells what is gained when it begins and what goes when it ends', async () => {
    const id = await project()
    const [valid_from, valid_until] = [inHours(24), inHours(48)]
    assert.deepEqual(
      told(await previewed('jonas', wish(id, 'karl', 'download', { valid_from, valid_until }))),
      [
        [valid_from, false, ['Karl Accounts: null → download']],
        [valid_until, true, ['Karl Accounts: download → null']]
      ]
    )
  })

  test('taking away what has not begun tells what will not be', async () => {
    const id = await project()
    const valid_from = inHours(24)
    const grant = await give('jonas', id, 'karl', 'view', { valid_from })
    assert.deepEqual(told(await ok('jonas', 'GET', `/grants/${grant.id}/removal`)), [
      [valid_from, false, ['Karl Accounts: view → null']]
    ])
  })

  test('a change tells each moment at which it makes a difference', async () => {
    const id = await project()
    const grant = await give('jonas', id, 'karl', 'view', { valid_until: inHours(24) })
    const valid_until = inHours(48)
    const trial = await ok<AccessTrial>('jonas', 'POST', `/grants/${grant.id}/preview`, {
      ...{ level: 'view', revision: 1, valid_until }
    })
    assert.deepEqual(told(trial), [
      [grant.valid_until, false, ['Karl Accounts: null → view']],
      [valid_until, true, ['Karl Accounts: view → null']]
    ])
  })

  test('links go with whoever made them, and what lies below and has another answer is named', async () => {
    const id = await project()
    const folder = await folderIn(id)
    const grant = await give('jonas', id, 'aylin', 'manage')
    await stage.seedGrant({ person_id: people.aylin.id, node_id: folder, level: 2 })
    const link = await made(
      'insert into link (made_by, recipient, project_id) values ($1, $2, $3) returning id',
      [...[people.aylin.id, 'Sparkasse', id]]
    )
    await stage.owner.query('insert into access_grant (link_id, node_id, level) values ($1, $2, 1)', [
      link,
      id
    ])
    const trial = await ok<AccessTrial>('jonas', 'GET', `/grants/${grant.id}/removal`)
    const lines = told(trial)[0]?.[2]
    assert.deepEqual(lines, [
      'Aylin Accounts: manage → null',
      'Aylin Belege: manage → download',
      'Sparkasse Accounts: view → null'
    ])
  })

  test('under a lock it tells what is now and what would be', async () => {
    const id = await project()
    const folder = await folderIn(id)
    const document = await documentIn(folder)
    await stage.owner.query(
      `insert into access_lock (document_id, hides, valid_from) values ($1, false, now())`,
      [document]
    )
    await stage.owner.query(
      `insert into access_lock (node_id, hides, valid_from) values ($1, false, now() + interval '1 hour')`,
      [folder]
    )
    const trial = await previewed('jonas', wish(folder, 'karl', 'contribute', { valid_from: inHours(2) }))
    const [change] = trial.moments[0]?.changes ?? []
    assert.deepEqual([change?.after, change?.unlocked], ['view', { before: null, after: 'contribute' }])
  })
})

describe('the lock-out guard', () => {
  test('looks through locks: under one nobody manages, but somebody must be able to lift it', async () => {
    const id = await project()
    const folder = await folderIn(id)
    const document = await documentIn(folder)
    await give('jonas', id, 'aylin', 'manage')
    await stage.owner.query(
      `insert into access_lock (document_id, hides, valid_from) values ($1, true, now())`,
      [document]
    )
    await stage.seedGrant({ person_id: people.jonas.id, document_id: document, level: 4, allows: false })
    const { items } = await ok<GrantPage>('jonas', 'GET', `/things/${id}/grants`)
    const aylins = items.find((one) => one.principal.name === 'Aylin')
    assert.equal(await problemCode(await send('jonas', 'DELETE', `/grants/${aylins?.id}`)), 'last_manager')
  })

  test('finds the one document among thousands that nobody would manage', async () => {
    const id = await project()
    await give('jonas', id, 'aylin', 'manage')
    const folder = await folderIn(id)
    await stage.owner.query(
      `insert into document (folder_id, name) select $1, 'Beleg ' || i from generate_series(1, 1200) i`,
      [folder]
    )
    await stage.owner.query(
      `insert into access_grant (person_id, document_id, level) select $2, id, 1 from document where folder_id = $1`,
      [folder, people.petra.id]
    )
    await stage.owner.query(
      `insert into access_grant (person_id, document_id, level, allows)
       select $2, id, 4, false from document where folder_id = $1 and name = 'Beleg 1200'`,
      [folder, people.jonas.id]
    )
    const { items } = await ok<GrantPage>('jonas', 'GET', `/things/${id}/grants?q=aylin`)
    const trial = await ok<AccessTrial>('jonas', 'GET', `/grants/${items[0]?.id}/removal`)
    assert.deepEqual(
      trial.unmanaged.map((one) => one.name),
      ['Beleg 1200']
    )
    assert.equal(await problemCode(await send('jonas', 'DELETE', `/grants/${items[0]?.id}`)), 'last_manager')
  })

  test('sees that the last manage would end on a later day', async () => {
    const id = await stage.seedProject({ name: 'Alone', client_id: bergmann })
    const grant_id = await stage.seedGrant({ person_id: people.jonas.id, node_id: id, level: 4 })
    const change = { level: 'manage', revision: 1, valid_until: inHours(24) }
    const answer = await send('jonas', 'PATCH', `/grants/${grant_id}`, change)
    assert.equal(await problemCode(answer), 'last_manager')
    const confirmed = await send('jonas', 'PATCH', `/grants/${grant_id}`, { ...change, confirm: true })
    assert.equal(confirmed.status, 200)
  })

  test('of a grant that begins later: who would manage from then on', async () => {
    const id = await stage.seedProject({ name: 'Changing hands', client_id: bergmann })
    await stage.owner.query(
      `insert into access_grant (person_id, node_id, level, valid_until) values ($1, $2, 4, now() + interval '1 day')`,
      [people.jonas.id, id]
    )
    const next = await give('jonas', id, 'aylin', 'manage', { valid_from: inHours(23), confirm: true })
    const trial = await ok<AccessTrial>('jonas', 'GET', `/grants/${next.id}/removal`)
    assert.deepEqual(
      trial.moments.map((one) => one.at),
      [next.valid_from]
    )
  })
})
