/** Documents, folders, projects: lists and single things. */
import { randomUUID } from 'node:crypto'
import {
  type Rule,
  type Ask,
  ADMIN,
  CONTRIBUTE,
  DOWNLOAD,
  MANAGE,
  STAFF,
  VIEW,
  folderAt,
  newDocument,
  newFolder,
  newLock,
  newVersions,
  onDocument,
  onFolder,
  onProject,
  projectAt,
  row,
  self
} from './asks.ts'
import { makeDocument } from './world.ts'

export const DOCUMENTS: Record<string, Rule> = {
  'GET /documents/projects': { for: 'signed in', ask: self('/documents/projects') },
  'GET /documents/recent': { for: 'signed in', ask: self('/documents/recent') },
  'GET /documents/favourites': { for: 'signed in', ask: self('/documents/favourites') },
  'GET /documents/search': { for: 'signed in', ask: self('/documents/search?q=Paper') },
  'GET /documents/dashboard': {
    for: 'roles',
    roles: STAFF,
    ask: self('/documents/dashboard')
  },
  'GET /documents/documents/{id}': {
    for: 'things',
    ask: onDocument(VIEW, (id) => `/documents/documents/${id}`)
  },
  'GET /documents/documents/{id}/versions': {
    for: 'things',
    ask: onDocument(VIEW, (id) => `/documents/documents/${id}/versions`)
  },
  'GET /documents/documents/{id}/pages': {
    for: 'things',
    ask: onDocument(VIEW, (id) => `/documents/documents/${id}/pages`)
  },
  'GET /documents/documents/{id}/people': {
    for: 'things',
    ask: onDocument(VIEW, (id) => `/documents/documents/${id}/people`)
  },
  'GET /documents/documents/{id}/duplicates': {
    for: 'things',
    ask: onDocument(VIEW, (id) => `/documents/documents/${id}/duplicates`)
  },
  'GET /documents/documents/{id}/comments': {
    for: 'things',
    ask: onDocument(VIEW, (id) => `/documents/documents/${id}/comments`)
  },
  'GET /documents/documents/{id}/content': {
    for: 'things',
    ask: onDocument(DOWNLOAD, (id) => `/documents/documents/${id}/content`)
  },
  'PUT /documents/documents/{id}/favourite': {
    for: 'things',
    ask: onDocument(VIEW, (id) => `/documents/documents/${id}/favourite`)
  },
  'DELETE /documents/documents/{id}/favourite': {
    for: 'things',
    ask: onDocument(VIEW, (id) => `/documents/documents/${id}/favourite`)
  },
  'PUT /documents/documents/{id}/labels': {
    for: 'things',
    ask: onDocument(MANAGE, (id) => `/documents/documents/${id}/labels`, {
      tags: ['tax'],
      description: 'words',
      described_at: null
    })
  },
  'POST /documents/documents/{id}/release': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => {
      const id = await newDocument(at)
      await at.stage.owner.query(`update version set state = 'held' where document_id = $1`, [id])
      return { path: `/documents/documents/${id}/release` }
    }
  },
  'POST /documents/documents/{id}/versions/{no}/show': {
    for: 'things',
    ask: async (at) => {
      const id = await newDocument(at)
      await at.stage.owner.query(`update version set waits = true where document_id = $1`, [id])
      const path = `/documents/documents/${id}/versions/1/show`
      return { path, things: [[id, CONTRIBUTE]], ...(!at.role.staff_role && { also: false }) }
    }
  },
  'POST /documents/documents/show': {
    for: 'things',
    ask: async (at) => {
      const id = await newDocument(at)
      await at.stage.owner.query(`update version set waits = true where document_id = $1`, [id])
      const body = { versions: [{ document_id: id, no: 1 }] }
      const path = '/documents/documents/show'
      return { path, body, things: [[id, CONTRIBUTE]], ...(!at.role.staff_role && { also: false }) }
    }
  },
  'PUT /documents/places/{id}/four-eyes': {
    for: 'things',
    ask: async (at) => {
      const id = await newFolder(at)
      const path = `/documents/places/${id}/four-eyes`
      const refused = !at.role.staff_role && { also: false as const }
      return { path, body: { four_eyes: true }, things: [[id, MANAGE]], ...refused }
    }
  },
  // Whoever holds enough is told that it is for rules.
  'POST /documents/documents/{id}/lendings': {
    for: 'things',
    ask: async (at) => {
      const id = await newDocument(at)
      const path = `/documents/documents/${id}/lendings`
      return { path, body: { function: 'reader' }, things: [[id, DOWNLOAD]], also: false }
    }
  },
  // Whoever holds enough is told that it wants a key.
  'POST /documents/projects/{id}/s3-credentials': {
    for: 'things',
    ask: async (at) => {
      const id = projectAt(at)
      return {
        path: `/documents/projects/${id}/s3-credentials`,
        body: {},
        things: [[id, CONTRIBUTE]],
        also: false
      }
    }
  },
  'GET /documents/locks': { for: 'signed in', ask: self('/documents/locks') },
  'POST /documents/locks': {
    for: 'things',
    ask: async (at) => {
      const id = await newFolder(at)
      const body = { thing_id: id, hides: true, at: '2099-01-01T00:00:00Z' }
      return { path: '/documents/locks', body, things: [[id, MANAGE]] }
    }
  },
  'DELETE /documents/locks/{id}': {
    for: 'things',
    ask: async (at) => {
      const { id, folder } = await newLock(at)
      return { path: `/documents/locks/${id}`, things: [[folder, MANAGE]], unseen: true }
    }
  },
  'POST /documents/locks/{id}/exceptions': {
    for: 'things',
    ask: async (at) => {
      const { id, folder } = await newLock(at)
      const document_id = await makeDocument(at.stage, folder)
      const path = `/documents/locks/${id}/exceptions`
      return { path, body: { document_id }, things: [[folder, MANAGE]], unseen: true }
    }
  },
  'POST /documents/documents/{id}/versions/{no}/restore': {
    for: 'things',
    ask: async (at) => {
      const id = await newVersions(at)
      // Its bytes are not in the store.
      return {
        path: `/documents/documents/${id}/versions/1/restore`,
        things: [[id, CONTRIBUTE]],
        business: [503]
      }
    }
  },
  'POST /documents/comments': {
    for: 'things',
    ask: async (at) => {
      const id = await newDocument(at)
      return {
        path: '/documents/comments',
        body: { documents: [id], text: 'A question' },
        things: [[id, VIEW]]
      }
    }
  },
  'GET /documents/folders/{id}/documents': {
    for: 'things',
    ask: onFolder(VIEW, (id) => `/documents/folders/${id}/documents`)
  },
  'POST /documents/folders': {
    for: 'things',
    ask: async (at) => ({
      path: '/documents/folders',
      body: { parent_id: folderAt(at), name: `New ${randomUUID()}` },
      things: [[folderAt(at), CONTRIBUTE]]
    })
  },
  'GET /documents/projects/{id}': {
    for: 'things',
    ask: onProject(VIEW, (id) => `/documents/projects/${id}`)
  },
  'GET /documents/projects/{id}/tags': {
    for: 'things',
    ask: onProject(VIEW, (id) => `/documents/projects/${id}/tags`)
  },
  'GET /documents/projects/{id}/duplicates': {
    for: 'things',
    ask: onProject(VIEW, (id) => `/documents/projects/${id}/duplicates`)
  },
  'POST /documents/projects/{id}/read': {
    for: 'things',
    ask: onProject(VIEW, (id) => `/documents/projects/${id}/read`)
  },
  'GET /documents/projects/{id}/trash': {
    for: 'things',
    ask: onProject(VIEW, (id) => `/documents/projects/${id}/trash`)
  },
  'GET /documents/projects/{id}/trash/gone': {
    for: 'things',
    ask: onProject(VIEW, (id) => `/documents/projects/${id}/trash/gone`)
  },
  'GET /documents/things/{id}/people': {
    for: 'things',
    ask: onFolder(VIEW, (id) => `/documents/things/${id}/people`)
  },
  'PATCH /documents/things/{id}': {
    for: 'things',
    // Several manage the folder, and a name is there once.
    ask: (at) =>
      onDocument(MANAGE, (id) => `/documents/things/${id}`, { name: `Renamed ${randomUUID()}.pdf` })(at)
  },
  'POST /documents/things/trash': {
    for: 'things',
    ask: async (at) => {
      const id = await newDocument(at)
      return { path: '/documents/things/trash', body: { things: [id] }, things: [[id, MANAGE]] }
    }
  },
  'POST /documents/things/move': {
    for: 'things',
    ask: async (at) => {
      const [id, folder] = [await newDocument(at), await newFolder(at)]
      const things: Ask['things'] = [
        [folder, CONTRIBUTE],
        [id, MANAGE]
      ]
      return { path: '/documents/things/move', body: { things: [id], folder_id: folder }, things }
    }
  },
  'POST /documents/things/copy': {
    for: 'things',
    ask: async (at) => {
      const [id, folder] = [await newFolder(at), await newFolder(at)]
      const things: Ask['things'] = [
        [folder, CONTRIBUTE],
        [id, VIEW]
      ]
      return { path: '/documents/things/copy', body: { things: [id], folder_id: folder }, things }
    }
  },
  'POST /documents/projects/{id}/trash/restore': {
    for: 'things',
    ask: async (at) => {
      const [id, project] = [await newDocument(at), projectAt(at)]
      const path = `/documents/projects/${project}/trash/restore`
      return { path, body: { things: [id] }, things: [[project, VIEW]], also: false }
    }
  },
  'POST /documents/projects/{id}/trash/empty': {
    for: 'things',
    ask: async (at) => {
      const [id, project] = [await newDocument(at), projectAt(at)]
      const path = `/documents/projects/${project}/trash/empty`
      return { path, body: { things: [id] }, things: [[project, VIEW]], also: false }
    }
  },
  'POST /documents/projects': {
    for: 'roles',
    roles: ['administrator', 'staff'],
    ask: self('/documents/projects', { name: 'Another' })
  },
  'GET /documents/documents/{id}/pages/{no}/image': {
    for: 'things',
    ask: async ({ world, place }) => ({
      path: `/documents/documents/${world.read[place]}/pages/1/image`,
      things: [[world.read[place], VIEW]]
    })
  },
  'GET /documents/documents/{id}/pages/{no}/text': {
    for: 'things',
    ask: async ({ world, place }) => ({
      path: `/documents/documents/${world.read[place]}/pages/1/text`,
      things: [[world.read[place], DOWNLOAD]]
    })
  },
  'DELETE /documents/documents/{id}/comments/{comment}': {
    for: 'owner',
    ask: async (at) => {
      const id = await newDocument(at)
      const comment = await row(
        at,
        `insert into comment (project_id, author_id, documents, text) values ($1, $2, array[$3::uuid], 'words') returning id`,
        [projectAt(at), at.owner, id]
      )
      return { path: `/documents/documents/${id}/comments/${comment}`, things: [[id, VIEW]] }
    }
  }
}
