/** The office: firm, people, clients, groups, permissions, jobs; and the log. */
import { randomUUID } from 'node:crypto'
import {
  type Rule,
  ADMIN,
  AT_WORK,
  LOG,
  MANAGED,
  OFFICE_ROLES,
  REACHED,
  STAFF,
  VIEW,
  clientAt,
  grantWish,
  knowsClient,
  looksAfter,
  managesAsStaff,
  newGrant,
  newGroup,
  newLocked,
  newStaff,
  onLocked,
  projectAt,
  row,
  self
} from './asks.ts'

/** A provider that nobody reaches, switched off. */
const NO_PROVIDER = {
  enabled: false,
  name: 'Nobody',
  issuer: 'https://nobody.invalid',
  client_id: 'portico',
  client_secret: 'secret',
  scopes: '',
  role_claim: 'roles',
  roles: { administrator: ['admin'], staff: [], assistant: [], auditor: [] },
  factors: 'own',
  factor_values: [],
  trusts_email: false,
  creates_accounts: false,
  passwords_off: false
}

const SIGN_IN = {
  second_factor_for: 'everybody',
  second_factor_days: 3,
  email_codes: false,
  sms_codes: false,
  way_in_four_eyes: false
}

export const OFFICE: Record<string, Rule> = {
  'GET /admin/firm': { for: 'roles', roles: ADMIN, ask: self('/admin/firm') },
  'PATCH /admin/firm': { for: 'roles', roles: ADMIN, ask: self('/admin/firm', { name: 'Kanzlei Test' }) },
  'GET /admin/identity-provider': { for: 'roles', roles: ADMIN, ask: self('/admin/identity-provider') },
  'PATCH /admin/identity-provider': {
    for: 'roles',
    roles: ADMIN,
    ask: self('/admin/identity-provider', NO_PROVIDER)
  },
  'POST /admin/identity-provider/test': {
    for: 'roles',
    roles: ADMIN,
    ask: self('/admin/identity-provider/test', NO_PROVIDER, [429])
  },
  'GET /admin/jobs': { for: 'roles', roles: ADMIN, ask: self('/admin/jobs') },
  'GET /admin/jobs/recent': { for: 'roles', roles: ADMIN, ask: self('/admin/jobs/recent') },
  'GET /admin/jobs/dead': { for: 'roles', roles: ADMIN, ask: self('/admin/jobs/dead') },
  'POST /admin/jobs/dead/again': {
    for: 'roles',
    roles: ADMIN,
    ask: async () => ({ path: '/admin/jobs/dead/again', body: { ids: [randomUUID()] } })
  },
  'GET /admin/backups': { for: 'roles', roles: ADMIN, ask: self('/admin/backups') },
  'GET /admin/reconciliation': { for: 'roles', roles: ADMIN, ask: self('/admin/reconciliation') },
  'GET /admin/backups/state': { for: 'signed in', ask: self('/admin/backups/state') },
  'GET /admin/keys': { for: 'signed in', ask: self('/admin/keys') },
  'POST /admin/keys': {
    for: 'signed in',
    ask: self('/admin/keys', { name: 'scanner', scopes: ['read'], days: 1 })
  },
  'GET /admin/organisations': { for: 'roles', roles: STAFF, ask: self('/admin/organisations') },
  'POST /admin/organisations': {
    for: 'roles',
    roles: ['administrator', 'staff'],
    ask: async () => ({ path: '/admin/organisations', body: { name: `Client ${randomUUID()}` } })
  },
  'GET /admin/people': { for: 'roles', roles: STAFF, ask: self('/admin/people') },
  'GET /admin/people.csv': { for: 'roles', roles: ADMIN, ask: self('/admin/people.csv') },
  'GET /admin/organisations.csv': { for: 'roles', roles: ADMIN, ask: self('/admin/organisations.csv') },
  'POST /admin/imports/preview': {
    for: 'roles',
    roles: ADMIN,
    ask: self('/admin/imports/preview', 'x@example.org')
  },
  'POST /admin/imports': { for: 'roles', roles: ADMIN, ask: self('/admin/imports', 'x@example.org') },
  'GET /admin/deputies': { for: 'roles', roles: AT_WORK, ask: self('/admin/deputies') },
  'POST /admin/deputies': {
    for: 'roles',
    roles: AT_WORK,
    ask: async (at) => ({
      path: '/admin/deputies',
      body: { deputy_id: await newStaff(at), valid_until: '2099-01-01T00:00:00Z' },
      // Nobody is away for so long: the matrix gives nobody a deputy.
      business: [422]
    })
  },
  'GET /admin/deputies/told': { for: 'roles', roles: AT_WORK, ask: self('/admin/deputies/told') },
  'POST /admin/deputies/told/read': {
    for: 'roles',
    roles: AT_WORK,
    ask: self('/admin/deputies/told/read', {})
  },
  'POST /admin/deputies/{id}/end': {
    for: 'roles',
    roles: AT_WORK,
    ask: async () => ({ path: `/admin/deputies/${randomUUID()}/end`, business: [404] })
  },
  'GET /admin/emergencies': { for: 'roles', roles: ADMIN, ask: self('/admin/emergencies') },
  'POST /admin/emergencies': {
    for: 'roles',
    roles: ADMIN,
    // One administrator alone opens nothing, and what is held already is no emergency.
    ask: async (at) => ({
      path: '/admin/emergencies',
      body: { thing_id: projectAt(at), level: 'view', reason: 'the lawyer is ill' },
      business: [409]
    })
  },
  'POST /admin/emergencies/{id}/end': {
    for: 'roles',
    roles: ADMIN,
    ask: async () => ({ path: `/admin/emergencies/${randomUUID()}/end`, business: [404] })
  },
  'POST /admin/emergencies/read': { for: 'roles', roles: ADMIN, ask: self('/admin/emergencies/read', {}) },
  'POST /admin/grants': {
    for: 'things',
    ask: async (at) => {
      const folder = await newLocked(at)
      return { path: '/admin/grants', body: await grantWish(folder, at), things: [[folder, MANAGED]] }
    }
  },
  'POST /admin/grants/preview': {
    for: 'things',
    ask: async (at) => {
      const folder = await newLocked(at)
      return { path: '/admin/grants/preview', body: await grantWish(folder, at), things: [[folder, MANAGED]] }
    }
  },
  'DELETE /admin/grants/{id}': {
    for: 'things',
    ask: async (at) => {
      const { id, folder } = await newGrant(at)
      return { path: `/admin/grants/${id}?confirm=true`, things: [[folder, MANAGED]], unseen: true }
    }
  },
  'GET /admin/grants/{id}/removal': {
    for: 'things',
    ask: async (at) => {
      const { id, folder } = await newGrant(at)
      return { path: `/admin/grants/${id}/removal`, things: [[folder, MANAGED]], unseen: true }
    }
  },
  'GET /admin/grants/{id}': {
    for: 'things',
    ask: async (at) => {
      const { id, folder } = await newGrant(at)
      return { path: `/admin/grants/${id}`, things: [[folder, MANAGED]], unseen: true }
    }
  },
  'PATCH /admin/grants/{id}': {
    for: 'things',
    ask: async (at) => {
      const { id, folder } = await newGrant(at)
      const body = { level: 'download', revision: 1, confirm: true }
      return { path: `/admin/grants/${id}`, body, things: [[folder, MANAGED]], unseen: true }
    }
  },
  'POST /admin/grants/{id}/preview': {
    for: 'things',
    ask: async (at) => {
      const { id, folder } = await newGrant(at)
      const body = { level: 'download', revision: 1 }
      return { path: `/admin/grants/${id}/preview`, body, things: [[folder, MANAGED]], unseen: true }
    }
  },
  'GET /admin/things/{id}/access': {
    for: 'things',
    ask: onLocked((id) => `/admin/things/${id}/access`)
  },
  'PATCH /admin/things/{id}/access': {
    for: 'things',
    ask: onLocked((id) => `/admin/things/${id}/access`, { inherits: false, confirm: true })
  },
  'POST /admin/things/{id}/access/preview': {
    for: 'things',
    ask: onLocked((id) => `/admin/things/${id}/access/preview`, { inherits: false })
  },
  'GET /admin/things/{id}/holders': {
    for: 'things',
    ask: onLocked((id) => `/admin/things/${id}/holders`)
  },
  'GET /admin/things/{id}/managed': {
    for: 'things',
    ask: async (at) => {
      const folder = await newLocked(at)
      return { path: `/admin/things/${folder}/managed`, things: [[folder, MANAGED]], unseen: true }
    }
  },
  'GET /admin/things/{id}/simulation': {
    for: 'things',
    ask: async (at) => {
      const folder = await newLocked(at)
      const person = await at.stage.seedPerson({ organisation_id: at.world.places[at.place].client })
      return { path: `/admin/things/${folder}/simulation?who=${person.id}`, things: [[folder, MANAGED]] }
    }
  },
  'GET /admin/things/{id}/grants': {
    for: 'things',
    ask: onLocked((id) => `/admin/things/${id}/grants`)
  },
  'DELETE /admin/keys/{id}': {
    for: 'owner',
    or: ADMIN,
    ask: async (at) => ({
      path: `/admin/keys/${await row(
        at,
        `insert into api_key (person_id, name, token_hash, scopes, expires_at)
         values ($1, 'scanner', sha256($2::text::bytea), '{read}', now() + interval '1 day') returning id`,
        [at.owner, randomUUID()]
      )}`
    })
  },
  'GET /admin/people/{id}': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({ path: `/admin/people/${(await at.stage.seedPerson()).id}` })
  },
  'PATCH /admin/people/{id}': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({
      path: `/admin/people/${(await at.stage.seedPerson()).id}`,
      body: { active: false }
    })
  },
  'POST /admin/people/{id}/way-in': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({ path: `/admin/people/${(await at.stage.seedPerson()).id}/way-in` })
  },
  'POST /admin/people/{id}/way-in/confirm': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({
      path: `/admin/people/${(await at.stage.seedPerson()).id}/way-in/confirm`,
      business: [409]
    })
  },
  'DELETE /admin/people/{id}/way-in': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => {
      const person = await at.stage.seedPerson()
      const maker = await newStaff(at)
      await row(
        at,
        `insert into way_in (person_id, hash, made_by, four_eyes, expires_at)
         values ($1, 'x', $2, false, now() + interval '1 hour') returning id`,
        [person.id, maker]
      )
      return { path: `/admin/people/${person.id}/way-in` }
    }
  },
  'GET /admin/sign-in': { for: 'roles', roles: ADMIN, ask: self('/admin/sign-in') },
  'PATCH /admin/sign-in': { for: 'roles', roles: ADMIN, ask: self('/admin/sign-in', SIGN_IN) },
  'POST /admin/sign-in/preview': {
    for: 'roles',
    roles: ADMIN,
    ask: self('/admin/sign-in/preview', SIGN_IN)
  },
  'GET /admin/jobs/dead/{id}': {
    for: 'roles',
    roles: ADMIN,
    ask: async () => ({ path: `/admin/jobs/dead/${randomUUID()}`, business: [404] })
  },
  'POST /admin/invitations': {
    for: 'roles',
    roles: ADMIN,
    ask: async () => ({
      path: '/admin/invitations',
      body: { email: `${randomUUID()}@example.org`, name: 'New', locale: 'de', staff_role: 'staff' }
    })
  },
  'GET /admin/groups': { for: 'roles', roles: STAFF, ask: self('/admin/groups') },
  'POST /admin/groups': {
    for: 'roles',
    roles: OFFICE_ROLES,
    ask: async () => ({ path: '/admin/groups', body: { name: `Group ${randomUUID()}` } })
  },
  'GET /admin/groups/{id}': {
    for: 'roles',
    roles: STAFF,
    ask: async (at) => ({ path: `/admin/groups/${await newGroup(at)}` })
  },
  'PATCH /admin/groups/{id}': {
    for: 'roles',
    roles: OFFICE_ROLES,
    ask: async (at) => ({
      path: `/admin/groups/${await newGroup(at)}`,
      body: { name: `Group ${randomUUID()}` }
    })
  },
  'DELETE /admin/groups/{id}': {
    for: 'roles',
    roles: OFFICE_ROLES,
    ask: async (at) => ({ path: `/admin/groups/${await newGroup(at)}` })
  },
  'GET /admin/groups/{id}/loss': {
    for: 'roles',
    roles: OFFICE_ROLES,
    ask: async (at) => ({ path: `/admin/groups/${await newGroup(at)}/loss` })
  },
  'POST /admin/groups/{id}/members': {
    for: 'roles',
    roles: OFFICE_ROLES,
    ask: async (at) => ({
      path: `/admin/groups/${await newGroup(at)}/members`,
      body: { kind: 'person', id: await newStaff(at) }
    })
  },
  'POST /admin/groups/{id}/members/preview': {
    for: 'roles',
    roles: OFFICE_ROLES,
    ask: async (at) => ({
      path: `/admin/groups/${await newGroup(at)}/members/preview`,
      body: { kind: 'person', id: await newStaff(at) }
    })
  },
  'DELETE /admin/groups/{id}/members/{member_id}': {
    for: 'roles',
    roles: OFFICE_ROLES,
    ask: async (at) => {
      const [group, person] = [await newGroup(at), await newStaff(at)]
      await at.stage.owner.query('insert into membership (person_id, group_id) values ($1, $2)', [
        person,
        group
      ])
      return { path: `/admin/groups/${group}/members/${person}` }
    }
  },
  'GET /admin/organisations/{id}': {
    for: 'asked',
    allows: async (at) =>
      at.role.name === 'client administrator' ? at.place !== 'foreign' : knowsClient(at, STAFF),
    ask: async (at) => ({ path: `/admin/organisations/${clientAt(at)}` })
  },
  'PATCH /admin/organisations/{id}': {
    for: 'asked',
    allows: (at) => knowsClient(at, OFFICE_ROLES),
    ask: async (at) => ({
      path: `/admin/organisations/${clientAt(at)}`,
      body: { name: `Client ${randomUUID()}` }
    })
  },
  'POST /admin/organisations/{id}/employees': {
    for: 'asked',
    allows: looksAfter,
    ask: async (at) => ({
      path: `/admin/organisations/${clientAt(at)}/employees`,
      body: { email: `${randomUUID()}@example.org`, name: 'New', locale: 'de' }
    })
  },
  'PATCH /admin/organisations/{id}/employees/{person_id}': {
    for: 'asked',
    allows: looksAfter,
    ask: async (at) => {
      const person = await at.stage.seedPerson()
      await at.stage.owner.query('update person set employer_id = $2, capped_by = $3 where id = $1', [
        person.id,
        clientAt(at),
        at.world.looking_after
      ])
      return { path: `/admin/organisations/${clientAt(at)}/employees/${person.id}`, body: { active: false } }
    }
  },
  'POST /admin/organisations/{id}/exclusions': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({
      path: `/admin/organisations/${clientAt(at)}/exclusions`,
      body: { person_id: await newStaff(at), reason: 'acted for the other side' }
    })
  },
  'DELETE /admin/organisations/{id}/exclusions/{person_id}': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => {
      const person = await newStaff(at)
      await at.stage.owner.query(
        `insert into exclusion (person_id, client_id, reason) values ($1, $2, 'x')`,
        [person, clientAt(at)]
      )
      return { path: `/admin/organisations/${clientAt(at)}/exclusions/${person}` }
    }
  },
  'PATCH /admin/organisations/{id}/members/{person_id}': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => {
      const person = await at.stage.seedPerson({ organisation_id: clientAt(at) })
      return {
        path: `/admin/organisations/${clientAt(at)}/members/${person.id}`,
        body: { administers: true }
      }
    }
  },
  'POST /admin/organisations/{id}/team': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({
      path: `/admin/organisations/${clientAt(at)}/team`,
      body: { principal_kind: 'person', principal_id: await newStaff(at) }
    })
  },
  'DELETE /admin/organisations/{id}/team/{person_id}': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => {
      const person = await newStaff(at)
      await at.stage.owner.query('insert into assignment (person_id, client_id) values ($1, $2)', [
        person,
        clientAt(at)
      ])
      return { path: `/admin/organisations/${clientAt(at)}/team/${person}` }
    }
  },
  'GET /admin/people/{id}/holdings': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({ path: `/admin/people/${(await at.stage.seedPerson()).id}/holdings` })
  },
  'GET /admin/projects/{id}/guests': {
    for: 'asked',
    allows: managesAsStaff,
    ask: async (at) => ({ path: `/admin/projects/${projectAt(at)}/guests` })
  },
  'PATCH /admin/projects/{id}/guests/{person_id}': {
    for: 'asked',
    allows: managesAsStaff,
    ask: async (at) => {
      const person = await at.stage.seedPerson()
      await at.stage.owner.query(
        `insert into project_guest (project_id, person_id, sponsor_id, valid_until) values ($1, $2, $3, now() + interval '9 days')`,
        [projectAt(at), person.id, at.world.maker]
      )
      return { path: `/admin/projects/${projectAt(at)}/guests/${person.id}`, body: { take_over: true } }
    }
  },
  'GET /audit/activity': {
    for: 'things',
    or: LOG,
    ask: async (at) => ({
      path: `/audit/activity?project_id=${projectAt(at)}`,
      things: [[projectAt(at), VIEW]]
    })
  },
  'GET /audit/events': {
    for: 'things',
    or: LOG,
    ask: async (at) => ({
      path: `/audit/events?project_id=${projectAt(at)}`,
      things: [[projectAt(at), REACHED]]
    })
  },
  'GET /audit/activity.csv': { for: 'roles', roles: LOG, ask: self('/audit/activity.csv') }
}
