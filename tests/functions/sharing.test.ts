import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import sharp from 'sharp'
import type { Project } from '../../functions/_shared/contract/document.ts'
import type {
  Link,
  LinkShown,
  LinkWithVisits,
  MadeLink,
  SharedDocument,
  Visit
} from '../../functions/_shared/contract/link.ts'
import { asCaller, asVisitor, file, seedPages, setDocumentsStage } from '../support/documents.ts'
import { type CallWish, call, cookieOf, problemCode } from '../support/functions.ts'

type Page<T> = { items: T[]; next: string | null }

const stage = await setDocumentsStage()
await stage.seedFirm()
const sharing = await stage.handler('sharing')
const maker = await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' })
const other = await stage.seedPerson({ name: 'Olga Other', staff_role: 'staff' })
const reader = await stage.seedPerson({ name: 'Rolf Reader' })
const cookie = await stage.signIn(maker)
const jonas = asCaller(stage.documents, cookie)
const share = asCaller(sharing, cookie)
const stranger = asCaller(sharing, await stage.signIn(other))
const rolf = asCaller(sharing, await stage.signIn(reader))

const { unseal } = await import('../../functions/_shared/auth/sealed.ts')

const project = await jonas.ok<Project>('POST', '/projects', { name: 'Annual accounts' })
await stage.seedGrant({ person_id: reader.id, node_id: project.id, level: 2 })
const folder = await jonas.ok<{ id: string }>('POST', '/folders', { parent_id: project.id, name: 'Bank' })
const [paper] = await jonas.upload(folder.id, [file('Paper.pdf', 'not really a PDF')])
const [hidden] = await jonas.upload(project.id, [file('Hidden.pdf', 'none of theirs')])
assert.ok(paper && hidden)
await seedPages(stage, paper.id, 2)
await seedPages(stage, hidden.id, 1)

const make = (wish: object = {}) =>
  share.ok<MadeLink>('POST', '/links', { thing_ids: [paper.id], recipient: 'Sparkasse', ...wish })

const secretOf = (link: MadeLink): string => new URL(link.url).hash.slice(1)

const press = (link: MadeLink, body: object = {}, wish: CallWish = {}) =>
  call(sharing, 'POST', `/links/${link.id}/open`, {
    body: { secret: secretOf(link), name: 'Berta Bank', ...body },
    ...wish
  })

/** Opens a link; somebody who calls with the visit's cookie. */
async function visit(link: MadeLink, body: object = {}) {
  const answer = await press(link, body)
  assert.equal(answer.status, 204, await answer.clone().text())
  return asVisitor(sharing, link.id, cookieOf(answer) ?? '')
}

const PAGE = (id: string) => `/documents/${id}/pages/1/image`

const acts = async (action: string, actor: string): Promise<number> =>
  (await stage.owner.query('select from audit where action = $1 and actor_id = $2', [action, actor]))
    .rowCount ?? 0

test('whoever manages a thing shares it for 14 days; the secret lies in the fragment and nowhere else', async () => {
  const link = await make()
  assert.match(link.url, new RegExp(`^http://localhost:8480/l/${link.id}#[\\w-]{43}$`))
  assert.equal(link.state, 'open')
  assert.deepEqual(link.things, [{ id: paper.id, kind: 'document', name: 'Paper.pdf' }])
  const days = (Date.parse(link.valid_until) - Date.now()) / 86_400_000
  assert.ok(days > 13.99 && days <= 14)
  const kept = await stage.owner.query<{ secret_hash: Buffer }>('select * from link where id = $1', [link.id])
  assert.ok(!JSON.stringify(kept.rows[0]).includes(secretOf(link)))
  assert.deepEqual(kept.rows[0]?.secret_hash, createHash('sha256').update(secretOf(link)).digest())
  assert.equal(await acts('link.created', maker.id), 1)
})

