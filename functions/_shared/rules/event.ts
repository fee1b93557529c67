/** Which acts are events for machines, and what an event says of its act. Pure. */
import type { Action } from '../contract/activity.ts'
import { type EventType, type PorticoEvent, TEST_EVENT } from '../contract/event.ts'

/** An act as the audit log has it. */
export type LoggedAct = {
  seq: number
  at: string
  action: Action
  actor_id: string | null
  project_id: string | null
  document_id: string | null
  subject_id: string | null
  facts: PorticoEvent['data']['facts']
}

type About = 'project' | 'folder' | 'document' | 'link' | 'thing'
type Telling = { type: EventType; about: About; facts?: readonly string[]; gone?: true }

const GRANT = ['grant_id', 'thing_id', 'principal_kind', 'level', 'allows', 'valid_from', 'valid_until']
const LOCK = ['lock_id', 'thing_id', 'hides', 'from']

/** A new act is no event until it stands here, and of its facts only what is named. */
const EVENTS: Partial<Record<Action, Telling>> = {
  'project.created': { type: 'project.created', about: 'project' },
  'folder.created': { type: 'folder.created', about: 'folder' },
  'folder.renamed': { type: 'folder.renamed', about: 'folder' },
  'folder.moved': { type: 'folder.moved', about: 'folder' },
  'folder.trashed': { type: 'folder.trashed', about: 'folder', gone: true },
  'folder.restored': { type: 'folder.restored', about: 'folder' },
  'folder.erased': { type: 'folder.erased', about: 'folder', gone: true },
  'document.received': { type: 'document.arrived', about: 'document', facts: ['size'] },
  'document.adopted': { type: 'document.arrived', about: 'document', facts: ['size'] },
  'document.copied': { type: 'document.copied', about: 'document', facts: ['size'] },
  'version.received': { type: 'document.version_added', about: 'document', facts: ['size', 'no'] },
  'version.restored': { type: 'document.version_added', about: 'document', facts: ['no'] },
  'version.held': { type: 'document.held', about: 'document', facts: ['reason'] },
  'version.released': { type: 'document.released', about: 'document' },
  'version.ready': { type: 'document.ready', about: 'document', facts: ['pages'] },
  'version.not_previewed': { type: 'document.ready', about: 'document', facts: ['pages', 'reason'] },
  'version.shown': { type: 'document.shown', about: 'document', facts: ['no'] },
  'automation.ran': { type: 'document.automated', about: 'document', facts: ['state', 'acts'] },
  'document.renamed': { type: 'document.renamed', about: 'document' },
  'document.moved': { type: 'document.moved', about: 'document' },
  'document.described': { type: 'document.described', about: 'document' },
  'document.downloaded': { type: 'document.downloaded', about: 'document', facts: ['size'] },
  'document.delivered': { type: 'document.delivered', about: 'document', facts: ['size'] },
  'document.trashed': { type: 'document.trashed', about: 'document', gone: true },
  'document.restored': { type: 'document.restored', about: 'document' },
  'document.erased': { type: 'document.erased', about: 'document', gone: true },
  'comment.written': { type: 'comment.added', about: 'document', facts: ['mentions'] },
  'comment.taken_back': { type: 'comment.removed', about: 'document' },
  'grant.given': { type: 'access.granted', about: 'thing', facts: GRANT },
  'grant.changed': { type: 'access.changed', about: 'thing', facts: GRANT },
  'grant.taken': { type: 'access.revoked', about: 'thing', facts: GRANT },
  'lock.set': { type: 'lock.set', about: 'thing', facts: LOCK },
  'lock.lifted': { type: 'lock.lifted', about: 'thing', facts: LOCK },
  'link.created': {
    type: 'link.created',
    about: 'link',
    facts: ['level', 'max_opens', 'has_password', 'thing_id']
  },
  'link.opened': { type: 'link.opened', about: 'link' },
  'link.renewal_asked': { type: 'link.renewal_asked', about: 'link' },
  'link.renewed': { type: 'link.renewed', about: 'link', facts: ['valid_until', 'max_opens'] },
  'link.revoked': { type: 'link.revoked', about: 'link' }
}

/** Each act that is an event with its type, in the same order. */
export const TOLD_ACTS = Object.keys(EVENTS)
export const TOLD_TYPES = Object.values(EVENTS).map((telling) => telling.type)

/** The acts behind these types. */
export const actsOf = (types: readonly EventType[]): string[] =>
  TOLD_ACTS.filter((_, i) => types.some((type) => type === TOLD_TYPES[i]))

/**
 * The event of an act; null for an act that machines are not told.
 *
 * @param origin of the portal
 */
export function eventOf(act: LoggedAct, origin: string): PorticoEvent | null {
  const telling = EVENTS[act.action]
  if (!telling) return null
  const { place, path } = placeOf(act, telling.about)
  const kept = (telling.facts ?? []).filter((name) => act.facts[name] !== undefined)
  const { project_id, document_id, subject_id, actor_id } = act
  return {
    ...head(`evt_${act.seq}`, origin, act.at),
    type: telling.type,
    subject: place,
    data: {
      ...{ project_id, document_id, subject_id, actor_id },
      facts: Object.fromEntries(kept.map((name) => [name, act.facts[name] ?? null])),
      href: telling.gone || path === null ? null : `${origin}/api/v1${path}`
    }
  }
}

/** What an endpoint is tried out with: whose it is and nothing else. */
export const testEvent = (delivery: string, webhook: string, at: string, origin: string): PorticoEvent => ({
  ...head(`evt_${delivery}`, origin, at),
  type: TEST_EVENT,
  subject: `webhooks/${webhook}`,
  data: { project_id: null, document_id: null, subject_id: webhook, actor_id: null, facts: {}, href: null }
})

const head = (id: string, origin: string, time: string) => ({
  specversion: '1.0' as const,
  id,
  source: `${origin}/api/v1`,
  time,
  datacontenttype: 'application/json' as const
})

/** What the event is about, and where the API tells of it. */
function placeOf(act: LoggedAct, about: About): { place: string; path: string | null } {
  const { project_id, document_id, subject_id } = act
  if (about === 'link')
    return { place: `links/${subject_id ?? ''}`, path: subject_id && `/sharing/links/${subject_id}` }
  if (document_id && (about === 'document' || about === 'thing'))
    return { place: `documents/${document_id}`, path: `/documents/documents/${document_id}` }
  const thing = about === 'thing' ? act.facts.thing_id : about === 'project' ? project_id : subject_id
  if (typeof thing !== 'string') return { place: 'firm', path: null }
  if (thing === project_id) return { place: `projects/${thing}`, path: `/documents/projects/${thing}` }
  if (about === 'thing' && project_id === null) return { place: 'firm', path: null }
  return { place: `folders/${thing}`, path: `/documents/folders/${thing}/documents` }
}
