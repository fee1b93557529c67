/**
 * What stays of a name that somebody gave: it has to be shown safely, downloaded to any system, and not lie about its
 * ending. Pure.
 */

/** Bytes of UTF-8 that a name may have: what file systems take. */
export const MAX_NAME_BYTES = 255
/** Folders one inside the other that one upload may bring. */
export const MAX_DEPTH = 32

/** C0, DEL and C1 control characters, line and paragraph separators. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
/** Marks that turn the direction of text or cannot be seen: "exe.fdp" must not read as a PDF (Unicode TR 36, 3.1). */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/g
/** Not allowed in names on Windows or as parts of paths anywhere. */
const FORBIDDEN = /[/\\:*?"<>|]/g

const utf8 = new TextEncoder()
const bytes = (text: string): number => utf8.encode(text).length
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * A name that can be kept: NFC, without control characters, direction marks and characters that mean something in
 * paths, at most 255 bytes, cut between graphemes and before the ending.
 *
 * @returns null when nothing is left ("..", "///")
 */
export function cleanName(raw: string): string | null {
  const seen = raw.toWellFormed().normalize('NFC').replace(CONTROL, '').replace(INVISIBLE, '')
  if (seen.replace(FORBIDDEN, '').replace(/[.\s]/g, '') === '') return null
  const plain = seen
    .replace(FORBIDDEN, '_')
    .replace(/\s+/g, ' ')
    .replace(/[. ]+$/, '') // Windows drops them, so two names would become one
    .trim()
  const { stem, ending } = split(plain)
  return fit(stem, ending)
}

/** Name and ending: "a.tar.gz" → "a.tar" and ".gz". What begins with its only dot has no ending. */
function split(name: string): { stem: string; ending: string } {
  const dot = name.lastIndexOf('.')
  // An ending is short; a long tail after a dot is part of the name.
  return dot > 0 && name.length - dot <= 20
    ? { stem: name.slice(0, dot), ending: name.slice(dot) }
    : { stem: name, ending: '' }
}

/** Stem and tail in at most 255 bytes; of the stem whole graphemes go first. */
function fit(stem: string, tail: string): string {
  if (bytes(stem) + bytes(tail) <= MAX_NAME_BYTES) return stem + tail
  let kept = ''
  let room = MAX_NAME_BYTES - bytes(tail)
  for (const { segment } of graphemes.segment(stem)) {
    room -= bytes(segment)
    if (room < 0) break
    kept += segment
  }
  return kept.trimEnd() + tail
}

/**
 * The folders of a path as browsers give it ("2025/Belege"), cleaned; what is empty or only dots is left out.
 *
 * @returns null when there are more than MAX_DEPTH
 */
export function cleanPath(raw: string): string[] | null {
  const names = raw
    .split(/[/\\]/)
    .map(cleanName)
    .filter((name) => name !== null)
  return names.length > MAX_DEPTH ? null : names
}

/** The name's n-th form: 1 is the name itself, then "name (2).pdf", "name (3).pdf" … */
export function numberedName(name: string, n: number): string {
  if (n === 1) return name
  const { stem, ending } = split(name)
  return fit(stem, ` (${n})${ending}`)
}
