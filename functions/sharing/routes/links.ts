/** Links of those who share: make, list, look at visits, revoke. Whoever manages a thing may share it. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { bearerOf } from '../../_shared/auth/api-key.ts'
import { type LinkSecret, linkUrl, newLinkSecret, repeatableLinkSecret } from '../../_shared/auth/link.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { type Caller, SESSION_COOKIE, requireCaller } from '../../_shared/auth/session.ts'
import { Id, NamedPageQuery, pageOf } from '../../_shared/contract/common.ts'
import {
  Link,
  LinkTerms,
  LinkWithVisits,
  MadeLink,
  type NewLink,
  NewLink as NewLinkBody
} from '../../_shared/contract/link.ts'
import { pageFrom, readCursor } from '../../_shared/cursor.ts'
import { requireInProject } from '../../_shared/db/access.ts'
import { run } from '../../_shared/db/database.ts'
import { lockTree } from '../../_shared/db/project.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { idempotencyKey, keyMismatch } from '../../_shared/idempotency.ts'
import { Problem } from '../../_shared/problem.ts'
import { endOfLink } from '../../_shared/rules/link.ts'
import { database } from '../database.ts'
import {
  createLink,
  linkById,
  listLinks,
  longestDays,
  Place,
  madeBefore,
  placeOf,
  projectsMadeIn,
  revokeLink,
  visitsOf
} from '../links.ts'
import { requireOwn } from '../own.ts'

const params = z.object({ id: Id })

const create = createRoute({
  method: 'post',
  path: '/links',
  summary:
    'Share documents or folders of one project by a link (manage); its secret is kept nowhere, and told again only to the same request with the same Idempotency-Key',
  // Not behind `idempotent`: an answer that is remembered would keep the secret for a day. The key makes the secret.
  middleware: [requireCaller(database, 'sharing'), requireProof] as const,
  request: jsonBody(NewLinkBody),
  responses: { 201: json(MadeLink), ...problems }
})
const terms = createRoute({
  method: 'get',
  path: '/terms',
  summary: 'How long a link may last at this firm',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(LinkTerms), ...problems }
})
const list = createRoute({
  method: 'get',
  path: '/links',
  summary:
    "One's own links and those of whom one stands in for, all that share a thing (manage), or all of a project that one may know of; whoever asks for a renewal first, then the newest",
  middleware: [requireCaller(database)] as const,
  request: { query: NamedPageQuery.extend({ thing_id: Id.optional(), project_id: Id.optional() }) },
  responses: { 200: json(pageOf(Link)), ...problems }
})
const read = createRoute({
  method: 'get',
  path: '/links/{id}',
  summary: 'A link and who opened it',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: { 200: json(LinkWithVisits), ...problems }
})
const revoke = createRoute({
  method: 'post',
  path: '/links/{id}/revoke',
  summary: 'End a link, for open pages too; again: nothing happens',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: { 200: json(Link), ...problems }
})

export function linkRoutes(app: Api): void {
  app.openapi(create, async (c) => {
    const caller = c.get('caller')
    const wish = c.req.valid('json')
    const secret = secretOf(c, wish)
    const known = await madeWith(caller, secret)
    if (known) return c.json(known, 201, REPLAYED)
    const { project_id, things } = await shareable(caller, wish)
    const ends = endOfLink(wish.valid_until, await longestDays(database.pool), new Date())
    if (!ends) throw wrong('valid_until', 'The end lies in the past or beyond what the firm allows.')
    const made = await database.transaction([project_id], async (session, acts) => {
      await lockTree(session, project_id)
      const id = await createLink(session, caller.id, project_id, { ...wish, ends, secret }, things)
      if (!id) return null
      const { level, max_opens } = wish
      const facts = { level, max_opens, things: things.length, has_password: wish.password !== null }
      for (const thing of things)
        acts.push({
          action: 'link.created',
          actor_id: caller.id,
          project_id,
          document_id: thing.kind === 'document' ? thing.id : null,
          subject_id: id,
          facts: { ...facts, thing_id: thing.id }
        })
      await run(session, 'select announce($1)', [`project:${project_id}`])
      return { ...(await linkById(session, id, caller.id)), url: linkUrl('l', id, secret.secret) }
    })
    if (made) return c.json(made, 201)
    // The same request was faster, in another call.
    const twin = await madeWith(caller, secret)
    if (!twin) throw new Error('a link that is there belongs to somebody else')
    return c.json(twin, 201, REPLAYED)
  })

  app.openapi(terms, async (c) => c.json({ days_max: await longestDays(database.pool) }, 200))

  app.openapi(list, async (c) => {
    const caller = c.get('caller')
    const { thing_id, project_id, q, id, limit, cursor } = c.req.valid('query')
    const before = readCursor(cursor, Place) ?? undefined
    const place = thing_id ?? project_id
    const level = thing_id ? 'manage' : 'view'
    const thing = place && (await requireInProject(database, caller, place, level, 'any'))
    const projects = thing ? [thing.project_id] : await projectsMadeIn(database.pool, caller.id)
    const which = {
      asker: caller.id,
      ...(project_id && { project_id }),
      ...(thing_id ? { thing_id } : !project_id && { made_in: projects }),
      ...(q && { q }),
      ...(id && { id }),
      ...(before && { before })
    }
    const found = await database.transaction(projects, (session) =>
      listLinks(session, { ...which, limit: limit + 1 })
    )
    return c.json(pageFrom(found, limit, placeOf), 200)
  })

  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    const caller = c.get('caller')
    const { project_id } = await requireOwn(caller, id, 'end')
    const link = await database.transaction([project_id], async (session) => ({
      ...(await linkById(session, id, caller.id)),
      visits: await visitsOf(session, id)
    }))
    return c.json(link, 200)
  })

  app.openapi(revoke, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { project_id, stead } = await requireOwn(caller, id, 'end')
    const link = await database.transaction([project_id], async (session, acts) => {
      if (await revokeLink(session, id)) {
        acts.push({
          action: 'link.revoked',
          actor_id: caller.id,
          project_id,
          subject_id: id,
          ...(stead && { facts: { deputy_of: stead } })
        })
        await run(session, 'select announce($1)', [`project:${project_id}`])
      }
      return linkById(session, id, caller.id)
    })
    return c.json(link, 200)
  })
}

const REPLAYED = { 'idempotency-replayed': 'true' }

/** By chance, or where a key says that the request may come again, the one that belongs to it. */
function secretOf(c: Context, wish: NewLink): LinkSecret {
  const key = idempotencyKey(c)
  const token = getCookie(c, SESSION_COOKIE) ?? bearerOf(c)
  return key !== null && token ? repeatableLinkSecret(token, key, JSON.stringify(wish)) : newLinkSecret()
}

