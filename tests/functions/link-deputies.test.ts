/** Links of somebody who is away, in the hands of whoever stands in for them. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Link, LinkWithVisits, MadeLink } from '../../functions/_shared/contract/link.ts'
import { asCaller, setDocumentsStage } from '../support/documents.ts'
import { problemCode } from '../support/functions.ts'

const stage = await setDocumentsStage()
await stage.seedFirm()
const sharing = await stage.handler('sharing')
const staff = (name: string) => stage.seedPerson({ name, staff_role: 'staff', password_hash: 'set' })
const [anna, jonas, mats] = [await staff('Anna'), await staff('Jonas'), await staff('Mats')]
const as = async (person: { id: string }) => asCaller(sharing, await stage.signIn(person))
const [hers, his, others] = [await as(anna), await as(jonas), await as(mats)]
const client = await stage.seedOrganisation('Bergmann')
const project = await stage.seedProject({ name: 'Scheidung', client_id: client })
const db = stage.owner

/** Anna shares the whole project and goes; Jonas stands in for her. */
let link: MadeLink
beforeEach(async () => {
  await db.query('delete from exclusion')
  await db.query('update deputy set ended_at = now(), ended_by = absent_id where ended_at is null')
  await db.query('delete from access_lock')
  await db.query('delete from access_grant')
  await stage.seedGrant({ person_id: anna.id, node_id: project, level: 4 })
  link = await hers.ok<MadeLink>('POST', '/links', { thing_ids: [project], recipient: 'Sparkasse' })
  await db.query(
    `insert into deputy (absent_id, deputy_id, valid_until, named_by) values ($1, $2, now() + interval '7 days', $1)`,
    [anna.id, jonas.id]
  )
})

const path = (after = '') => `/links/${link.id}${after}`
const listed = async (by: typeof his, query = '') =>
  (await by.ok<{ items: Link[] }>('GET', `/links${query}`)).items.some((one) => one.id === link.id)

test('a deputy finds and ends a link whose maker no longer manages what it shares', async () => {
  await db.query('delete from access_grant where person_id = $1', [anna.id])
  assert.equal(await listed(his), true)
  assert.equal((await his.ok<LinkWithVisits>('GET', path())).recipient, 'Sparkasse')
  assert.equal((await his.ok<Link>('POST', path('/revoke'))).state, 'revoked')
  const { rows } = await db.query<{ actor_id: string; deputy_of: string }>(
    `select actor_id, convert_from(body, 'UTF8')::jsonb->'facts'->>'deputy_of' as deputy_of
       from audit where action = 'link.revoked' and subject_id = $1`,
    [link.id]
  )
  assert.deepEqual(rows, [{ actor_id: jonas.id, deputy_of: anna.id }])
})

test('a lock that leaves nothing but looking, or not even that, keeps no deputy from ending a link', async () => {
  for (const hides of [false, true]) {
    await db.query(
      'insert into access_lock (node_id, hides, valid_from, made_by) values ($1, $2, now(), $3)',
      [project, hides, anna.id]
    )
    assert.equal(await listed(his), true)
    if (!hides) assert.equal(await listed(his, `?project_id=${project}`), true)
  }
  assert.equal((await his.ok<Link>('POST', path('/revoke'))).state, 'revoked')
})

test('a deputy makes no link go on that shares what they do not manage', async () => {
  await db.query('update access_grant set level = 1 where person_id = $1', [anna.id])
  const answer = await his.send('POST', path('/renew'), {})
  assert.equal(await problemCode(answer), 'forbidden')
})

test('nobody else ends it: not who stands in for nobody, not a deputy whose window is over', async () => {
  await db.query('delete from access_grant where person_id = $1', [anna.id])
  await db.query('update deputy set ended_at = now(), ended_by = absent_id')
  for (const by of [his, others]) {
    assert.equal(await listed(by), false)
    assert.equal(await problemCode(await by.send('GET', path())), 'not_found')
    assert.equal(await problemCode(await by.send('POST', path('/revoke'))), 'not_found')
  }
})

test('a deputy who is kept from the client does not learn of the link', async () => {
  await db.query('insert into exclusion (person_id, client_id, reason) values ($1, $2, $3)', [
    ...[jonas.id, client, 'Conflict']
  ])
  assert.equal(await listed(his), false)
  assert.equal(await problemCode(await his.send('GET', path())), 'not_found')
  assert.equal(await problemCode(await his.send('POST', path('/revoke'))), 'not_found')
  assert.equal(await listed(hers), true)
})
