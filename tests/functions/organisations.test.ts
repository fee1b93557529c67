import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { OrganisationPage } from '../../functions/_shared/contract/organisation.ts'
import { call, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const admin = await stage.handler('admin')
const documents = await stage.handler('documents')

const ingrid = await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' })
const jonas = await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' })
const otto = await stage.seedPerson({ name: 'Otto', staff_role: 'auditor' })
const anna = await stage.seedPerson({ name: 'Anna', staff_role: 'assistant' })
const bergmann = await stage.seedOrganisation('Bergmann')
const nordstrom = await stage.seedOrganisation('Nordström')
const petra = await stage.seedPerson({ name: 'Petra', organisation_id: bergmann })
const paul = await stage.seedPerson({ name: 'Paul', organisation_id: bergmann })
const nils = await stage.seedPerson({ name: 'Nils', organisation_id: nordstrom })
const accounts = await stage.seedProject({ name: 'Accounts', client_id: bergmann })
const payroll = await stage.seedProject({ name: 'Payroll', client_id: bergmann })
const foreign = await stage.seedProject({ name: 'Foreign', client_id: nordstrom })
for (const node_id of [accounts, payroll])
  await stage.seedGrant({ organisation_id: bergmann, node_id, level: 3 })
for (const node_id of [accounts, foreign]) await stage.seedGrant({ person_id: jonas.id, node_id, level: 4 })
await stage.seedGrant({ organisation_id: nordstrom, node_id: foreign, level: 3 })

const cookies = new Map<string, string>()
async function as(person: { id: string }): Promise<string> {
  const cookie = cookies.get(person.id) ?? (await stage.signIn(person))
  cookies.set(person.id, cookie)
  return cookie
}
const send = async (person: { id: string }, method: string, path: string, body?: unknown) =>
  call(admin, method, path, { cookie: await as(person), body })
const page = async (answer: Response | Promise<Response>) => (await (await answer).json()) as OrganisationPage
const at = (id: string, rest = '') => `/organisations/${id}${rest}`
const levelOf = async (person: string, thing: string) => {
  const { rows } = await stage.owner.query<{ level: number }>(
    'select level from access_levels(array[$1]::uuid[], array[$2]::uuid[], now())',
    [person, thing]
  )
  return rows[0]?.level
}
const idOf = async (email: string) =>
  (await stage.owner.query<{ id: string }>('select id from person where email_key = $1', [email])).rows[0]
    ?.id ?? ''
const projectsOf = async (person: { id: string }) => {
  const answer = await call(documents, 'GET', '/projects', { cookie: await as(person) })
  return ((await answer.json()) as { items: { name: string }[] }).items.map((one) => one.name).toSorted()
}

describe('an organisation from near', () => {
  test('staff see people, projects that are theirs, and the team; only administrators may change people', async () => {
    const shown = await page(send(jonas, 'GET', at(bergmann)))
    assert.equal(shown.reader, 'staff')
    assert.deepEqual(
      shown.members.map((one) => one.name),
      ['Paul', 'Petra']
    )
    assert.deepEqual(
      shown.projects.map((one) => [one.name, one.level]),
      [['Accounts', 'manage']]
    )
    const wish = { administers: true }
    assert.equal((await send(jonas, 'PATCH', at(bergmann, `/members/${petra.id}`), wish)).status, 403)
    assert.equal((await send(anna, 'PATCH', at(bergmann), { name: 'Other' })).status, 403)
    assert.equal(
      (await page(send(jonas, 'PATCH', at(bergmann), { name: 'Bergmann GmbH' }))).name,
      'Bergmann GmbH'
    )
  })

  test('a plain member and another client find nothing, as with an id that does not exist', async () => {
    for (const person of [petra, nils])
      for (const id of [bergmann, crypto.randomUUID()]) {
        assert.equal((await send(person, 'GET', at(id))).status, 404)
        assert.equal((await send(person, 'PATCH', at(id), { name: 'Mine' })).status, 404)
        const wish = { email: 'x@example.org', name: 'X', locale: 'de' }
        assert.equal((await send(person, 'POST', at(id, '/employees'), wish)).status, 404)
      }
  })

  test('a membership that ended gives nothing any more', async () => {
    const kim = await stage.seedPerson({ name: 'Kim', organisation_id: bergmann })
    assert.equal(await levelOf(kim.id, accounts), 3)
    const valid_until = new Date().toISOString()
    const after = await page(send(ingrid, 'PATCH', at(bergmann, `/members/${kim.id}`), { valid_until }))
    assert.ok(!after.members.some((one) => one.id === kim.id))
    assert.equal(await levelOf(kim.id, accounts), 0)
    const again = await send(ingrid, 'PATCH', at(bergmann, `/members/${kim.id}`), { valid_until })
    assert.equal(again.status, 404)
  })
})

describe("a client's administrator", () => {
  test('invites employees as sub-accounts that have what she gave them by name, and never more than she has', async () => {
    const change = (wish: object) => send(ingrid, 'PATCH', at(bergmann, `/members/${petra.id}`), wish)
    assert.notEqual((await send(petra, 'GET', at(bergmann))).status, 401)
    await change({ administers: true })
    // A token of before is worth nothing.
    assert.equal((await send(petra, 'GET', at(bergmann))).status, 401)
    cookies.delete(petra.id)
    await change({ administers: true, valid_until: null })
    assert.equal((await send(petra, 'GET', at(bergmann))).status, 200)
    const wish = {
      email: 'Klara@Example.org',
      name: 'Klara',
      locale: 'de',
      projects: [{ project_id: accounts, level: 'contribute' }]
    }
    assert.equal((await send(petra, 'POST', at(bergmann, '/employees'), wish)).status, 201)
    const klara = await idOf('klara@example.org')
    assert.deepEqual([await levelOf(klara, accounts), await levelOf(klara, payroll)], [3, 0])
    const own = (await page(send(petra, 'GET', at(bergmann)))).members.find((one) => one.id === klara)
    assert.deepEqual([own?.capped_by?.id, own?.projects], [petra.id, [{ id: accounts, level: 'contribute' }]])

    await stage.seedGrant({ person_id: petra.id, node_id: accounts, level: 2, allows: false })
    assert.equal(await levelOf(klara, accounts), 1)
    await stage.owner.query('delete from access_grant where person_id = $1 and not allows', [petra.id])
    assert.deepEqual(await projectsOf({ id: klara }), ['Accounts'])
  })

  test('gives on no more than she holds, and nothing of a project that is none of hers', async () => {
    const klara = await idOf('klara@example.org')
    const path = at(bergmann, `/employees/${klara}`)
    const give = (project_id: string, level: string | null) =>
      send(petra, 'PATCH', path, { projects: [{ project_id, level }] })
    assert.equal((await give(accounts, 'manage')).status, 403)
    assert.equal((await give(foreign, 'view')).status, 404)
    assert.equal((await give(crypto.randomUUID(), 'view')).status, 404)
    await give(payroll, 'view')
    await give(accounts, null)
    assert.deepEqual([await levelOf(klara, accounts), await levelOf(klara, payroll)], [0, 1])
  })

  test('touches nobody but her own employees', async () => {
    const invited = await send(petra, 'POST', at(bergmann, '/employees'), {
      email: paul.email,
      name: 'Paul',
      locale: 'de'
    })
    assert.equal(await problemCode(invited), 'email_taken')
    for (const id of [paul.id, nils.id, ingrid.id, petra.id])
      assert.equal(
        (await send(petra, 'PATCH', at(bergmann, `/employees/${id}`), { active: false })).status,
        404
      )
    for (const path of [`/members/${paul.id}`])
      assert.equal((await send(petra, 'PATCH', at(bergmann, path), { administers: true })).status, 403)
    assert.equal((await send(petra, 'GET', at(nordstrom))).status, 404)
  })

  test('learns nothing of an address that somebody else has: answer, list, log and all that follows are those of a new one', async () => {
    const seen = async (email: string) => {
      const wish = {
        email,
        name: 'Ny Person',
        locale: 'sv',
        projects: [{ project_id: accounts, level: 'view' }]
      }
      const invite = async (more = {}) => {
        const answer = await send(petra, 'POST', at(bergmann, '/employees'), { ...wish, ...more })
        const { expires_at, ...body } = (await answer.json()) as { expires_at: string; code?: string }
        return [answer.status, Object.keys(body), body.code ?? typeof expires_at]
      }
      const listed = async () => {
        const { members } = await page(send(petra, 'GET', at(bergmann)))
        const mine = members.filter((one) => one.email === email)
        return mine.map(({ id, ...rest }) => ({ ...rest, id: id.length, email: '' }))
      }
      const steps: unknown[] = [
        await invite(),
        await listed(),
        await invite({ name: 'Other' }),
        await listed()
      ]
      const id = (await page(send(petra, 'GET', at(bergmann)))).members.find((one) => one.email === email)?.id
      const limit = { projects: [{ project_id: accounts, level: null }] }
      const path = at(bergmann, `/employees/${id}`)
      steps.push((await send(petra, 'PATCH', path, limit)).status, await listed())
      const { rows } = await stage.owner.query(
        `select action, actor_id, project_id, (convert_from(body, 'UTF8')::jsonb->'facts') - array['grant_id', 'link_id'] as facts
           from audit where subject_id = $1 order by seq`,
        [id]
      )
      steps.push(rows)
      steps.push((await send(petra, 'PATCH', path, { active: false })).status, await listed(), await invite())
      return { id, steps }
    }
    const [fresh, taken] = [await seen(`new-${crypto.randomUUID()}@example.org`), await seen(nils.email)]
    assert.deepEqual(taken.steps, fresh.steps)
    assert.deepEqual(fresh.steps.at(-1), [
      409,
      ['type', 'title', 'status', 'detail', 'instance', 'code'],
      'email_taken'
    ])
    assert.equal(await levelOf(nils.id, accounts), 0)
    assert.equal((await idOf(nils.email)) === nils.id, true)
    // What she invited cannot be joined, not even by a statement by hand.
    for (const set of ['joined_at = now()', `password_hash = 'x'`])
      await assert.rejects(stage.owner.query(`update person set ${set} where id = $1`, [taken.id]), /check/)
  })

  test('mail goes to a new address, none to one that somebody else has; the firm is told why', async () => {
    const { notify } = await import('../../functions/_shared/pipeline/notify.ts')
    const { openDatabase } = await import('../../functions/_shared/db/database.ts')
    const database = openDatabase(stage.database.url('portico_pipeline'), 1)
    const other = await stage.seedPerson({ name: 'Olof', organisation_id: nordstrom })
    const mails: boolean[] = []
    for (const email of [`new-${crypto.randomUUID()}@example.org`, other.email]) {
      await send(petra, 'POST', at(bergmann, '/employees'), { email, name: 'Ny', locale: 'sv' })
      const { rows } = await stage.owner.query(
        `select j.id, j.kind, j.data, 1 as attempt from job j join person p on p.id = (j.data->>'person_id')::uuid
          where p.email = $1 and j.data->>'template' = 'invitation'`,
        [email]
      )
      assert.equal(rows.length, 1)
      const prepared = await notify.prepare(rows[0], { database } as Parameters<typeof notify.prepare>[1])
      mails.push('call' in prepared)
    }
    await database.close()
    assert.deepEqual(mails, [true, false])
    const told = async (as: { id: string }) => {
      const { members } = await page(send(as, 'GET', at(bergmann)))
      return members.find((one) => one.email === other.email)?.placeholder_for
    }
    assert.equal(await told(petra), null)
    assert.deepEqual(await told(ingrid), { id: other.id, name: 'Olof' })
    const table = await (await send(ingrid, 'GET', '/people.csv')).text()
    assert.equal(table.split(other.email).length, 2, 'a table has the address once')
  })

  test('a place that is held is an account once nobody else has the address', async () => {
    const other = await stage.seedPerson({ organisation_id: nordstrom })
    const wish = { email: other.email, name: 'Later', locale: 'de' }
    const invite = () => send(petra, 'POST', at(bergmann, '/employees'), wish)
    const rows = async () =>
      (
        await stage.owner.query(
          `select email_key = lower($1) as own, placeholder_for is not null as placeholder from person where email = $1`,
          [wish.email]
        )
      ).rows
    await invite()
    await stage.owner.query(`update person set email = 'x', email_key = 'x' where id = $1`, [other.id])
    assert.deepEqual(await rows(), [{ own: false, placeholder: true }])
    assert.equal((await invite()).status, 201)
    assert.deepEqual(await rows(), [{ own: true, placeholder: false }])
  })

  test('lets an employee go: every door is shut, and only the firm opens it again', async () => {
    const klara = await idOf('klara@example.org')
    const theirs = await stage.signIn({ id: klara })
    const path = at(bergmann, `/employees/${klara}`)
    const after = await page(send(petra, 'PATCH', path, { active: false }))
    assert.equal(after.members.find((one) => one.id === klara)?.active, false)
    assert.equal((await call(documents, 'GET', '/projects', { cookie: theirs })).status, 401)
    assert.equal((await send(petra, 'PATCH', path, { active: true })).status, 422)
  })
})

describe('walls', () => {
  test('with walls staff see the clients that they are assigned to, for as long as they are', async () => {
    await send(ingrid, 'PATCH', '/firm', { walls: true })
    assert.deepEqual(await projectsOf(jonas), [])
    assert.equal((await send(jonas, 'GET', at(bergmann))).status, 404)
    const wish = { principal_kind: 'person', principal_id: jonas.id }
    assert.equal((await send(ingrid, 'POST', at(bergmann, '/team'), wish)).status, 201)
    assert.deepEqual(await projectsOf(jonas), ['Accounts'])
    assert.deepEqual(
      (await page(send(jonas, 'GET', at(bergmann)))).team.map((one) => one.name),
      ['Jonas']
    )
    await send(ingrid, 'DELETE', at(bergmann, `/team/${jonas.id}`))
    assert.deepEqual(await projectsOf(jonas), [])
    const later = { ...wish, valid_from: '2999-01-01T00:00:00Z', valid_until: '2998-01-01T00:00:00Z' }
    assert.equal((await send(ingrid, 'POST', at(bergmann, '/team'), later)).status, 422)
    const client = { principal_kind: 'person', principal_id: petra.id }
    assert.equal((await send(ingrid, 'POST', at(bergmann, '/team'), client)).status, 422)
    await send(ingrid, 'PATCH', '/firm', { walls: false })
  })

  test('who is excluded from a client never meets it, whatever is granted', async () => {
    assert.deepEqual(await projectsOf(jonas), ['Accounts', 'Foreign'])
    const wish = { person_id: jonas.id, reason: 'Was their employee' }
    assert.equal((await send(jonas, 'POST', at(bergmann, '/exclusions'), wish)).status, 403)
    assert.equal((await send(ingrid, 'POST', at(bergmann, '/exclusions'), wish)).status, 201)
    assert.deepEqual(await projectsOf(jonas), ['Foreign'])
    assert.equal((await send(jonas, 'GET', at(bergmann))).status, 404)
    const lifted = await page(send(ingrid, 'DELETE', at(bergmann, `/exclusions/${jonas.id}`)))
    assert.deepEqual(lifted.exclusions, [])
    assert.deepEqual(await projectsOf(jonas), ['Accounts', 'Foreign'])
  })

  test('an auditor reads the log and no document, whatever was granted to them', async () => {
    await stage.seedGrant({ person_id: otto.id, node_id: accounts, level: 4 })
    assert.deepEqual(await projectsOf(otto), [])
    const audit = await stage.handler('audit')
    assert.equal((await call(audit, 'GET', '/activity', { cookie: await as(otto) })).status, 200)
    assert.equal((await send(otto, 'PATCH', at(bergmann), { name: 'Mine' })).status, 403)
  })
})