test('nobody shares what they do not manage, and a foreign thing is as one that is not there', async () => {
  const wish = { thing_ids: [paper.id], recipient: 'Me' }
  assert.equal((await rolf.send('POST', '/links', wish)).status, 403)
  assert.equal((await stranger.send('POST', '/links', wish)).status, 404)
  assert.equal((await call(sharing, 'POST', '/links', { body: wish })).status, 401)
})

test('a link lasts no longer than the firm allows, and shares things of one project', async () => {
  const far = new Date(Date.now() + 91 * 86_400_000).toISOString()
  const past = new Date(Date.now() - 1_000).toISOString()
  for (const valid_until of [far, past]) {
    const answer = await share.send('POST', '/links', {
      thing_ids: [paper.id],
      recipient: 'Me',
      valid_until
    })
    assert.equal(answer.status, 422)
  }
  const elsewhere = await jonas.ok<Project>('POST', '/projects', { name: 'Another' })
  const both = { thing_ids: [paper.id, elsewhere.id], recipient: 'Me' }
  assert.equal((await share.send('POST', '/links', both)).status, 422)
})

test('a visitor sees who shares what, and only that', async () => {
  const link = await make({ note: 'As agreed' })
  const visitor = await visit(link)
  const told = await visitor.ok<Visit>('GET', '/')
  assert.deepEqual([told.firm, told.sender, told.note], ['Kanzlei Test', 'Jonas Weber', 'As agreed'])
  const { items } = await visitor.ok<Page<SharedDocument>>('GET', '/documents')
  assert.deepEqual(
    items.map(({ id, level }) => ({ id, level })),
    [{ id: paper.id, level: 'view' }]
  )
  assert.equal((await visitor.send('GET', PAGE(hidden.id))).status, 404)
  assert.equal(await acts('link.opened', link.id), 1)
})

test('a shared folder shows what lies in it, also what comes later', async () => {
  const visitor = await visit(await make({ thing_ids: [folder.id] }))
  const [late] = await jonas.upload(folder.id, [file('Late.pdf', 'later')])
  assert.ok(late)
  await seedPages(stage, late.id, 1)
  const { items } = await visitor.ok<Page<SharedDocument>>('GET', '/documents')
  assert.deepEqual(
    items.map((item) => item.name),
    ['Late.pdf', 'Paper.pdf']
  )
  const first = await visitor.ok<Page<SharedDocument>>('GET', '/documents?limit=1')
  const rest = await visitor.ok<Page<SharedDocument>>('GET', `/documents?cursor=${first.next}`)
  assert.deepEqual(
    rest.items.map((item) => item.name),
    ['Paper.pdf']
  )
})

test('a view-only visit gets marked pages that nobody keeps, and neither clean ones nor the original', async () => {
  const link = await make()
  const visitor = await visit(link)
  for (const size of ['page', 'thumbnail']) {
    const answer = await visitor.send('GET', `${PAGE(paper.id)}?size=${size}`)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('content-type'), 'image/jpeg')
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    // The clean page is white all over.
    const { channels } = await sharp(await answer.arrayBuffer()).stats()
    assert.ok(
      channels.every((channel) => channel.min < 200),
      `the ${size} is not marked`
    )
  }
  assert.equal((await visitor.send('GET', `/documents/${paper.id}/content`)).status, 403)
  const log = await stage.owner.query<{ body: Buffer }>(
    `select body from audit where action = 'page.viewed' and actor_id = $1`,
    [link.id]
  )
  assert.equal(log.rowCount, 1)
  assert.match(log.rows[0]?.body.toString() ?? '', /"watermarked":true/)
})

test('with download the page and the original come from the store', async () => {
  const link = await make({ level: 'download' })
  const visitor = await visit(link)
  const page = await visitor.send('GET', PAGE(paper.id))
  assert.equal(page.status, 302)
  const original = await visitor.send('GET', `/documents/${paper.id}/content`)
  assert.equal(original.status, 302)
  const bytes = await fetch(original.headers.get('location') ?? '')
  assert.equal(await bytes.text(), 'not really a PDF')
  assert.equal(await acts('document.downloaded', link.id), 1)
})

