/**
 * Content-Disposition of a download (RFC 6266 section 4): always an attachment, for a client's file shares the
 * portal's origin and must never run in it.
 *
 * @returns a plain ASCII name for old readers and the true one as `filename*` (RFC 8187 section 3.2)
 */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${extended(name)}`
}

/** RFC 8187's value-chars: attr-char as it is, all other bytes of the UTF-8 form escaped. */
const extended = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`
  )
