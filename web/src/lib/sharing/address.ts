/** Where a visitor's pages and originals are. The visit's cookie says whose. */
const base = (id: string): `/${string}` => `/sharing/visits/current/documents/${id}`

export const pagesPath = (id: string): `/${string}` => `${base(id)}/pages`
export const pageAddress = (id: string, no: number): string => `/api/v1${base(id)}/pages/${no}/image`
export const contentAddress = (id: string): string => `/api/v1${base(id)}/content`
