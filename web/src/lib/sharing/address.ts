/** Where a visit, its pages and its originals are, of the version that the visitor has before them. */
import type { SharedDocument } from '#lib/contract.ts'

type Of = Pick<SharedDocument, 'id' | 'version'>

/** Each link has a visit of its own, with a cookie of its own. */
export const visitPath = (link_id: string): `/${string}` => `/sharing/visits/${link_id}`
const base = (link_id: string, id: string): `/${string}` => `${visitPath(link_id)}/documents/${id}`

export const pagesPath = (link_id: string, { id, version }: Of): `/${string}` =>
  `${base(link_id, id)}/pages?version=${version}`
export const pageAddress = (link_id: string, { id, version }: Of, no: number): string =>
  `/api/v1${base(link_id, id)}/pages/${no}/image?version=${version}`
/** What is saved is always the newest. */
export const contentAddress = (link_id: string, id: string): string => `/api/v1${base(link_id, id)}/content`