/** What this very request made before: its answer got lost. Throws `idempotency_mismatch` where another one did. */
async function madeWith(caller: Caller, secret: LinkSecret): Promise<MadeLink | null> {
  const known = await madeBefore(database.pool, caller.id, secret)
  if (!known) return null
  if (!known.same) throw keyMismatch()
  const link = await database.transaction([known.project_id], (session) =>
    linkById(session, known.id, caller.id)
  )
  return { ...link, url: linkUrl('l', known.id, secret.secret) }
}

/** The things and their one project. Throws `not_found` or `forbidden` for a thing that the caller does not manage. */
async function shareable(caller: Caller, wish: NewLink) {
  const things: { id: string; kind: 'document' | 'node' }[] = []
  const projects = new Set<string>()
  for (const id of new Set(wish.thing_ids)) {
    const thing = await requireInProject(database, caller, id, 'manage', 'any')
    things.push({ id, kind: thing.kind === 'document' ? 'document' : 'node' })
    projects.add(thing.project_id)
  }
  const [project_id, ...others] = projects
  if (!project_id || others.length > 0) throw wrong('thing_ids', 'A link shares things of one project.')
  return { project_id, things }
}

const wrong = (field: string, detail: string) =>
  new Problem('invalid_request', detail, { errors: [{ field, code: 'invalid', detail }] })
