/**
 * Every form action of the web, pressed by everybody with ids that are not theirs: nothing of the other client's may be
 * another afterwards, and no answer shows anything of it. And pressed from another site's page: nothing happens at all.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { expected, isIn, leaked } from '../../support/matrix/expect.ts'
import { PAGES } from '../../support/matrix/pages.ts'
import { type WebRoute, webRoutes } from '../../support/matrix/web-routes.ts'
import type { Place, Role } from '../../support/matrix/world.ts'
import type { Ground } from './ground.ts'

/** What is attacked: the other client's things and person, by the names that forms give them. */
type Prey = { place: Place; person: string; ids: Record<string, string> }

export function actionTests({ ground, world, ask }: Ground): void {
  const routes = webRoutes().filter(({ path, actions }) => actions.length > 0 && !/sign-out/.test(path))

  test('no form does anything to what is not theirs', async () => {
    const prey = { foreign: await makePrey('foreign'), own: await makePrey('own') }
    const wrong: string[] = []
    for (const role of world.roles) {
      const of = role.person_id === world.stranger ? prey.own : prey.foreign
      const before = await traces(of, role)
      for (const route of routes) {
        if (await isTheirOffice(route, role, of)) continue
        for (const action of route.actions) {
          const text = await press(route, action, role, of)
          const shown = await leaked(ground, text, role)
          if (shown.length > 0) wrong.push(`${role.name}: ${route.path}?/${action} shows ${shown.join(', ')}`)
          if ((await traces(of, role)) !== before) {
            wrong.push(`${role.name}: ${route.path}?/${action} changed what is not theirs`)
            break
          }
        }
      }
    }
    assert.deepEqual(wrong, [])
  })

  test('no form does anything when another site sends it', async () => {
    const wrong: string[] = []
    const role = world.roles.find((one) => one.name === 'staff')
    const of = await makePrey('own')
    assert.ok(role)
    for (const route of routes)
      for (const action of route.actions)
        for (const origin of ['https://evil.example', 'null']) {
          const answer = await send(route, action, role, of, { origin })
          if (answer.status !== 403) wrong.push(`${route.path}?/${action} from ${origin}: ${answer.status}`)
        }
    assert.deepEqual(wrong, [])
  })

  /** Rows that a form's id could name, of the one who is attacked. */
  async function makePrey(place: Place): Promise<Prey> {
    const { project, client } = world.places[place]
    const person = place === 'foreign' ? world.stranger : world.looking_after
    const one = async (sql: string, values: unknown[]) =>
      (await ground.owner.query<{ id: string }>(sql, values)).rows[0]?.id ?? ''
    const read = world.read[place]
    const grant = await one(
      `insert into access_grant (person_id, document_id, level) values ($1, $2, 1) returning id`,
      [person, read]
    )
    const session = await one(
      `insert into session (person_id, token_hash, factors, expires_at)
       values ($1, sha256($2::text::bytea), 2, now() + interval '1 day') returning id`,
      [person, randomUUID()]
    )
    const key = await one(
      `insert into api_key (person_id, name, token_hash, scopes, expires_at)
       values ($1, 'key', sha256($2::text::bytea), '{read}', now() + interval '1 day') returning id`,
      [person, randomUUID()]
    )
    const passkey = await one(
      `insert into passkey (person_id, credential_id, public_key, counter, transports, name)
       values ($1, $2, '\\x00', 0, '{}', 'Key') returning id`,
      [person, randomUUID()]
    )
    const archive = await one(
      `insert into archive (person_id, project_id, name, folder_id, count, size) values ($1, $2, 'a.zip', $2, 1, 1) returning id`,
      [person, project]
    )
    const ids = {
      '/account': session,
      '/account/keys': key,
      '/account/security': passkey,
      '/archives': archive
    }
    return { place, person, ids: { ...ids, '/projects/[id]/people': grant, client, project, document: read } }
  }

  /** Whoever runs the office may do there what an office does; what lies in projects stays out of their reach. */
  async function isTheirOffice(route: WebRoute, role: Role, of: Prey): Promise<boolean> {
    const rule = PAGES[`GET ${route.path}`]
    if (!rule || role.staff_role !== 'administrator' || rule.for === 'owner') return false
    if (rule.for !== 'roles' && rule.for !== 'asked') return false
    const at = { stage: ground, world, place: of.place, role }
    return (await expected({ ...at, rule, ask: await rule.ask(at), owner: null })).includes('well')
  }

  const press = async (route: WebRoute, action: string, role: Role, of: Prey): Promise<string> =>
    (await send(route, action, role, of)).text

  function send(route: WebRoute, action: string, role: Role, of: Prey, headers: Record<string, string> = {}) {
    const id = route.path.startsWith('/organisations') ? of.ids.client : of.ids.project
    const path = route.path
      .replace('/people/[id]', `/people/${of.person}`)
      .replace('[id]', id ?? '')
      .replace('[token]', 'wrong')
    const query = action === 'default' ? '' : `?/${action}`
    return ask('POST', `${path}${query}`, {
      cookie: role.cookie,
      headers: {
        ...{ accept: 'application/json', 'x-sveltekit-action': 'true' },
        ...{ 'content-type': 'application/x-www-form-urlencoded', ...headers }
      },
      body: new URLSearchParams(fieldsFor(route, role, of)).toString()
    })
  }

  /** Every name that the page's actions read, with what an attacker would put there. */
  function fieldsFor(route: WebRoute, role: Role, of: Prey): Record<string, string> {
    const me = isIn(role) ? (role.person_id ?? '') : of.person
    const known: Record<string, string> = {
      id: of.ids[route.path] ?? of.ids.document ?? '',
      ...{ person: of.person, person_id: of.person, member: of.person, hand_over_to: me },
      ...{ principal: `person:${me}`, principal_kind: 'person', principal_id: me, who: `person:${me}` },
      ...{ thing: of.ids.project ?? '', thing_id: of.ids.project ?? '', project_id: of.ids.project ?? '' },
      ...{
        folder: of.ids.project ?? '',
        document: of.ids.document ?? '',
        organisation_id: of.ids.client ?? ''
      },
      ...{ level: 'manage', [`level_${of.ids.project}`]: 'manage', confirm: 'true', allows: 'true' },
      ...{ email: `${randomUUID()}@example.org`, name: 'Hostile', reason: 'none', locale: 'de' },
      ...{ staff_role: 'administrator', administers: 'true', days: '9', scope: 'read', walls: 'on' },
      ...{ secret: 'A'.repeat(43), code: '000000', password: 'winter harbour 27 lanterns', kind: 'projects' },
      ...{
        guest_until: '2030-01-01T00:00',
        valid_until: '2030-01-01T00:00',
        until: '',
        from: '',
        current: 'wrong'
      }
    }
    const rest = route.fields.filter((name) => known[name] === undefined)
    return { ...known, ...Object.fromEntries(rest.map((name) => [name, of.ids.document ?? ''])) }
  }

  /** What there is of the prey, as one number: things, grants, links, guests; of the person and the client what an office may change. */
  async function traces(of: Prey, role: Role): Promise<string> {
    const office = role.staff_role === 'administrator'
    const { rows } = await ground.owner.query<{ sum: string }>(
      `with n as (select * from node where project_id = $1),
            d as (select * from document where project_id = $1)
       select md5(string_agg(line, ',' order by line)) as sum from (
         select n::text as line from n union all select d::text from d
         union all select v::text from version v where v.project_id = $1
         union all select g::text from access_grant g where g.node_id in (select id from n) or g.document_id in (select id from d)
         union all select l::text from link l where l.project_id = $1
         union all select t::text from trash t where t.project_id = $1
         union all select c::text from comment c where c.project_id = $1
         union all select p::text from project_guest p where p.project_id = $1
         union all select s.id::text from session s where s.id = $4::uuid
         union all select k::text from api_key k where not $5 and k.person_id = $2
         union all select p::text from passkey p where p.person_id = $2
         union all select a.id::text || a.state || coalesce(a.swept_at::text, '') from archive a where a.person_id = $2
         union all select o::text from node o where not $5 and o.client_id = $3 and o.kind = 'project'
         union all select m::text from membership m where not $5 and (m.person_id = $2 or m.organisation_id = $3)
         union all select s::text from assignment s where not $5 and s.client_id = $3
         union all select e::text from exclusion e where not $5 and e.client_id = $3
         union all select o::text from organisation o where not $5 and o.id = $3
         union all select p.id::text || p.email || p.staff_role || p.valid_until || p.password_hash
                     from person p where not $5 and p.id = $2) x`,
      [of.ids.project, of.person, of.ids.client, of.ids['/account'], office]
    )
    return rows[0]?.sum ?? ''
  }
}
