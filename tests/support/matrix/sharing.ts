/** Links and their visitors. */
import {
  type Prepare,
  type Rule,
  DOWNLOAD,
  MANAGE,
  VIEW,
  newDocument,
  onDocument,
  onLink,
  self,
  wrongSecret
} from './asks.ts'

/** Below the address of the visit of the world's link. */
const inVisit =
  (path: string): Prepare =>
  async ({ world }) => ({ path: `/sharing/visits/${world.link.id}${path}` })
const inVisitOn =
  (level: number, path: (id: string) => string): Prepare =>
  (at) =>
    onDocument(level, (id) => `/sharing/visits/${at.world.link.id}${path(id)}`)(at)

export const SHARING: Record<string, Rule> = {
  'POST /sharing/links/{id}/look': {
    for: 'everybody',
    ask: wrongSecret('/sharing/links', '/look'),
    refuses: [404, 410, 422]
  },
  'POST /sharing/links/{id}/open': {
    for: 'everybody',
    ask: wrongSecret('/sharing/links', '/open', { name: 'X' }),
    refuses: [404, 410, 422]
  },
  'POST /sharing/links/{id}/renewal-requests': {
    for: 'everybody',
    ask: wrongSecret('/sharing/links', '/renewal-requests'),
    refuses: [404, 410, 422]
  },
  'POST /sharing/links': {
    for: 'things',
    ask: async (at) => {
      const id = await newDocument(at)
      return { path: '/sharing/links', body: { thing_ids: [id], recipient: 'Bank' }, things: [[id, MANAGE]] }
    }
  },
  'GET /sharing/terms': { for: 'signed in', ask: self('/sharing/terms') },
  'GET /sharing/links': { for: 'signed in', ask: self('/sharing/links') },
  'GET /sharing/links/{id}': { for: 'link', ask: onLink('GET', '') },
  'POST /sharing/links/{id}/revoke': { for: 'link', ask: onLink('POST', '/revoke') },
  'POST /sharing/links/{id}/renew': { for: 'link', opens: true, ask: onLink('POST', '/renew', {}) },
  'POST /sharing/links/{id}/mail': {
    for: 'link',
    opens: true,
    ask: onLink('POST', '/mail', { to: 'bank@example.org' }, true)
  },
  'GET /sharing/visits/{link}': { for: 'visitor', ask: inVisit('') },
  'GET /sharing/visits/{link}/documents': { for: 'visitor', ask: inVisit('/documents') },
  'GET /sharing/visits/{link}/documents/{id}/pages': {
    for: 'visitor',
    ask: inVisitOn(VIEW, (id) => `/documents/${id}/pages`)
  },
  'GET /sharing/visits/{link}/documents/{id}/pages/{no}/image': {
    for: 'visitor',
    ask: async ({ world, place }) => ({
      path: `/sharing/visits/${world.link.id}/documents/${world.read[place]}/pages/1/image`,
      things: [[world.read[place], VIEW]]
    })
  },
  'GET /sharing/visits/{link}/documents/{id}/content': {
    for: 'visitor',
    ask: inVisitOn(DOWNLOAD, (id) => `/documents/${id}/content`)
  }
}