test('of twenty opens at the same time exactly three succeed where three are left', async () => {
  const link = await make({ max_opens: 3 })
  const answers = await Promise.all(Array.from({ length: 20 }, () => press(link)))
  assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [
    ...Array<number>(3).fill(204),
    ...Array<number>(17).fill(410)
  ])
  assert.equal((await share.ok<LinkWithVisits>('GET', `/links/${link.id}`)).visits.length, 3)
})

test('looking at the address opens nothing, and a wrong secret is as a link that is not there', async () => {
  const link = await make()
  assert.ok((await call(sharing, 'GET', `/links/${link.id}/open`)).status >= 400)
  const wrong = await press(link, { secret: 'A'.repeat(43) })
  const missing = await press({ ...link, id: crypto.randomUUID() })
  assert.deepEqual([wrong.status, missing.status], [404, 404])
  const look = (secret: string) => call(sharing, 'POST', `/links/${link.id}/look`, { body: { secret } })
  assert.equal((await look('A'.repeat(43))).status, 404)
  const secret = new URL(link.url).hash.slice(1)
  for (let time = 0; time < 2; time += 1) assert.equal((await look(secret)).status, 200)
  const { opens, looks, visits } = await share.ok<LinkWithVisits>('GET', `/links/${link.id}`)
  assert.deepEqual(
    [opens, looks, visits],
    [0, 2, []],
    'a program that checks links is told apart from people'
  )
})

test('a password is asked of whoever has the secret, and guessing ends for this address alone', async () => {
  const link = await make({ password: 'told by telephone' })
  assert.equal(await problemCode(await press(link)), 'link_password')
  for (let guess = 0; guess < 10; guess += 1)
    assert.equal((await press(link, { password: `guess ${guess}` })).status, 401)
  assert.equal((await press(link, { password: 'told by telephone' })).status, 429)
  const elsewhere = { address: '203.0.113.9' }
  assert.equal((await press(link, { password: 'told by telephone' }, elsewhere)).status, 204)
})

test('the same address may open a link as often as it likes', async () => {
  const link = await make()
  for (let time = 0; time < 70; time += 1) assert.equal((await press(link)).status, 204)
})

test('a revoked link ends for pages that are already open, and says so only to who holds its secret', async () => {
  const link = await make()
  const visitor = await visit(link)
  assert.equal((await stranger.send('POST', `/links/${link.id}/revoke`)).status, 404)
  assert.equal((await share.ok<MadeLink>('POST', `/links/${link.id}/revoke`)).state, 'revoked')
  await share.ok('POST', `/links/${link.id}/revoke`)
  assert.equal(await problemCode(await visitor.send('GET', PAGE(paper.id))), 'link_revoked')
  assert.equal(await problemCode(await press(link)), 'link_revoked')
  assert.equal((await press(link, { secret: 'A'.repeat(43) })).status, 404)
  assert.equal(await acts('link.revoked', maker.id), 1)
})

test('an expired link says so and ends what is open', async () => {
  const link = await make()
  const visitor = await visit(link)
  await stage.owner.query(`update link set valid_until = now() where id = $1`, [link.id])
  assert.equal(await problemCode(await visitor.send('GET', '/')), 'link_expired')
  assert.equal(await problemCode(await press(link)), 'link_expired')
})

test('a visitor never sees more than the maker may at that moment', async () => {
  const visitor = await visit(await make({ level: 'download' }))
  const deny = await stage.seedGrant({ person_id: maker.id, document_id: paper.id, level: 2, allows: false })
  assert.equal((await visitor.send('GET', PAGE(paper.id))).status, 200, 'marked: the maker may only view')
  await stage.owner.query('update access_grant set level = 1 where id = $1', [deny])
  assert.equal((await visitor.send('GET', PAGE(paper.id))).status, 404)
  const { items } = await visitor.ok<Page<SharedDocument>>('GET', '/documents')
  assert.deepEqual(items, [])
  await stage.owner.query('delete from access_grant where id = $1', [deny])
})

