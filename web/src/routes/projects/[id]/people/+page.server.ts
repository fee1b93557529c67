import { type ActionFailure, error } from '@sveltejs/kit'
import type { z } from 'zod'
import {
  AccessTrial,
  Closed,
  Document,
  Grant,
  type GrantChange,
  GrantPage,
  Holders,
  ManagedThing,
  type NewGrant,
  ThingAccess
} from '#lib/contract.ts'
import { type Failed, type Trouble, problemText } from '#lib/problem.ts'
import { instantOf } from '#lib/project/zone.ts'
import { failed, orNull, typedIn } from '#lib/server/forms.ts'
import { give as giveUp, load as read, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad, RequestEvent } from './$types'
import { principalsFor } from './principals.server.ts'
import { readersOf } from './readers.server.ts'

const ASKED = ['give', 'change', 'end', 'close', 'open'] as const
type Asked = (typeof ASKED)[number]

/** The permission screen of a project or, with ?thing=…, of a folder or document in it. */
export const load: PageServerLoad = async (event) => {
  event.depends('portico:access')
  const { project } = await event.parent()
  const wish = event.url.searchParams
  const thing = await thingOf(event, project, wish.get('thing') ?? project.id)
  if (!thing.managed) return { thing, people: await readersOf(event, thing), screen: null }
  const asked = ASKED.find((one) => one === wish.get('ask')) ?? null
  const [access, holders, grants, grant] = await Promise.all([
    read(event, `/admin/things/${thing.id}/access`, ThingAccess),
    read(event, `/admin/things/${thing.id}/holders?${pageOf(wish, 'people')}`, Holders),
    read(event, `/admin/things/${thing.id}/grants?${pageOf(wish, 'grants')}`, GrantPage),
    asked === 'change' || asked === 'end' ? grantOf(event) : null
  ])
  const gone = (asked === 'change' || asked === 'end') && !grant
  const who = wish.get('who')?.trim().slice(0, 100) ?? ''
  const trial =
    asked === 'end' && grant
      ? await read(event, `/admin/grants/${grant.id}/removal`, AccessTrial)
      : asked === 'close' || asked === 'open'
        ? await closingTrial(event, thing.id, asked === 'open')
        : null
  return {
    thing,
    people: null,
    screen: {
      ...{ access, holders, grants, grant, trial },
      asked: gone ? null : asked,
      /** The grant that was asked for is not there any more; what was typed to change it can make a new one. */
      gone,
      who,
      principals:
        asked === 'give' || (asked === 'change' && gone)
          ? await principalsFor(event, thing, project.client, who)
          : { all: [], more: false }
    }
  }
}

type Tree = { id: string; name: string; level: z.infer<typeof Document>['level'] | null; folders: Folder[] }
type Folder = { id: string; name: string; level: z.infer<typeof Document>['level'] }

/** What is seen, and what a lock takes out of sight of whoever manages it. */
async function thingOf(event: RequestEvent, project: Tree, id: string) {
  const seen = await seenThing(event, project, id)
  if (seen?.level === 'manage') return { ...seen, managed: true }
  const managed = await managedThing(event, id)
  if (seen) return { ...seen, managed: managed !== null }
  if (managed?.project_id !== project.id) error(404, problemText({ code: 'not_found' }))
  return { id, name: managed.name, kind: managed.kind, level: null, place: null, managed: true }
}

async function seenThing(event: RequestEvent, project: Tree, id: string) {
  if (id === project.id)
    return { id, name: project.name, kind: 'project' as const, level: project.level, place: null }
  const folder = project.folders.find((one) => one.id === id)
  if (folder) return { id, name: folder.name, kind: 'folder' as const, level: folder.level, place: id }
  const path = `/documents/documents/${encodeURIComponent(id)}` as const
  const answer = await send(event, 'GET', path, undefined, Document)
  if (!answer.ok && answer.problem.status !== 404) giveUp(event, answer.problem)
  if (!answer.ok || answer.data.project_id !== project.id) return null
  const { name, level, folder_id } = answer.data
  return { id, name, kind: 'document' as const, level, place: folder_id }
}

/** A thing that one manages although a lock lies on it. */
async function managedThing(event: RequestEvent, id: string) {
  const path = `/admin/things/${encodeURIComponent(id)}/managed` as const
  const answer = await send(event, 'GET', path, undefined, ManagedThing)
  if (!answer.ok && answer.problem.status !== 404) giveUp(event, answer.problem)
  return answer.ok ? answer.data : null
}

function pageOf(wish: URLSearchParams, list: 'people' | 'grants'): string {
  const query = new URLSearchParams()
  const q = wish.get('q')?.trim()
  if (q) query.set('q', q.slice(0, 100))
  const cursor = wish.get(list)
  if (cursor) query.set('cursor', cursor)
  return query.toString()
}

