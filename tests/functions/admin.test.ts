import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AccessTrial } from '../../functions/_shared/contract/access.ts'
import { type CallWish, call, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const admin = await stage.handler('admin')
const { unseal } = await import('../../functions/_shared/auth/sealed.ts')

const ingrid = await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' })
const jonas = await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' })
const aylin = await stage.seedPerson({ name: 'Aylin', staff_role: 'staff' })
const auditor = await stage.seedPerson({ name: 'Otto', staff_role: 'auditor' })
const bergmann = await stage.seedOrganisation('Bergmann')
const nordstrom = await stage.seedOrganisation('Nordström')
const petra = await stage.seedPerson({ name: 'Petra', organisation_id: bergmann })
const project = await stage.seedProject({ name: 'Accounts', client_id: bergmann })
await stage.seedGrant({ person_id: jonas.id, node_id: project, level: 4 })
await stage.seedGrant({ organisation_id: bergmann, node_id: project, level: 3 })

const cookies = new Map<string, string>()
async function as(person: { id: string }): Promise<string> {
  const cookie = cookies.get(person.id) ?? (await stage.signIn(person))
  cookies.set(person.id, cookie)
  return cookie
}
const get = async (person: { id: string }, path: string) =>
  call(admin, 'GET', path, { cookie: await as(person) })
const send = async (
  person: { id: string },
  method: string,
  path: string,
  body?: unknown,
  wish: CallWish = {}
) => call(admin, method, path, { cookie: await as(person), body, ...wish })
const items = async <T>(answer: Response | Promise<Response>) =>
  ((await (await answer).json()) as { items: T[] }).items
const lastAct = async (action: string) => {
  const { rows } = await stage.owner.query(
    `select convert_from(body, 'UTF8')::json as body from audit where action = $1 order by seq desc limit 1`,
    [action]
  )
  return rows[0]?.body
}

let n = 0
const newAddress = () => `somebody-${(n += 1)}@example.org`
const invitation = (change: object = {}) => ({
  email: newAddress(),
  name: 'Some Body',
  locale: 'de',
  ...change
})
const jobsFor = async (email: string) =>
  (
    await stage.owner.query<{ data: { template: string; link?: string; link_id?: string } }>(
      `select j.data from job j join person p on p.id = (j.data->>'person_id')::uuid
        where j.kind = 'notify' and p.email_key = $1 order by j.id`,
      [email.toLowerCase()]
    )
  ).rows.map((row) => row.data)

describe('who comes in here at all', () => {
  const routes: [string, string, unknown?][] = [
    ['GET', '/organisations'],
    ['POST', '/organisations', { name: 'Mine' }],
    ['GET', '/people'],
    ['POST', '/invitations', invitation()],
    ['GET', '/firm'],
    ['PATCH', '/firm', { name: 'Mine' }]
  ]

  test('a client finds nothing', async () => {
    for (const [method, path, body] of routes)
      assert.equal((await send(petra, method, path, body)).status, 404, `${method} ${path}`)
  })

  test('nobody without both factors, nobody from another origin', async () => {
    const half = await stage.signIn(ingrid, 1)
    for (const [method, path, body] of routes) {
      assert.equal((await call(admin, method, path, { body })).status, 401)
      assert.equal((await call(admin, method, path, { body, cookie: half })).status, 401)
      if (method !== 'GET')
        assert.equal(
          await problemCode(await send(ingrid, method, path, body, { origin: 'https://evil.example' })),
          'wrong_origin'
        )
    }
  })

  test('an auditor looks and changes nothing; settings are for administrators', async () => {
    assert.equal((await get(auditor, '/people')).status, 200)
    assert.equal((await send(auditor, 'POST', '/organisations', { name: 'X' })).status, 403)
    assert.equal((await send(auditor, 'POST', '/invitations', invitation())).status, 403)
    assert.equal((await get(jonas, '/firm')).status, 403)
    assert.equal((await send(jonas, 'PATCH', '/firm', { name: 'X' })).status, 403)
  })
})

describe('clients and people', () => {
  test('a new client is there, once, however often the same request comes', async () => {
    const headers = { 'idempotency-key': 'first-client' }
    const [a, b] = [
      await send(jonas, 'POST', '/organisations', { name: 'Zeta GmbH' }, { headers }),
      await send(jonas, 'POST', '/organisations', { name: 'Zeta GmbH' }, { headers })
    ]
    assert.equal(a.status, 201)
    assert.deepEqual(await a.json(), await b.json())
    const found = await items<{ name: string }>(get(jonas, '/organisations'))
    assert.equal(found.filter((one) => one.name === 'Zeta GmbH').length, 1)
    assert.equal((await lastAct('organisation.created')).actor_id, jonas.id)
  })

  test('lists go on where a page ended', async () => {
    const names: string[] = []
    let cursor = ''
    do {
      const page = (await (await get(jonas, `/people?limit=2${cursor}`)).json()) as {
        items: { name: string }[]
        next: string | null
      }
      names.push(...page.items.map((person) => person.name))
      cursor = page.next ? `&cursor=${page.next}` : ''
    } while (cursor)
    const { rows } = await stage.owner.query('select count(*)::int as n from person')
    assert.equal(names.length, rows[0].n)
    assert.equal((await get(jonas, '/people?cursor=nonsense')).status, 422)
  })

  test('people are found by words of their name, address or client', async () => {
    const found = async (who: typeof jonas, q: string) =>
      (await items<{ name: string }>(get(who, `/people?q=${encodeURIComponent(q)}`))).map((one) => one.name)
    const { rows } = await stage.owner.query<{ name: string; email: string }>(
      'select name, email from person where id = $1',
      [petra.id]
    )
    const [{ name, email } = { name: '', email: '' }] = rows
    assert.deepEqual(await found(jonas, email), [name])
    assert.ok((await found(jonas, `  BERGMANN  ${name.slice(0, 3)} `)).includes(name))
    assert.deepEqual(await found(jonas, `bergmann ${name} nowhere`), [])
    assert.deepEqual(await found(jonas, '100% _'), [], 'what stands for others elsewhere stands for itself')
  })

  test('an exclusion hides the client and its people', async () => {
    const zoe = await stage.seedPerson({ name: 'Zoe', staff_role: 'staff' })
    const sees = async () => [
      (await items<{ id: string }>(get(zoe, '/organisations'))).some((one) => one.id === bergmann),
      (await items<{ id: string }>(get(zoe, '/people'))).some((one) => one.id === petra.id)
    ]
    const byClient = async () =>
      (await items<{ id: string }>(get(zoe, '/people?q=bergmann'))).some((one) => one.id === petra.id)
    assert.deepEqual(await sees(), [true, true])
    assert.equal(await byClient(), true)
    await stage.owner.query(`insert into exclusion (person_id, client_id, reason) values ($1, $2, 'kin')`, [
      zoe.id,
      bergmann
    ])
    assert.deepEqual(await sees(), [false, false])
    assert.equal(await byClient(), false)
  })

  test('behind walls staff know the clients they are assigned to, and those they take on', async () => {
    await stage.owner.query(`update node set walls = true where kind = 'firm'`)
    const known = async (person: { id: string }) =>
      (await items<{ name: string }>(get(person, '/organisations'))).map((one) => one.name)
    assert.deepEqual(await known(aylin), [])
    await send(aylin, 'POST', '/organisations', { name: 'Aylin takes on' })
    assert.deepEqual(await known(aylin), ['Aylin takes on'])
    assert.ok((await known(ingrid)).includes('Bergmann'))
    assert.ok(!(await items<{ id: string }>(get(aylin, '/people'))).some((one) => one.id === petra.id))
    await stage.owner.query(`update node set walls = false where kind = 'firm'`)
  })

  test("the firm's settings: changed, written down by field, wrong zones refused", async () => {
    const answer = await send(ingrid, 'PATCH', '/firm', { name: 'Neu & Partner', deliver_unscanned: false })
    assert.deepEqual(await answer.json(), {
      name: 'Neu & Partner',
      time_zone: 'Europe/Berlin',
      locale: 'de',
      deliver_unscanned: false,
      link_days_max: 90,
      guest_days_max: 180,
      walls: false,
      imprint: { de: '', en: '', sv: '' },
      privacy: { de: '', en: '', sv: '' }
    })
    const act = await lastAct('firm.changed')
    assert.deepEqual(act.facts, { fields: 'deliver_unscanned name', deliver_unscanned: false, walls: null })
    assert.equal((await send(ingrid, 'PATCH', '/firm', { time_zone: 'Mars/Olympus' })).status, 422)
    assert.equal((await send(ingrid, 'PATCH', '/firm', { name: ' ' })).status, 422)
    await send(ingrid, 'PATCH', '/firm', { deliver_unscanned: true })
  })

  test("the firm's public texts: whole or not at all, and a limit for links", async () => {
    const imprint = { de: '# Kanzlei\n\nMusterstraße 1', en: '', sv: '' }
    const answer = await send(ingrid, 'PATCH', '/firm', { imprint, link_days_max: 30 })
    const changed: unknown = await answer.json()
    assert.deepEqual(changed, { ...(changed as object), imprint, link_days_max: 30 })
    assert.equal((await send(ingrid, 'PATCH', '/firm', { link_days_max: 0 })).status, 422)
    assert.equal((await send(ingrid, 'PATCH', '/firm', { imprint: { de: 'x'.repeat(20_001) } })).status, 422)
    assert.equal((await send(jonas, 'PATCH', '/firm', { imprint })).status, 403)
  })
})

describe('inviting', () => {
  test('makes the person, the grant, one mail; the secret lies nowhere in clear', async () => {
    const wish = invitation({ project_id: project, level: 'download', organisation_id: bergmann })
    const answer = await send(jonas, 'POST', '/invitations', wish)
    assert.equal(answer.status, 201)
    const [job, ...more] = await jobsFor(wish.email)
    assert.equal(more.length, 0)
    assert.equal(job?.template, 'invitation')
    const { text } = await unseal(job?.link ?? '')
    const secret = text.split('#')[1] ?? ''
    assert.match(text, /^http:\/\/localhost:8480\/invitation\/[0-9a-f-]{36}#[\w-]{43}$/)
    const { rows } = await stage.owner.query(
      `select (select count(*) from job j where j::text like $1)::int
            + (select count(*) from audit a where convert_from(a.body, 'UTF8') like $1)::int
            + (select count(*) from one_time_link l where l::text like $1)::int
            + (select count(*) from idempotency i where i::text like $1)::int as n`,
      [`%${secret}%`]
    )
    assert.equal(rows[0].n, 0)
    const grants = await items<{ principal: { name: string }; level: string }>(
      get(jonas, `/things/${project}/grants`)
    )
    assert.ok(grants.some((grant) => grant.principal.name === 'Some Body' && grant.level === 'download'))
    assert.deepEqual((await lastAct('person.invited')).project_id, project)
  })

  test('again sends a new link and ends the one before', async () => {
    const wish = invitation({ organisation_id: bergmann })
    await send(ingrid, 'POST', '/invitations', wish)
    await send(ingrid, 'POST', '/invitations', { ...wish, email: wish.email.toUpperCase() })
    const [first, second] = await jobsFor(wish.email)
    const { rows } = await stage.owner.query(
      'select id, expires_at > now() as good from one_time_link where id = any($1)',
      [[first?.link_id, second?.link_id]]
    )
    assert.equal(rows.length, 2)
    assert.equal(rows.find((row) => row.id === first?.link_id).good, false)
    assert.equal(rows.find((row) => row.id === second?.link_id).good, true)
  })

  test('fifty at once make one person', async () => {
    const wish = invitation({ organisation_id: bergmann })
    const cookie = await as(ingrid)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => call(admin, 'POST', '/invitations', { cookie, body: wish }))
    )
    const { rows } = await stage.owner.query(
      `select count(*)::int as people,
              (select count(*) from one_time_link l join person p on p.id = l.person_id
                where p.email_key = $1 and l.expires_at > now())::int as links
         from person where email_key = $1`,
      [wish.email]
    )
    assert.deepEqual(rows[0], { people: 1, links: 1 })
    assert.ok(answers.some((answer) => answer.status === 201))
    assert.ok(answers.every((answer) => [201, 409, 429].includes(answer.status)))
  })

  test('whoever is a moment later with the same address invites the same person', async () => {
    const wish = invitation({ organisation_id: bergmann })
    const other = await stage.owner.connect()
    await other.query('begin')
    await other.query('insert into person (name, email, email_key) values ($1, $2, $2)', [
      'First',
      wish.email
    ])
    const answer = send(ingrid, 'POST', '/invitations', wish)
    for (;;) {
      const waiting = await stage.owner.query(
        `select from pg_stat_activity where wait_event = 'transactionid'`
      )
      if (waiting.rowCount) break
    }
    await other.query('commit')
    other.release()
    assert.equal((await answer).status, 201)
    const { rows } = await stage.owner.query('select name from person where email_key = $1', [wish.email])
    assert.deepEqual(rows, [{ name: 'First' }])
    assert.equal((await jobsFor(wish.email)).length, 1)
  })

  test('staff invite to what they manage, and no further', async () => {
    const status = async (person: { id: string }, change: object) =>
      (await send(person, 'POST', '/invitations', invitation(change))).status
    assert.equal(await status(jonas, {}), 403)
    assert.equal(await status(jonas, { staff_role: 'staff' }), 403)
    assert.equal(
      await status(jonas, { project_id: project, level: 'view', staff_role: 'administrator' }),
      403
    )
    assert.equal(await status(aylin, { project_id: project, level: 'view' }), 404)
    assert.equal(await status(jonas, { project_id: crypto.randomUUID(), level: 'view' }), 404)
    assert.equal(await status(jonas, { project_id: project, organisation_id: nordstrom }), 403)
    assert.equal(await status(jonas, { project_id: project, organisation_id: crypto.randomUUID() }), 422)
    assert.equal(await status(jonas, { level: 'view' }), 422)
    assert.equal(await status(jonas, { project_id: project, level: 'manage' }), 201)
  })

  test('nobody is let into a client that has been given what the inviter does not manage', async () => {
    const wish = () => invitation({ project_id: project, organisation_id: bergmann })
    assert.equal((await send(jonas, 'POST', '/invitations', wish())).status, 201)
    const other = await stage.seedProject({ name: 'Secret matter', client_id: bergmann })
    const id = await stage.seedGrant({ organisation_id: bergmann, node_id: other, level: 1 })
    assert.equal((await send(jonas, 'POST', '/invitations', wish())).status, 403)
    assert.equal(
      (await send(ingrid, 'POST', '/invitations', invitation({ organisation_id: bergmann }))).status,
      201
    )
    await stage.owner.query('delete from access_grant where id = $1', [id])
  })

  test('somebody who is in gets the grant and a word, not a link; nothing new is said so', async () => {
    const joined = await stage.seedPerson({ name: 'Joined', organisation_id: bergmann })
    const wish = { email: joined.email, name: 'Other Name', locale: 'de', project_id: project, level: 'view' }
    assert.equal((await send(jonas, 'POST', '/invitations', wish)).status, 201)
    assert.deepEqual(
      (await jobsFor(joined.email)).map((job) => job.template),
      ['access']
    )
    const { rows } = await stage.owner.query('select name from person where id = $1', [joined.id])
    assert.equal(rows[0].name, 'Joined')
    const nothing = await send(ingrid, 'POST', '/invitations', invitation({ email: joined.email }))
    assert.equal(await problemCode(nothing), 'email_taken')
    const staff = await send(
      ingrid,
      'POST',
      '/invitations',
      invitation({ email: joined.email, staff_role: 'staff' })
    )
    assert.equal(await problemCode(staff), 'email_taken')
  })

  test('an address that the inviter may not know of is answered like a new one', async () => {
    const hidden = await stage.seedPerson({ name: 'Hidden', organisation_id: nordstrom })
    await stage.owner.query(`insert into exclusion (person_id, client_id, reason) values ($1, $2, 'kin')`, [
      jonas.id,
      nordstrom
    ])
    const wish = { project_id: project, organisation_id: bergmann }
    const known = await send(jonas, 'POST', '/invitations', invitation({ ...wish, email: hidden.email }))
    const fresh = await send(jonas, 'POST', '/invitations', invitation(wish))
    assert.equal(known.status, 201)
    assert.equal(fresh.status, 201)
    const [a, b] = (await Promise.all([known.json(), fresh.json()])) as Record<string, unknown>[]
    assert.deepEqual(Object.keys(a ?? {}), Object.keys(b ?? {}))
    const { rows } = await stage.owner.query(
      'select count(*)::int as n from membership where person_id = $1 and organisation_id = $2',
      [hidden.id, bergmann]
    )
    assert.equal(rows[0].n, 0)
  })

  test('one address is not written to without end', async () => {
    const wish = invitation({ organisation_id: bergmann })
    const statuses: number[] = []
    for (let i = 0; i < 11; i += 1) statuses.push((await send(ingrid, 'POST', '/invitations', wish)).status)
    assert.deepEqual(statuses, [...Array<number>(10).fill(201), 429])
  })
})