test('links of a thing are listed for whoever manages it, with their visits', async () => {
  const link = await make({ thing_ids: [hidden.id] })
  await visit(link)
  const { items } = await share.ok<Page<MadeLink>>('GET', `/links?thing_id=${hidden.id}`)
  assert.deepEqual(
    items.map(({ id, opens }) => ({ id, opens })),
    [{ id: link.id, opens: 1 }]
  )
  const { visits } = await share.ok<LinkWithVisits>('GET', `/links/${link.id}`)
  assert.deepEqual(
    visits.map((one) => one.name),
    ['Berta Bank']
  )
  assert.equal((await rolf.send('GET', `/links?thing_id=${hidden.id}`)).status, 403)
  assert.deepEqual((await stranger.ok<Page<MadeLink>>('GET', '/links')).items, [])
  assert.equal((await stranger.send('GET', `/links/${link.id}`)).status, 404)
})

test('holding the secret shows what a link shares without opening it; once it has ended only the reason', async () => {
  const link = await make({ note: 'As agreed', password: 'told by telephone' })
  const look = (secret: string) => call(sharing, 'POST', `/links/${link.id}/look`, { body: { secret } })
  const shown = (await (await look(secretOf(link))).json()) as LinkShown
  assert.deepEqual(
    [shown.state, shown.firm, shown.sender, shown.note, shown.has_password, shown.things],
    ['open', 'Kanzlei Test', 'Jonas Weber', 'As agreed', true, [{ kind: 'document', name: 'Paper.pdf' }]]
  )
  assert.equal((await look('A'.repeat(43))).status, 404)
  assert.equal((await share.ok<LinkWithVisits>('GET', `/links/${link.id}`)).opens, 0)
  await share.ok('POST', `/links/${link.id}/revoke`)
  const ended = (await (await look(secretOf(link))).json()) as LinkShown
  assert.deepEqual([ended.state, ended.note, ended.things], ['revoked', null, []])
})

test('a visitor who asks for a renewal is heard once an hour: a mail without contents, the log and the inbox', async () => {
  const link = await make({ recipient: 'Wunsch GmbH' })
  const ask = (secret = secretOf(link)) =>
    call(sharing, 'POST', `/links/${link.id}/renewal-requests`, { body: { secret } })
  assert.equal((await ask()).status, 409, 'it still works')
  await share.ok('POST', `/links/${link.id}/revoke`)
  assert.equal((await ask('A'.repeat(43))).status, 404)
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask()))
  assert.deepEqual(
    answers.map((answer) => answer.status),
    Array<number>(5).fill(204)
  )
  assert.equal(await acts('link.renewal_asked', link.id), 1)
  const jobs = await stage.owner.query<{ data: object }>(
    `select data from job where kind = 'notify' and data->>'template' = 'renewal' and data->>'link_id' = $1`,
    [link.id]
  )
  assert.deepEqual(
    jobs.rows.map((job) => job.data),
    [{ template: 'renewal', person_id: maker.id, link_id: link.id, project_id: project.id }]
  )
  assert.ok((await share.ok<Link>('GET', `/links/${link.id}`)).renewal_asked_at)
})

test('a renewed link opens again at the same address, and that is written down', async () => {
  const link = await make({ max_opens: 1 })
  await visit(link)
  assert.equal(await problemCode(await press(link)), 'link_used')
  await share.ok('POST', `/links/${link.id}/revoke`)
  assert.equal((await stranger.send('POST', `/links/${link.id}/renew`, {})).status, 404)
  const past = { valid_until: new Date(Date.now() - 1_000).toISOString() }
  assert.equal((await share.send('POST', `/links/${link.id}/renew`, past)).status, 422)
  const renewed = await share.ok<Link>('POST', `/links/${link.id}/renew`, {})
  assert.deepEqual([renewed.state, renewed.max_opens, renewed.renewal_asked_at], ['open', 2, null])
  await visit(link)
  assert.equal(await acts('link.renewed', maker.id), 1)
})

