/** What a folder's list is narrowed to. Pure. */
import type { ListFilter } from '../contract/listing.ts'
import { KINDS } from '../contract/values.ts'

/** Media types of a kind of file, as regular expressions that JavaScript and PostgreSQL read alike. */
const TYPES: Record<Exclude<(typeof KINDS)[number], 'other'>, string> = {
  pdf: '^application/pdf$',
  image: '^image/',
  text: '^text/(?!csv)|x-source|json|xml$|html',
  sheet: 'spreadsheet|ms-excel|csv',
  word: 'wordprocessing|msword|opendocument\\.text|rtf',
  slides: 'presentation|powerpoint',
  mail: '^message/|outlook',
  media: '^(audio|video)/',
  archive: 'zip|x-tar|x-7z|x-rar|gzip|bzip|x-xz|zstd'
}
const ANY = Object.values(TYPES).join('|')

/** Which types count: those that fit `like` and do not fit `unlike`; null for no condition. */
export function typesOf(kind: ListFilter['kind']): { like: string | null; unlike: string | null } {
  if (kind === undefined) return { like: null, unlike: null }
  return kind === 'other' ? { like: null, unlike: ANY } : { like: TYPES[kind], unlike: null }
}

/** Whether the folder is shown as it lies: by name, with everything in it. */
export const isPlain = (filter: ListFilter): boolean =>
  filter.sort === 'name' &&
  filter.order === 'asc' &&
  [filter.kind, filter.from, filter.state, filter.since, filter.until, filter.tag, filter.mark].every(
    (one) => one === undefined
  )