describe('grants', () => {
  const grant = (thing_id: string, principal: { id: string }, level: string, change: object = {}) => ({
    thing_id,
    principal_kind: 'person',
    principal_id: principal.id,
    level,
    ...change
  })
  const seedFolder = async (parent: string) => {
    const { rows } = await stage.owner.query<{ id: string }>(
      `insert into node (kind, parent_id, name) values ('folder', $1, 'Belege') returning id`,
      [parent]
    )
    return rows[0]?.id ?? ''
  }
  const mine = async () => {
    const id = await stage.seedProject({ name: 'Mine', client_id: bergmann })
    await stage.seedGrant({ person_id: jonas.id, node_id: id, level: 4 })
    return id
  }
  type Listed = {
    id: string
    level: string
    principal: { id: string; kind: string }
    given_by: { id: string } | null
  }
  const listed = (person: { id: string }, thing: string) =>
    items<Listed>(get(person, `/things/${thing}/grants`))
  const tried = async (answer: Promise<Response>) =>
    ((await (await answer).json()) as AccessTrial).moments[0]?.changes ?? []

  test('given, listed, written down, taken', async () => {
    const id = await mine()
    const answer = await send(
      jonas,
      'POST',
      '/grants',
      grant(id, petra, 'download', { note: 'until Friday' })
    )
    assert.equal(answer.status, 201)
    const given = (await answer.json()) as { id: string; thing: { name: string }; note: string }
    assert.equal(given.thing.name, 'Mine')
    assert.equal(given.note, 'until Friday')
    const act = await lastAct('grant.given')
    assert.equal(act.subject_id, petra.id)
    assert.equal(act.project_id, id)
    assert.ok(!JSON.stringify(act).includes('Friday'))
    assert.equal((await listed(jonas, id)).length, 2)
    assert.equal((await send(jonas, 'DELETE', `/grants/${given.id}`)).status, 204)
    assert.equal((await listed(jonas, id)).length, 1)
    assert.equal((await lastAct('grant.taken')).facts.level, 'download')
    assert.equal((await send(jonas, 'DELETE', `/grants/${given.id}`)).status, 404)
  })

  test('the same grant twice is one', async () => {
    const id = await mine()
    const a = (await (await send(jonas, 'POST', '/grants', grant(id, petra, 'view'))).json()) as {
      id: string
    }
    const b = (await (await send(jonas, 'POST', '/grants', grant(id, petra, 'view'))).json()) as {
      id: string
    }
    assert.equal(a.id, b.id)
  })

  test('below manage it is forbidden and written down, below view it is not there', async () => {
    const id = await mine()
    await stage.seedGrant({ person_id: aylin.id, node_id: id, level: 3 })
    for (const answer of [
      await get(aylin, `/things/${id}/grants`),
      await send(aylin, 'POST', '/grants', grant(id, aylin, 'manage')),
      await send(aylin, 'POST', '/grants/preview', grant(id, aylin, 'manage'))
    ])
      assert.equal(answer.status, 403)
    assert.deepEqual((await lastAct('access.refused')).facts, { asked: 'manage', held: 'contribute' })
    const [own] = await listed(jonas, id)
    assert.equal((await send(petra, 'DELETE', `/grants/${own?.id}`)).status, 404)
    assert.equal((await get(petra, `/things/${id}/grants`)).status, 404)
    // The administrator's role opens nothing either.
    assert.equal((await get(ingrid, `/things/${id}/grants`)).status, 404)
  })

  test('nobody can be named who may not be known', async () => {
    const id = await mine()
    const stranger = await stage.seedPerson({ name: 'Stranger', organisation_id: nordstrom })
    for (const who of [stranger, { id: crypto.randomUUID() }]) {
      const answer = await send(jonas, 'POST', '/grants', grant(id, who, 'view'))
      const { errors } = (await answer.json()) as { errors: { field: string; code: string }[] }
      assert.deepEqual([errors[0]?.field, errors[0]?.code], ['principal_id', 'unknown'])
    }
  })

  test('a client who manages names the own people and organisation, not the whole firm', async () => {
    const id = await mine()
    await stage.seedGrant({ person_id: petra.id, node_id: id, level: 4 })
    const colleague = await stage.seedPerson({ organisation_id: bergmann })
    assert.equal((await send(petra, 'POST', '/grants', grant(id, colleague, 'view'))).status, 201)
    assert.equal((await send(petra, 'POST', '/grants', grant(id, aylin, 'view'))).status, 422)
    assert.equal((await send(petra, 'POST', '/grants', grant(id, jonas, 'view'))).status, 201)
  })

  test('the preview says who gains and who loses, and changes nothing', async () => {
    const id = await mine()
    const before = await listed(jonas, id)
    const wish = { thing_id: id, principal_kind: 'organisation', principal_id: bergmann, level: 'view' }
    const changes = await tried(send(jonas, 'POST', '/grants/preview', wish))
    const petras = changes.find((change) => change.who.id === petra.id)
    assert.deepEqual([petras?.before, petras?.after], [null, 'view'])
    assert.deepEqual(await listed(jonas, id), before)
    const [own] = before
    const removal = await tried(get(jonas, `/grants/${own?.id}/removal`))
    assert.deepEqual(
      removal.map((change) => change.after),
      [null]
    )
  })

  test("taking away one's own or the last manage wants to be confirmed", async () => {
    const id = await mine()
    const [own] = await listed(jonas, id)
    assert.equal(await problemCode(await send(jonas, 'DELETE', `/grants/${own?.id}`)), 'last_manager')
    const deny = grant(id, jonas, 'manage', { allows: false })
    assert.equal(await problemCode(await send(jonas, 'POST', '/grants', deny)), 'last_manager')
    assert.equal((await listed(jonas, id)).length, 1)

    await send(jonas, 'POST', '/grants', grant(id, aylin, 'manage'))
    // There is another one now; one's own still wants to be confirmed.
    assert.equal(await problemCode(await send(jonas, 'DELETE', `/grants/${own?.id}`)), 'last_manager')
    const aylins = (await listed(aylin, id)).find((one) => one.principal.id === jonas.id)
    assert.equal((await send(aylin, 'DELETE', `/grants/${aylins?.id}`)).status, 204)
    // Now Aylin is the last one: she herself, confirmed.
    const [last] = await listed(aylin, id)
    assert.equal((await send(aylin, 'DELETE', `/grants/${last?.id}?confirm=true`)).status, 204)
    assert.equal((await get(aylin, `/things/${id}/grants`)).status, 404)
  })

  test('a folder below that nobody would manage any more is found as well', async () => {
    const id = await mine()
    const folder = await seedFolder(id)
    await send(jonas, 'POST', '/grants', grant(id, aylin, 'manage'))
    await stage.seedGrant({ person_id: jonas.id, node_id: folder, level: 4, allows: false })
    const aylins = (await listed(jonas, id)).find((one) => one.principal.id === aylin.id)
    assert.equal(await problemCode(await send(jonas, 'DELETE', `/grants/${aylins?.id}`)), 'last_manager')
    assert.equal((await send(jonas, 'DELETE', `/grants/${aylins?.id}?confirm=true`)).status, 204)
  })

  test('who manages a folder alone sees nothing of the project above it', async () => {
    const id = await mine()
    const folder = await seedFolder(id)
    await stage.seedGrant({ person_id: aylin.id, node_id: folder, level: 4 })
    const seen = (person: { id: string }) => listed(person, folder)
    assert.deepEqual(
      (await seen(aylin)).map((one) => one.principal.id),
      [aylin.id]
    )
    assert.deepEqual(
      (await seen(jonas)).map((one) => one.principal.id),
      [aylin.id, jonas.id]
    )
  })

  test('two who take each other out at the same moment: one stays', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await mine()
      await send(jonas, 'POST', '/grants', grant(id, aylin, 'manage'))
      const grants = await listed(jonas, id)
      const of = (person: { id: string }) => grants.find((one) => one.principal.id === person.id)?.id
      const [a, b] = await Promise.all([
        send(jonas, 'DELETE', `/grants/${of(aylin)}`),
        send(aylin, 'DELETE', `/grants/${of(jonas)}`)
      ])
      assert.deepEqual([a.status, b.status].toSorted(), [204, 404])
    }
  })

  test('windows: a grant in the past or empty is refused or silent, its times come back', async () => {
    const id = await mine()
    const until = new Date(Date.now() + 86_400_000).toISOString()
    const answer = await send(jonas, 'POST', '/grants', grant(id, petra, 'view', { valid_until: until }))
    assert.equal(((await answer.json()) as { valid_until: string }).valid_until, until)
    const empty = grant(id, petra, 'view', { valid_from: until, valid_until: until })
    assert.equal((await send(jonas, 'POST', '/grants', empty)).status, 422)
  })

  test('a thing that is not there, and one that is none of theirs, are one answer', async () => {
    const id = await mine()
    const [foreign, missing] = (await Promise.all(
      [id, crypto.randomUUID()].map(async (thing) => (await get(aylin, `/things/${thing}/grants`)).json())
    )) as Record<string, unknown>[]
    assert.deepEqual({ ...foreign, instance: '' }, { ...missing, instance: '' })
  })
})