test('a link goes out by mail with its secret sealed, and only from whoever knows the secret', async () => {
  const link = await make({ password: 'told by telephone' })
  const send = (body: object) => share.send('POST', `/links/${link.id}/mail`, body)
  assert.equal((await send({ secret: 'A'.repeat(43), to: 'berta@bank.example' })).status, 404)
  const wish = { secret: secretOf(link), to: 'berta@bank.example' }
  assert.equal((await stranger.send('POST', `/links/${link.id}/mail`, wish)).status, 404)
  assert.equal((await send(wish)).status, 202)
  const jobs = await stage.owner.query<{ data: { sealed: string } }>(
    `select data from job where kind = 'notify' and data->>'link_id' = $1`,
    [link.id]
  )
  const [job] = jobs.rows
  assert.ok(job && jobs.rowCount === 1)
  const clear = JSON.stringify(job.data)
  assert.ok(!clear.includes(secretOf(link)) && !clear.includes('berta') && !clear.includes('telephone'))
  assert.deepEqual(JSON.parse((await unseal(job.data.sealed)).text), { to: wish.to, url: link.url })
})

test('an answer that tells a secret is remembered nowhere, whatever key comes with the request', async () => {
  const body = { thing_ids: [paper.id], recipient: 'Me' }
  const answer = await share.send('POST', '/links', body, { headers: { 'idempotency-key': 'k-1' } })
  const made = (await answer.json()) as MadeLink
  const kept = await stage.owner.query('select * from idempotency')
  assert.ok(!JSON.stringify(kept.rows).includes(secretOf(made)))
})

test('the links of a project are listed for whoever manages them, and for nobody else', async () => {
  const link = await make()
  const found = await share.ok<Page<Link>>('GET', `/links?project_id=${project.id}&limit=200`)
  assert.ok(found.items.some((one) => one.id === link.id))
  assert.deepEqual((await rolf.ok<Page<Link>>('GET', `/links?project_id=${project.id}`)).items, [])
  assert.equal((await stranger.send('GET', `/links?project_id=${project.id}`)).status, 404)
})

test('a visitor sees the folders from the shared one on, and none above it', async () => {
  const deep = await jonas.ok<{ id: string }>('POST', '/folders', { parent_id: folder.id, name: '2026' })
  const [letter] = await jonas.upload(deep.id, [file('Letter.pdf', 'deep')])
  assert.ok(letter)
  await seedPages(stage, letter.id, 1)
  const pathIn = async (thing_ids: string[]) => {
    const visitor = await visit(await make({ thing_ids }))
    const { items } = await visitor.ok<Page<SharedDocument>>('GET', '/documents')
    return items.find((item) => item.id === letter.id)?.path
  }
  assert.deepEqual(await pathIn([folder.id]), ['Bank', '2026'])
  assert.deepEqual(await pathIn([deep.id]), ['2026'])
  assert.deepEqual(await pathIn([letter.id]), [])
})

test('a folder from which the maker was shut out since is not named to visitors', async () => {
  const outer = await jonas.ok<{ id: string }>('POST', '/folders', { parent_id: project.id, name: 'Dispute' })
  const inner = await jonas.ok<{ id: string }>('POST', '/folders', { parent_id: outer.id, name: 'Public' })
  const [letter] = await jonas.upload(inner.id, [file('Open.pdf', 'open')])
  assert.ok(letter)
  await seedPages(stage, letter.id, 1)
  const visitor = await visit(await make({ thing_ids: [outer.id] }))
  const shown = async () =>
    (await visitor.ok<Page<SharedDocument>>('GET', '/documents')).items.map(({ path }) => path)
  assert.deepEqual(await shown(), [['Dispute', 'Public']])
  await stage.seedGrant({ person_id: maker.id, node_id: outer.id, level: 1, allows: false })
  await stage.seedGrant({ person_id: maker.id, node_id: inner.id, level: 4 })
  assert.deepEqual(await shown(), [['Public']])
})

