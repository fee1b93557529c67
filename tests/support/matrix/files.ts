/** Files on their way in and out: uploads, ZIPs. */
import {
  type Rule,
  CONTRIBUTE,
  DOWNLOAD,
  REACHED,
  VIEW,
  folderAt,
  newDocument,
  newOrder,
  newUpload,
  projectAt,
  self
} from './asks.ts'

export const FILES: Record<string, Rule> = {
  'GET /documents/uploads': {
    for: 'things',
    ask: async (at) => ({
      path: `/documents/uploads?folder_id=${folderAt(at)}`,
      things: [[folderAt(at), VIEW]]
    })
  },
  'GET /documents/archives/orders': { for: 'signed in', ask: self('/documents/archives/orders') },
  'GET /documents/archives': {
    for: 'things',
    ask: async (at) => {
      const id = await newDocument(at)
      return { path: `/documents/archives?document=${id}`, things: [[id, DOWNLOAD]] }
    }
  },
  'GET /documents/archives/contents': {
    for: 'things',
    ask: async (at) => {
      const id = await newDocument(at)
      return { path: `/documents/archives/contents?document=${id}`, things: [[id, VIEW]] }
    }
  },
  'POST /documents/archives/orders': {
    for: 'things',
    ask: async (at) => {
      const id = await newDocument(at)
      return { path: '/documents/archives/orders', body: { document: id }, things: [[id, DOWNLOAD]] }
    }
  },
  'POST /documents/uploads': {
    for: 'things',
    ask: async (at) => ({
      path: '/documents/uploads',
      body: { folder_id: folderAt(at), files: [{ name: 'a.txt', size: 1 }] },
      things: [[folderAt(at), CONTRIBUTE]]
    })
  },
  'POST /documents/uploads/matches': {
    for: 'things',
    ask: async (at) => ({
      path: '/documents/uploads/matches',
      body: { folder_id: folderAt(at), files: [{ name: 'a.txt' }] },
      things: [[folderAt(at), CONTRIBUTE]]
    })
  },
  'GET /documents/uploads/{id}': {
    for: 'owner',
    ask: async (at) => ({
      things: [[folderAt(at), CONTRIBUTE]],
      path: `/documents/uploads/${await newUpload(at)}`
    })
  },
  'DELETE /documents/uploads/{id}': {
    for: 'owner',
    ask: async (at) => ({
      path: `/documents/uploads/${await newUpload(at)}`
    })
  },
  'POST /documents/uploads/{id}/parts': {
    for: 'owner',
    ask: async (at) => ({
      things: [[folderAt(at), CONTRIBUTE]],
      path: `/documents/uploads/${await newUpload(at)}/parts`,
      body: { numbers: [1] },
      business: [409, 422]
    })
  },
  'POST /documents/uploads/complete': {
    for: 'owner',
    ask: async (at) => ({
      path: '/documents/uploads/complete',
      body: { ids: [await newUpload(at)] }
    })
  },
  'GET /documents/archives/orders/{id}': {
    for: 'owner',
    ask: async (at) => ({
      things: [[projectAt(at), REACHED]],
      path: `/documents/archives/orders/${await newOrder(at)}`
    })
  },
  'DELETE /documents/archives/orders/{id}': {
    for: 'owner',
    ask: async (at) => ({
      things: [[projectAt(at), REACHED]],
      path: `/documents/archives/orders/${await newOrder(at)}`
    })
  },
  'POST /documents/archives/orders/{id}/address': {
    for: 'owner',
    ask: async (at) => ({
      things: [[projectAt(at), REACHED]],
      path: `/documents/archives/orders/${await newOrder(at)}/address`,
      business: [409]
    })
  }
}