async function grantOf(event: RequestEvent): Promise<Grant | null> {
  const id = event.url.searchParams.get('grant') ?? ''
  const answer = await send(event, 'GET', `/admin/grants/${encodeURIComponent(id)}`, undefined, Grant)
  if (!answer.ok && answer.problem.status === 401) giveUp(event, answer.problem)
  return answer.ok ? answer.data : null
}

async function closingTrial(event: RequestEvent, id: string, inherits: boolean): Promise<AccessTrial> {
  const path = `/admin/things/${id}/access/preview` as const
  const answer = await send(event, 'POST', path, { inherits }, AccessTrial)
  return answer.ok ? answer.data : giveUp(event, answer.problem)
}

type Typed = Record<string, string>

/** What was typed as the contract wants it. Times are those on the person's clock; what is none is refused as it stands. */
function ruleOf(event: RequestEvent, typed: Typed) {
  const zone = event.locals.session?.person.time_zone ?? 'UTC'
  const instant = (text = '') => (text ? (instantOf(text, zone) ?? text) : null)
  const [effect, level] = (typed.rule ?? '').split(':')
  return {
    level: level as z.infer<typeof NewGrant>['level'],
    allows: effect !== 'deny',
    valid_from: instant(typed.from),
    valid_until: instant(typed.until),
    note: orNull(typed.note),
    confirm: typed.confirm === 'true'
  }
}

function newGrantOf(event: RequestEvent, typed: Typed): z.input<typeof NewGrant> {
  const [kind, id] = (typed.principal ?? '').split(':')
  return {
    thing_id: event.url.searchParams.get('thing') ?? event.params.id ?? '',
    principal_kind: kind === 'organisation' || kind === 'group' ? kind : 'person',
    principal_id: id ?? '',
    own_only: typed.own_only === 'on',
    ...ruleOf(event, typed)
  }
}

const changeOf = (event: RequestEvent, typed: Typed): z.input<typeof GrantChange> => ({
  ...ruleOf(event, typed),
  revision: Number(typed.revision)
})

const FIELDS: Record<string, string> = {
  principal_id: 'principal',
  level: 'rule',
  valid_from: 'from',
  valid_until: 'until'
}

/** The problem under the names that the form's fields have. */
const named = (problem: Trouble): Trouble => ({
  ...problem,
  errors: problem.errors.map((one) => ({ ...one, field: FIELDS[one.field] ?? one.field }))
})

type Done = { done: Asked; grant: Grant | null; closed: Closed | null; fresh: boolean }
type Outcome = Promise<Done | { tried: AccessTrial; form: Asked; typed: Typed } | ActionFailure<Failed>>

/** One that says just this may have been there already; then there is nothing to undo. */
const isFresh = (grant: Grant): boolean => Date.now() - Date.parse(grant.created_at) < 60_000

const grantPath = (event: RequestEvent) =>
  `/admin/grants/${encodeURIComponent(event.url.searchParams.get('grant') ?? '')}` as const

export const actions: Actions = {
  try: async (event): Outcome => {
    const typed = typedIn(await event.request.formData())
    const form: Asked = event.url.searchParams.get('ask') === 'change' ? 'change' : 'give'
    const answer =
      form === 'give'
        ? await send(event, 'POST', '/admin/grants/preview', newGrantOf(event, typed), AccessTrial)
        : await send(event, 'POST', `${grantPath(event)}/preview`, changeOf(event, typed), AccessTrial)
    return answer.ok ? { tried: answer.data, form, typed } : failed(named(answer.problem), typed, form)
  },
  give: async (event): Outcome => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'POST', '/admin/grants', newGrantOf(event, typed), Grant)
    return answer.ok
      ? { done: 'give', grant: answer.data, closed: null, fresh: isFresh(answer.data) }
      : failed(named(answer.problem), typed, 'give')
  },
  change: async (event): Outcome => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'PATCH', grantPath(event), changeOf(event, typed), Grant)
    return answer.ok
      ? { done: 'change', grant: answer.data, closed: null, fresh: true }
      : failed(named(answer.problem), typed, 'change')
  },
  end: async (event): Outcome => {
    const typed = typedIn(await event.request.formData())
    const query = new URLSearchParams({
      confirm: String(typed.confirm === 'true'),
      revision: typed.revision ?? ''
    })
    const answer = await send(event, 'DELETE', `${grantPath(event)}?${query}`)
    return answer.ok
      ? { done: 'end', grant: null, closed: null, fresh: true }
      : failed(answer.problem, typed, 'end')
  },
  close: (event) => closing(event, 'close'),
  open: (event) => closing(event, 'open')
}

async function closing(event: RequestEvent, form: 'close' | 'open'): Outcome {
  const typed = typedIn(await event.request.formData())
  const id = event.url.searchParams.get('thing') ?? event.params.id ?? ''
  const wish = { inherits: form === 'open', confirm: typed.confirm === 'true' }
  const answer = await send(event, 'PATCH', `/admin/things/${encodeURIComponent(id)}/access`, wish, Closed)
  return answer.ok
    ? { done: form, grant: null, closed: answer.data, fresh: true }
    : failed(answer.problem, typed, form)
}
