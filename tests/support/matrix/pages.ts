/**
 * What each page and endpoint of the web asks of whom, in the words of the rule, as the API's routes do. Anything under
 * web/src/routes that has no line here fails the test.
 */
import { makesRules, newRule } from './automations.ts'
import { randomUUID } from 'node:crypto'
import {
  type Place$,
  type Prepare,
  type Rule,
  ADMIN,
  AT_WORK,
  LOG,
  STAFF,
  VIEW,
  clientAt,
  folderAt,
  knowsClient,
  managesAsStaff,
  newGroup,
  projectAt,
  self
} from './asks.ts'

const NOTHING = '00000000-0000-0000-0000-000000000000'

/** A page about nobody but the one who reads it. */
const own = (path: string, half = false): Rule => ({ for: 'signed in', ask: self(path), half })
const door = (path: string): Rule => ({ for: 'everybody', ask: self(path) })
const inProject = (rest: string): Rule => ({
  for: 'things',
  ask: async (at) => ({ path: `/projects/${projectAt(at)}${rest}`, things: [[projectAt(at), VIEW]] })
})
/** The document whose pages are really there. */
const onRead =
  (rest: string): Prepare =>
  async ({ world, place }: Place$) => ({
    path: `/documents/${world.read[place]}${rest}`,
    things: [[world.read[place], VIEW]]
  })

export const PAGES: Record<string, Rule> = {
  'GET /': own('/'),
  'GET /account': own('/account'),
  // A page of the firm's: clients find nothing there.
  'GET /account/deputies': { for: 'roles', roles: AT_WORK, ask: self('/account/deputies') },
  'GET /account/email': own('/account/email'),
  'GET /account/keys': own('/account/keys'),
  'GET /account/notices': own('/account/notices'),
  'GET /account/password': own('/account/password'),
  'GET /account/security': own('/account/security'),
  'GET /account/security/app': own('/account/security/app'),
  'GET /api': own('/api'),
  'GET /archives': own('/archives'),
  'GET /inbox': own('/inbox'),
  'GET /links': own('/links'),
  'GET /locks': own('/locks'),
  'GET /search': own('/search?q=Paper'),
  'GET /email/[id]': own(`/email/${NOTHING}`),
  'GET /second-factor': own('/second-factor', true),
  'GET /second-factor/code/[kind]': own('/second-factor/code/email', true),
  'GET /second-factor/codes': own('/second-factor/codes'),
  'GET /second-factor/recovery': own('/second-factor/recovery'),
  'POST /first-steps': own('/first-steps'),
  // Staff begins to see as somebody here; without a person it ends, for whoever sees as another.
  'POST /seeing': own('/seeing'),

  'GET /email-undo/[id]': door(`/email-undo/${NOTHING}`),
  'GET /forgot': door('/forgot'),
  'GET /help': door('/help'),
  'GET /help/[topic]': door('/help/link'),
  'GET /imprint': door('/imprint'),
  'GET /invitation/[id]': door(`/invitation/${NOTHING}`),
  'GET /l/[id]': {
    for: 'everybody',
    ask: async ({ world }) => ({ path: `/l/${world.link.id}` })
  },
  'GET /privacy': door('/privacy'),
  'GET /reset/[id]': door(`/reset/${NOTHING}`),
  'GET /setup/[id]': door(`/setup/${NOTHING}`),
  'GET /sign-in': door('/sign-in'),
  'GET /sign-in/provider': door('/sign-in/provider'),
  'GET /sign-in/provider/back': door('/sign-in/provider/back'),
  'GET /sign-in/provider/proved': door('/sign-in/provider/proved'),
  'GET /unsubscribe/[token]': door('/unsubscribe/wrong'),
  'POST /language': { for: 'everybody', ask: self('/language') },
  'POST /sign-out': { for: 'everybody', ends: true, ask: self('/sign-out') },

  'GET /emergency': { for: 'roles', roles: ADMIN, ask: self('/emergency') },
  'GET /jobs': { for: 'roles', roles: ADMIN, ask: self('/jobs') },
  'GET /jobs/[id]': {
    for: 'roles',
    roles: ADMIN,
    ask: async () => ({ path: `/jobs/${randomUUID()}`, business: [404] })
  },
  'GET /log': { for: 'roles', roles: LOG, ask: self('/log') },
  'GET /settings': { for: 'roles', roles: ADMIN, ask: self('/settings') },
  'GET /people/import': { for: 'roles', roles: ADMIN, ask: self('/people/import') },
  'GET /settings/backups': { for: 'roles', roles: ADMIN, ask: self('/settings/backups') },
  'GET /settings/provider': { for: 'roles', roles: ADMIN, ask: self('/settings/provider') },
  'GET /settings/sign-in': { for: 'roles', roles: ADMIN, ask: self('/settings/sign-in') },
  'GET /settings/webhooks': { for: 'roles', roles: ADMIN, ask: self('/settings/webhooks') },
  'GET /settings/webhooks/[id]': {
    for: 'roles',
    roles: ADMIN,
    ask: async () => ({ path: `/settings/webhooks/${randomUUID()}`, business: [404] })
  },
  'GET /people': { for: 'roles', roles: STAFF, ask: self('/people') },
  'GET /people/[id]': {
    for: 'roles',
    roles: ADMIN,
    ask: async ({ world, place }) => ({
      path: `/people/${place === 'foreign' ? world.stranger : world.looking_after}`
    })
  },
  'GET /automations': { for: 'roles', roles: ['administrator', 'staff'], ask: self('/automations') },
  'GET /automations/new': { for: 'roles', roles: ['administrator', 'staff'], ask: self('/automations/new') },
  'GET /automations/[id]': {
    for: 'asked',
    allows: makesRules,
    ask: async (at) => ({ path: `/automations/${(await newRule(at)).id}` })
  },
  'GET /groups': { for: 'roles', roles: STAFF, ask: self('/groups') },
  'GET /groups/[id]': {
    for: 'roles',
    roles: STAFF,
    ask: async (at) => ({ path: `/groups/${await newGroup(at)}` })
  },
  'GET /organisations/[id]': {
    for: 'asked',
    allows: async (at) =>
      at.role.name === 'client administrator' ? at.place !== 'foreign' : knowsClient(at, STAFF),
    ask: async (at) => ({ path: `/organisations/${clientAt(at)}` })
  },

  'GET /projects/[id]': {
    for: 'things',
    ask: async (at) => ({
      path: `/projects/${projectAt(at)}?folder=${folderAt(at)}`,
      things: [
        [projectAt(at), VIEW],
        [folderAt(at), VIEW]
      ]
    })
  },
  'GET /projects/[id]/access': inProject('/access'),
  'GET /projects/[id]/activity': inProject('/activity'),
  'GET /projects/[id]/duplicates': inProject('/duplicates'),
  'GET /projects/[id]/guests': {
    for: 'asked',
    allows: managesAsStaff,
    ask: async (at) => ({ path: `/projects/${projectAt(at)}/guests` })
  },
  'GET /projects/[id]/links': inProject('/links'),
  'GET /projects/[id]/people': inProject('/people'),
  'GET /projects/[id]/trash': inProject('/trash'),
  'GET /documents/[id]': { for: 'things', ask: onRead('') },
  'GET /documents/[id]/compare': { for: 'things', ask: onRead('/compare') },

  'GET /events': {
    for: 'things',
    ask: async (at) => ({
      path: `/events?topic=project:${projectAt(at)}`,
      things: [[projectAt(at), VIEW]]
    })
  }
}
