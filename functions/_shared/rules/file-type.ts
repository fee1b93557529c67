/** Does a name's ending fit what the bytes are? Shown beside a document, never a reason to refuse it. Pure. */

/** Endings that each detected type goes by. Container types stand for what is made of them. */
const ENDINGS: Record<string, readonly string[]> = {
  'application/pdf': ['pdf', 'ai'],
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/png': ['png'],
  'image/webp': ['webp'],
  'image/gif': ['gif'],
  'image/tiff': ['tif', 'tiff'],
  'image/heic': ['heic', 'heif'],
  'image/heif': ['heic', 'heif'],
  'application/zip': ['zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'epub', 'jar', 'eml', 'p7m'],
  'application/xml': ['xml', 'svg', 'html', 'xhtml', 'xbrl'],
  'application/x-cfb': ['doc', 'xls', 'ppt', 'msg']
}

/** Types that bytes alone do not tell. */
const UNTOLD = new Set(['application/octet-stream', 'application/x-empty', 'inode/x-empty'])
/** Endings of files that have a signature: text that bears one is not what it says. */
const BINARY = new Set(
  'pdf jpg jpeg png webp gif tif tiff heic zip docx xlsx pptx odt ods odp doc xls ppt exe dll mp4 mov mp3'.split(
    ' '
  )
)

/**
 * @param name the document's name
 * @param detected_type the media type that scan found; parameters are ignored
 * @returns null when nothing can be said: not checked yet, no ending, or a type that has none of its own
 */
export function nameMatchesType(name: string, detected_type: string | null): boolean | null {
  if (detected_type === null) return null
  const type = detected_type.split(';')[0]?.trim().toLowerCase() ?? ''
  const ending = /\.([^.]{1,10})$/.exec(name)?.[1]?.toLowerCase()
  if (ending === undefined) return null
  if (UNTOLD.has(type) || type.startsWith('text/')) return !BINARY.has(ending)
  const known = ENDINGS[type]
  if (known) return known.includes(ending)
  return Object.entries(ENDINGS).some(([other, endings]) => other !== type && endings[0] === ending)
    ? false
    : null
}
