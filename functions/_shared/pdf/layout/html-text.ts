/** HTML reduced to what it says. Nothing is loaded and nothing runs: it is read as text, once from its start to its end. */

/** Elements whose contents nobody sees. */
const UNSEEN = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'svg', 'object'])
const BREAKS = new Set(['br', 'p', 'div', 'tr', 'table', 'ul', 'ol', 'li', 'blockquote', 'pre', 'hr'])
const APART = new Set(['p', 'table', 'ul', 'ol', 'blockquote', 'pre', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'])

const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  euro: '€',
  sect: '§',
  para: '¶',
  copy: '©',
  reg: '®',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  aring: 'å',
  Aring: 'Å',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  bull: '•',
  middot: '·',
  laquo: '«',
  raquo: '»',
  bdquo: '„',
  ldquo: '“',
  rdquo: '”',
  lsquo: '‘',
  rsquo: '’',
  sbquo: '‚',
  shy: '',
  zwnj: '',
  deg: '°'
}

/** The text of an HTML body, paragraphs a line apart. Linear in its length. */
export function htmlText(html: string): string {
  let out = ''
  let unseen: string | null = null
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    if (unseen === null) out += html.slice(at, open < 0 ? undefined : open).replace(/\s+/g, ' ')
    if (open < 0) break
    const end = html.startsWith('<!--', open) ? after(html, '-->', open + 4) : after(html, '>', open)
    const tag = /^<(\/?)([a-z][a-z0-9]*)/i.exec(html.slice(open, open + 20))
    const name = tag?.[2]?.toLowerCase() ?? ''
    if (unseen !== null) unseen = tag?.[1] && name === unseen ? null : unseen
    else if (UNSEEN.has(name) && !tag?.[1] && html[end - 2] !== '/') unseen = name
    else out += sign(name, Boolean(tag?.[1]))
    at = end
  }
  return tidy(decode(out))
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from)
  return found < 0 ? html.length : found + mark.length
}

function sign(name: string, closes: boolean): string {
  if (APART.has(name)) return '\n\n'
  if (name === 'li' && !closes) return '\n• '
  if (name === 'hr') return '\n———\n'
  if (name === 'td' || name === 'th') return closes ? '  ' : ''
  return BREAKS.has(name) && (name === 'br' || !closes || name === 'div') ? '\n' : ''
}

const decode = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi, (all, decimal, hex, name: string) => {
    if (name) return NAMED[name] ?? all
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : ''
  })

const tidy = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
