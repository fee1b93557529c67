/** Links whose requests come twice: an answer got lost, a function died, somebody pressed again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Project } from '../../functions/_shared/contract/document.ts'
import type { Link, MadeLink } from '../../functions/_shared/contract/link.ts'
import { asCaller, file, setDocumentsStage } from '../support/documents.ts'
import { problemCode } from '../support/functions.ts'

const stage = await setDocumentsStage()
await stage.seedFirm()
const sharing = await stage.handler('sharing')
const maker = await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' })
const cookie = await stage.signIn(maker)
const jonas = asCaller(stage.documents, cookie)
const share = asCaller(sharing, cookie)
const project = await jonas.ok<Project>('POST', '/projects', { name: 'Annual accounts' })
const [paper] = await jonas.upload(project.id, [file('Paper.pdf', 'not really a PDF')])
assert.ok(paper)

const wish = { thing_ids: [paper.id], recipient: 'Sparkasse', password: 'told by telephone' }
const withKey = (key: string) => ({ headers: { 'idempotency-key': key } })
const make = async (key: string, body: object = wish, by = share): Promise<MadeLink> => {
  const answer = await by.send('POST', '/links', body, withKey(key))
  assert.equal(answer.status, 201)
  return (await answer.json()) as MadeLink
}
const secretOf = (link: MadeLink): string => new URL(link.url).hash.slice(1)
const actsOf = async (action: string, link: Link): Promise<number> =>
  (await stage.owner.query('select from audit where action = $1 and subject_id = $2', [action, link.id]))
    .rowCount ?? 0

test('of ten requests at the same time with one key one makes the link, and all are told the same', async () => {
  const made = await Promise.all(Array.from({ length: 10 }, () => make('twin')))
  assert.equal(new Set(made.map((link) => link.url)).size, 1)
  const [link] = made
  assert.ok(link)
  const kept = await stage.owner.query('select id from link where made_by = $1', [maker.id])
  assert.deepEqual(kept.rows, [{ id: link.id }])
  assert.equal(await actsOf('link.created', link), 1)
})

test('another key, another session and no key at all each make a link of their own', async () => {
  const again = asCaller(sharing, await stage.signIn(maker))
  const urls = [
    await make('a'),
    await make('b'),
    await make('a', wish, again),
    await share.ok<MadeLink>('POST', '/links', wish),
    await share.ok<MadeLink>('POST', '/links', wish)
  ].map((link) => link.url)
  assert.equal(new Set(urls).size, urls.length)
})

test('other terms under a key that made a link are refused, also at the same time, and make nothing', async () => {
  const other = { ...wish, recipient: 'Bank' }
  const link = await make('terms')
  const answer = await share.send('POST', '/links', other, withKey('terms'))
  assert.equal(answer.status, 422)
  assert.equal(await problemCode(answer), 'idempotency_mismatch')
  const answers = await Promise.all(
    [wish, other, wish, other].map((body) => share.send('POST', '/links', body, withKey('terms at once')))
  )
  assert.deepEqual(answers.map((one) => one.status).toSorted(), [201, 201, 422, 422])
  assert.equal((await make('terms')).id, link.id)
  const { rows } = await stage.owner.query(
    'select count(*)::int as n from link where made_by = $1 and created_at >= $2',
    [maker.id, link.created_at]
  )
  assert.deepEqual(rows, [{ n: 2 }])
})

test('neither the secret nor the password nor anything by which they could be tried is remembered', async () => {
  const link = await make('kept nowhere')
  const rows = await stage.owner.query('select * from idempotency')
  assert.equal(rows.rowCount, 0)
  const { rows: kept } = await stage.owner.query('select * from link where id = $1', [link.id])
  assert.ok(!JSON.stringify(kept).includes(secretOf(link)))
})

test('a repeated link that was revoked meanwhile is told as revoked, and is not made anew', async () => {
  const link = await make('ended')
  await share.ok('POST', `/links/${link.id}/revoke`)
  const again = await make('ended')
  assert.deepEqual([again.id, again.state], [link.id, 'revoked'])
})

/** The function dies right after its commit: whatever it would write next is refused. */
async function diesAfterCommit(work: () => Promise<void>): Promise<void> {
  await stage.owner.query(`create function died() returns trigger language plpgsql as $$
    begin
      if coalesce(current_setting('app.projects', true), '') = '' then raise exception 'the function is dead'; end if;
      return new;
    end $$`)
  await stage.owner.query(
    'create trigger died before update on idempotency for each row execute function died()'
  )
  try {
    await work()
  } finally {
    await stage.owner.query('drop function died() cascade')
  }
}

test('a mail and a renewal are remembered with what they did: repeated, they are not done again', async () => {
  const link = await make('mailed')
  const wishes = [
    ['mail', { secret: secretOf(link), to: 'berta@bank.example' }, 'link.mailed'],
    ['renew', {}, 'link.renewed']
  ] as const
  for (const [path, body, action] of wishes) {
    const send = () => share.send('POST', `/links/${link.id}/${path}`, body, withKey(path))
    await diesAfterCommit(async () => void (await send()))
    // So long a claim without an answer keeps others out.
    await stage.owner.query("update idempotency set created_at = now() - interval '3 minutes'")
    const again = await send()
    assert.ok(again.ok)
    assert.equal(await actsOf(action, link), 1, path)
  }
  const { rows } = await stage.owner.query("select from job where data->>'link_id' = $1", [link.id])
  assert.equal(rows.length, 1)
  const other = { secret: secretOf(link), to: 'x@bank.example' }
  const answer = await share.send('POST', `/links/${link.id}/mail`, other, withKey('mail'))
  assert.equal(await problemCode(answer), 'idempotency_mismatch')
})
