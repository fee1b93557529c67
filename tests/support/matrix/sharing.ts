/** Links and their visitors. */
import {
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
  'POST /sharing/links/{id}/renew': { for: 'link', ask: onLink('POST', '/renew', {}) },
  'POST /sharing/links/{id}/mail': {
    for: 'link',
    ask: onLink('POST', '/mail', { to: 'bank@example.org' }, true)
  },
  'GET /sharing/visits/current': { for: 'visitor', ask: self('/sharing/visits/current') },
  'GET /sharing/visits/current/documents': { for: 'visitor', ask: self('/sharing/visits/current/documents') },
  'GET /sharing/visits/current/documents/{id}/pages': {
    for: 'visitor',
    ask: onDocument(VIEW, (id) => `/sharing/visits/current/documents/${id}/pages`)
  },
  'GET /sharing/visits/current/documents/{id}/pages/{no}/image': {
    for: 'visitor',
    ask: async ({ world, place }) => ({
      path: `/sharing/visits/current/documents/${world.read[place]}/pages/1/image`,
      things: [[world.read[place], VIEW]]
    })
  },
  'GET /sharing/visits/current/documents/{id}/content': {
    for: 'visitor',
    ask: onDocument(DOWNLOAD, (id) => `/sharing/visits/current/documents/${id}/content`)
  }
}
