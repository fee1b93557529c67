/** The kinds of files that the portal knows: what they are called by, and how they are looked at. Pure. */

/** How pages are made of it. `office` by an installed converter. */
export type Way =
  | 'pdf'
  | 'picture'
  | 'pictures'
  | 'drawing'
  | 'photo'
  | 'office'
  | 'plain'
  | 'code'
  | 'html'
  | 'table'
  | 'markdown'
  | 'mail'

type Format = { endings: readonly string[]; way?: Way }

const SOURCE =
  'ts tsx js jsx mjs cjs css scss less py rb go rs java kt swift c h cc cpp hpp cs php pl lua r sql sh bash ps1 bat ' +
  'yaml yml toml ini cfg conf tex vue svelte'
const ARCHIVED = 'zip epub jar eml p7m'
const OFFICE = 'docx docm xlsx xlsm pptx pptm odt ods odp doc xls ppt rtf'

const list = (endings: string): readonly string[] => endings.split(' ')
const OOXML = 'application/vnd.openxmlformats-officedocument'
const ODF = 'application/vnd.oasis.opendocument'

/** By detected type. Container types stand for what is made of them. */
const FORMATS: Record<string, Format> = {
  'application/pdf': { endings: list('pdf ai'), way: 'pdf' },
  'image/jpeg': { endings: list('jpg jpeg jpe jfif'), way: 'picture' },
  'image/png': { endings: ['png'], way: 'picture' },
  'image/apng': { endings: list('png apng'), way: 'picture' },
  'image/webp': { endings: ['webp'], way: 'picture' },
  'image/gif': { endings: ['gif'], way: 'picture' },
  'image/avif': { endings: list('avif avifs'), way: 'picture' },
  'image/tiff': { endings: list('tif tiff'), way: 'pictures' },
  'image/heic': { endings: list('heic heif'), way: 'photo' },
  'image/heif': { endings: list('heic heif'), way: 'photo' },
  'image/svg+xml': { endings: list('svg xml'), way: 'drawing' },
  [`${OOXML}.wordprocessingml.document`]: { endings: ['docx'], way: 'office' },
  [`${OOXML}.spreadsheetml.sheet`]: { endings: ['xlsx'], way: 'office' },
  [`${OOXML}.presentationml.presentation`]: { endings: ['pptx'], way: 'office' },
  'application/vnd.ms-word.document.macroenabled.12': { endings: ['docm'], way: 'office' },
  'application/vnd.ms-excel.sheet.macroenabled.12': { endings: ['xlsm'], way: 'office' },
  'application/vnd.ms-powerpoint.presentation.macroenabled.12': { endings: ['pptm'], way: 'office' },
  [`${ODF}.text`]: { endings: ['odt'], way: 'office' },
  [`${ODF}.spreadsheet`]: { endings: ['ods'], way: 'office' },
  [`${ODF}.presentation`]: { endings: ['odp'], way: 'office' },
  'application/rtf': { endings: list('rtf doc'), way: 'office' },
  'application/msword': { endings: list('doc dot'), way: 'office' },
  'application/vnd.ms-excel': { endings: list('xls xlt'), way: 'office' },
  'application/vnd.ms-powerpoint': { endings: list('ppt pps'), way: 'office' },
  'application/vnd.ms-outlook': { endings: ['msg'] },
  'application/zip': { endings: list(`${ARCHIVED} docx xlsx pptx odt ods odp`) },
  'application/x-cfb': { endings: list('doc xls ppt msg docx xlsx pptx') },
  'application/xml': { endings: list('xml html xhtml xbrl svg'), way: 'code' },
  'application/json': { endings: list('json geojson ipynb'), way: 'code' },
  'text/calendar': { endings: list('ics ical'), way: 'plain' },
  'text/vcard': { endings: list('vcf vcard'), way: 'plain' },
  'text/html': { endings: list('html htm xhtml'), way: 'html' },
  'text/csv': { endings: list('csv tsv'), way: 'table' },
  'text/markdown': { endings: list('md markdown'), way: 'markdown' },
  'text/x-source': { endings: list(SOURCE), way: 'code' },
  'text/plain': { endings: list('txt text log'), way: 'plain' },
  'message/rfc822': { endings: list('eml mht'), way: 'mail' },
  'audio/mpeg': { endings: ['mp3'] },
  'video/mp4': { endings: list('mp4 m4v') },
  'video/quicktime': { endings: list('mov qt') },
  'application/x-msdownload': { endings: list('exe dll') }
}

/** Types that bytes alone do not tell. */
const UNTOLD = new Set(['application/octet-stream', 'application/x-empty', 'inode/x-empty'])
/** Of text, whose bytes say no more than that. */
const FORMS = ['text/csv', 'text/markdown', 'text/x-source']
/** Made of text; all others have a signature, and text that bears their ending is not what it says. */
const isText = (type: string): boolean => /^(text|message)\/|xml$|json$/.test(type)
const BINARY = new Set(
  Object.entries(FORMATS).flatMap(([type, { endings }]) =>
    isText(type)
      ? []
      : endings.filter((ending) => !['svg', 'xml', 'html', 'xhtml', 'xbrl', 'eml'].includes(ending))
  )
)

const bare = (type: string): string => type.split(';')[0]?.trim().toLowerCase() ?? ''

/** The name's ending in lower case, without its dot. */
export const endingOf = (name: string): string | null =>
  /\.([^.]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? null

/** What text goes by, by its name: no signature tells Markdown from a letter. */
export function textType(name: string): string {
  const ending = endingOf(name)
  return FORMS.find((type) => ending !== null && FORMATS[type]?.endings.includes(ending)) ?? 'text/plain'
}

/** How pages are made of a file, or null. A container's own kind is what the name says. */
export function wayOf(detected_type: string, name: string): Way | null {
  const type = bare(detected_type)
  const container = type === 'application/zip' || type === 'application/x-cfb'
  if (container) return list(OFFICE).includes(endingOf(name) ?? '') ? 'office' : null
  return FORMATS[type]?.way ?? null
}

/** The ending by which an office converter knows the file. */
export function officeEnding(detected_type: string, name: string): string {
  const ending = endingOf(name)
  const known = FORMATS[bare(detected_type)]
  if (known?.way === 'office' && !(ending && known.endings.includes(ending))) return known.endings[0] ?? 'doc'
  return ending ?? 'doc'
}

/**
 * Does a name's ending fit what the bytes are? Shown beside a document, never a reason to refuse it.
 *
 * @param name the document's name
 * @param detected_type the media type that scan found; parameters are ignored
 * @returns null when nothing can be said: not checked yet, no ending, or a type that has none of its own
 */
export function nameMatchesType(name: string, detected_type: string | null): boolean | null {
  if (detected_type === null) return null
  const type = bare(detected_type)
  const ending = endingOf(name)
  if (ending === null) return null
  if (UNTOLD.has(type) || type.startsWith('text/')) return !BINARY.has(ending)
  const known = FORMATS[type]
  if (known) return known.endings.includes(ending)
  return Object.entries(FORMATS).some(([other, { endings }]) => other !== type && endings[0] === ending)
    ? false
    : null
}
