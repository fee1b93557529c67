/** Where a visitor's pages and originals are, of the version they have before them. The visit's cookie says whose. */
import type { SharedDocument } from '#lib/contract.ts'

type Of = Pick<SharedDocument, 'id' | 'version'>

const base = (id: string): `/${string}` => `/sharing/visits/current/documents/${id}`

export const pagesPath = ({ id, version }: Of): `/${string}` => `${base(id)}/pages?version=${version}`
export const pageAddress = ({ id, version }: Of, no: number): string =>
  `/api/v1${base(id)}/pages/${no}/image?version=${version}`
/** What is saved is always the newest. */
export const contentAddress = (id: string): string => `/api/v1${base(id)}/content`
