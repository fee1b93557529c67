/** The permission screen's calls: closed things, changes of grants, trials before saving, long lists, and the guard. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type {
  AccessTrial,
  Closed,
  Grant,
  GrantPage,
  Holders,
  ThingAccess
} from '../../functions/_shared/contract/access.ts'
import { call, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const admin = await stage.handler('admin')
const documents = await stage.handler('documents')

const bergmann = await stage.seedOrganisation('Bergmann')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' }),
  aylin: await stage.seedPerson({ name: 'Aylin', staff_role: 'staff' }),
  karl: await stage.seedPerson({ name: 'Karl', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra', organisation_id: bergmann }),
  tobias: await stage.seedPerson({ name: 'Tobias', organisation_id: bergmann })
}
type Name = keyof typeof people
const cookies = Object.fromEntries(
  await Promise.all(
    Object.entries(people).map(async ([name, person]) => [name, await stage.signIn(person)] as const)
  )
)
const send = (who: Name, method: string, path: string, body?: unknown, handler = admin) =>
  call(handler, method, path, { cookie: cookies[who] ?? '', body })
async function ok<T>(who: Name, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await send(who, method, path, body)
  const text = await answer.text()
  assert.ok(answer.ok, `${method} ${path}: ${text}`)
  return JSON.parse(text)
}
const fields = async (answer: Response) =>
  ((await answer.json()) as { errors: { field: string; code: string }[] }).errors.map((one) => [
    one.field,
    one.code
  ])

const made = async (sql: string, values: unknown[]) =>
  (await stage.owner.query<{ id: string }>(sql, values)).rows[0]?.id ?? ''
const folderIn = (parent: string, name = 'Belege') =>
  made(`insert into node (kind, parent_id, name) values ('folder', $1, $2) returning id`, [parent, name])
const documentIn = (folder: string, name = 'Bilanz.pdf') =>
  made('insert into document (folder_id, name) values ($1, $2) returning id', [folder, name])
/** A project that Jonas manages and on which Bergmann contributes. */
async function project(): Promise<string> {
  const id = await stage.seedProject({ name: 'Accounts', client_id: bergmann })
  await stage.seedGrant({ person_id: people.jonas.id, node_id: id, level: 4 })
  await stage.seedGrant({ organisation_id: bergmann, node_id: id, level: 3 })
  return id
}
const wish = (thing_id: string, who: Name, level: string, more: object = {}) => ({
  ...{ thing_id, principal_kind: 'person', principal_id: people[who].id, level },
  ...more
})
const give = (by: Name, ...[thing, who, level, more]: Parameters<typeof wish>) =>
  ok<Grant>(by, 'POST', '/grants', wish(thing, who, level, more))
const levelOf = async (who: Name, thing: string, at = 'now') =>
  (
    await stage.owner.query<{ unlocked: number }>(
      'select unlocked from access_levels(array[$1]::uuid[], array[$2]::uuid[], $3)',
      [people[who].id, thing, at]
    )
  ).rows[0]?.unlocked
const lastAct = async (action: string) =>
  (
    await stage.owner.query(
      `select convert_from(body, 'UTF8')::json as body from audit where action = $1 order by seq desc limit 1`,
      [action]
    )
  ).rows[0]?.body
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()
const told = (trial: AccessTrial) =>
  trial.moments.map(({ at, ending, changes }) => [
    ...[at, ending],
    changes.map(({ who, thing, before, after }) => `${who.name} ${thing.name}: ${before} → ${after}`)
  ])

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
    assert.equal(under.status, 403, 'under a lock nobody manages; whoever may lift it does that first')
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

describe('long lists', () => {
  test('5,000 grants on one project: in pages, in order, found by name, and quick', async (t) => {
    const id = await project()
    await stage.owner.query(
      `with p as (insert into person (name, email, email_key)
                  select 'Kunde ' || i, 'k' || i || '@example.org', 'k' || i || '@example.org' from generate_series(1, 5000) i
                  returning id)
       insert into access_grant (person_id, node_id, level) select id, $1, 2 from p`,
      [id]
    )
    await stage.owner.query('analyze person, access_grant')
    const took = async <T>(what: string, path: string) => {
      const from = performance.now()
      const found = await ok<T>('jonas', 'GET', path)
      t.diagnostic(`${what}: ${Math.round(performance.now() - from)} ms`)
      return found
    }
    const first = await took<GrantPage>('grants', `/things/${id}/grants`)
    assert.deepEqual([first.items.length, first.total], [50, 5002])
    const second = await ok<GrantPage>('jonas', 'GET', `/things/${id}/grants?cursor=${first.next}`)
    const names = [...first.items, ...second.items].map((one) => one.principal.name)
    assert.deepEqual(names.slice(0, 4), ['Bergmann', 'Jonas', 'Kunde 1', 'Kunde 2'])
    assert.equal(new Set(names).size, 100)
    const holders = await took<Holders>('holders', `/things/${id}/holders`)
    assert.deepEqual([holders.items[0]?.who.name, holders.total], ['Jonas', 5003])
    const next = await ok<Holders>('jonas', 'GET', `/things/${id}/holders?cursor=${holders.next}`)
    assert.equal(
      next.items.filter((one) => holders.items.some((other) => other.who.id === one.who.id)).length,
      0
    )
    const one = await took<GrantPage>('one by name', `/things/${id}/grants?q=kunde%204711`)
    assert.deepEqual(
      one.items.map((grant) => grant.principal.name),
      ['Kunde 4711']
    )
    const deny = { principal_kind: 'organisation', principal_id: bergmann, level: 'view', allows: false }
    const from = performance.now()
    await ok('jonas', 'POST', '/grants/preview', { thing_id: id, ...deny })
    t.diagnostic(`trial of a grant: ${Math.round(performance.now() - from)} ms`)
    const closing = performance.now()
    await ok('jonas', 'POST', `/things/${id}/access/preview`, { inherits: false })
    t.diagnostic(`trial of closing: ${Math.round(performance.now() - closing)} ms`)
  })

  test('the simulator tells the next change however many things begin and end before it', async () => {
    const id = await stage.seedProject({ name: 'Many windows', client_id: bergmann })
    await stage.seedGrant({ person_id: people.jonas.id, node_id: id, level: 4 })
    await stage.owner.query(
      `insert into access_grant (person_id, node_id, level, valid_from, valid_until)
       select $1, $2, 1, now() + i * interval '1 hour', now() + (i + 2) * interval '1 hour' from generate_series(1, 300) i`,
      [people.karl.id, id]
    )
    const { changes } = await ok<{ changes: { level: string }[] }>(
      'jonas',
      'GET',
      `/things/${id}/simulation?who=${people.karl.id}&at=${encodeURIComponent(inHours(2))}`
    )
    assert.deepEqual(
      changes.map((one) => one.level),
      ['none']
    )
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