test('whoever manages no longer opens and mails none of their links; seeing and ending them is still theirs', async () => {
  const lead = await stage.seedPerson({ name: 'Lena Lead', staff_role: 'staff' })
  const helper = await stage.seedPerson({ name: 'Hugo Helper', staff_role: 'staff' })
  const matter = await asCaller(stage.documents, await stage.signIn(lead)).ok<Project>('POST', '/projects', {
    name: 'Merger'
  })
  const given = { person_id: helper.id, node_id: matter.id }
  await stage.seedGrant({ ...given, level: 4 })
  const hugo = asCaller(sharing, await stage.signIn(helper))
  const link = await hugo.ok<MadeLink>('POST', '/links', { thing_ids: [matter.id], recipient: 'Bank' })
  await stage.owner.query('update access_grant set level = 1 where person_id = $1', [helper.id])
  const mailing = { to: 'bank@example.org', secret: secretOf(link) }
  assert.equal((await hugo.send('POST', `/links/${link.id}/mail`, mailing)).status, 403)
  assert.equal((await hugo.ok<Link>('POST', `/links/${link.id}/revoke`, {})).state, 'revoked')
  assert.equal((await hugo.send('POST', `/links/${link.id}/renew`, {})).status, 403)
  assert.equal((await hugo.ok<Link>('GET', `/links/${link.id}`)).state, 'revoked')
})

test('many wrong secrets from one address end there, and visitors elsewhere are not disturbed', async () => {
  const link = await make()
  const guess = () => press(link, { secret: 'B'.repeat(43) }, { address: '203.0.113.77' })
  const answers = await Promise.all(Array.from({ length: 70 }, guess))
  assert.ok(answers.every((answer) => answer.status === 404 || answer.status === 429))
  assert.equal((await guess()).status, 429)
  assert.equal((await press(link, {}, { address: '203.0.113.78' })).status, 204)
  assert.equal(
    (await press(link, {}, { address: '203.0.113.77' })).status,
    204,
    'nor real ones behind the same'
  )
})

test('the end of a link is an instant: a clock that is set forward in between changes nothing', async () => {
  // 2027-03-28 02:00 in Berlin is 03:00: the firm lets a link live long enough for this.
  await stage.owner.query('update firm set link_days_max = 3650')
  const link = await make({ valid_until: '2027-03-28T03:30:00+02:00' })
  assert.equal(Date.parse(link.valid_until), Date.parse('2027-03-28T01:30:00Z'))
  const visitor = await visit(link)
  const told = await visitor.ok<Visit>('GET', '/')
  assert.deepEqual(
    [Date.parse(told.valid_until), told.time_zone],
    [Date.parse('2027-03-28T01:30:00Z'), 'Europe/Berlin']
  )
  await stage.owner.query('update firm set link_days_max = 90')
})

test('a visit that a revocation ended does not come back with the renewal; one of a link that only lasts longer goes on', async () => {
  const link = await make()
  const before = await visit(link)
  await share.ok('POST', `/links/${link.id}/renew`, {})
  assert.equal((await before.send('GET', '/')).status, 200)
  await share.ok('POST', `/links/${link.id}/revoke`)
  await share.ok('POST', `/links/${link.id}/renew`, {})
  assert.equal((await before.send('GET', '/')).status, 401)
  assert.equal((await before.send('GET', PAGE(paper.id))).status, 401)
  const again = await visit(link)
  assert.equal((await again.send('GET', '/')).status, 200)
  // Ended by time, sooner than the visit was meant to last.
  await stage.owner.query("update link set valid_until = now() - interval '1 second' where id = $1", [
    link.id
  ])
  await share.ok('POST', `/links/${link.id}/renew`, {})
  assert.equal((await again.send('GET', '/')).status, 401)
})

