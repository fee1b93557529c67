/** Limits and lists that the browser knows too, without zod: web/src/lib/values.ts hands them on. */

/** Documents and folders in one call. */
export const MAX_THINGS = 200
/** Versions that are released in one call. */
export const MAX_SHOWN = 500
/** Characters. */
export const MAX_COMMENT = 4_000
/** Characters. */
export const MAX_DESCRIPTION = 2_000
/** The lists of the firm's first page, in their order. */
export const DASHBOARD_LISTS = ['arrived', 'clients', 'us'] as const

/** By what a folder's documents are put in order, and what they are narrowed to. */
export const SORTS = ['name', 'received', 'size', 'type', 'by'] as const
export const KINDS = [
  'pdf',
  'image',
  'text',
  'sheet',
  'word',
  'slides',
  'mail',
  'media',
  'archive',
  'other'
] as const
export const ORIGINS = ['client', 'firm', 'machine'] as const
export const MARKS = ['favourite', 'unread'] as const
export const STATES = ['ready', 'working', 'held'] as const

export const AUTOMATION_EVENTS = ['arrives', 'ready', 'link_opened', 'age'] as const
export const AUTOMATION_ACTS = ['call', 'rename', 'tag', 'move', 'lock', 'notify', 'send_link'] as const
/** Besides these what a firm's own function may ask for (own-function.ts). */
export const ASKED_ACTS = ['describe', 'comment'] as const