test('pages of two versions never stand side by side', async () => {
  const [draft] = await jonas.upload(folder.id, [file('Draft.pdf', 'one')])
  assert.ok(draft)
  await seedPages(stage, draft.id, 2)
  const link = await make({ thing_ids: [draft.id] })
  const visitor = await visit(link)
  const pages = (version: number) => visitor.send('GET', `/documents/${draft.id}/pages?version=${version}`)
  const { items } = await visitor.ok<{ items: SharedDocument[] }>('GET', '/documents')
  assert.equal(items[0]?.version, 1)
  assert.equal((await pages(1)).status, 200)
  await jonas.upload(folder.id, [{ ...file('Draft.pdf', 'two!'), document_id: draft.id }])
  await stage.owner.query("update version set state = 'checked' where document_id = $1 and no = 2", [
    draft.id
  ])
  assert.equal(await problemCode(await pages(1)), 'version_changed')
  assert.equal(await problemCode(await visitor.send('GET', `${PAGE(draft.id)}?version=1`)), 'version_changed')
  assert.equal((await pages(2)).status, 200)
  const later = await visitor.ok<{ items: SharedDocument[] }>('GET', '/documents')
  assert.equal(later.items[0]?.version, 2)
})

test('whoever sent a mail is told that it waits for the mail server, or was given up', async () => {
  const link = await make()
  const told = async () => (await share.ok<LinkWithVisits>('GET', `/links/${link.id}`)).mail
  assert.equal(await told(), null)
  await share.ok('POST', `/links/${link.id}/mail`, { secret: secretOf(link), to: 'berta@bank.example' })
  assert.equal(await told(), null, 'just on its way')
  const set = (change: string) =>
    stage.owner.query(`update job set ${change} where kind = 'notify' and data->>'link_id' = $1`, [link.id])
  await set('attempt = 2')
  assert.equal(await told(), 'waiting')
  await set("state = 'dead', done_at = now()")
  assert.equal(await told(), 'failed')
  await set("state = 'done'")
  assert.equal(await told(), null)
})

test('a mail goes to one address; five thousand in its place are refused, and nothing is sent', async () => {
  const link = await make()
  const to = Array.from({ length: 5_000 }, (_, i) => `p${i}@bank.example`).join(', ')
  const answer = await share.send('POST', `/links/${link.id}/mail`, { secret: secretOf(link), to })
  assert.equal(answer.status, 422)
  const { rowCount } = await stage.owner.query("select from job where data->>'link_id' = $1", [link.id])
  assert.equal(rowCount, 0)
})

test('what is deleted, moved away or found infected while somebody reads is gone with the next page', async () => {
  const inside = await jonas.ok<{ id: string }>('POST', '/folders', {
    parent_id: project.id,
    name: 'For the court'
  })
  const names = ['Deleted.pdf', 'Moved.pdf', 'Infected.pdf', 'Stays.pdf']
  const papers = await jonas.upload(
    inside.id,
    names.map((name) => file(name, name))
  )
  for (const one of papers) await seedPages(stage, one.id, 1)
  const [deleted, moved, infected, stays] = papers
  assert.ok(deleted && moved && infected && stays)
  const visitor = await visit(await make({ thing_ids: [inside.id] }))
  const pages = () => Promise.all(papers.map(async (one) => (await visitor.send('GET', PAGE(one.id))).status))
  assert.deepEqual(await pages(), [200, 200, 200, 200])
  await jonas.ok('POST', '/things/trash', { things: [deleted.id] })
  await jonas.ok('POST', '/things/move', { things: [moved.id], folder_id: project.id })
  await stage.owner.query(
    "update version set state = 'held', scan_result = 'infected' where document_id = $1",
    [infected.id]
  )
  assert.deepEqual(await pages(), [404, 404, 409, 200])
  const { items } = await visitor.ok<Page<SharedDocument>>('GET', '/documents')
  assert.deepEqual(
    items.map((one) => one.name),
    ['Stays.pdf']
  )
})
