/** Reads a mail as far as a person at the catcher wants to see it: addresses, subject, plain text (RFC 5322, 2045, 2047). */

export type Mail = { to: string; from: string; subject: string; text: string }

type Part = { headers: Map<string, string>; body: Buffer }

/** Never throws: what cannot be read is shown as it is. */
export function readMail(source: Buffer): Mail {
  const mail = split(source)
  const header = (name: string) => decodeWords(mail.headers.get(name) ?? '')
  return { to: header('to'), from: header('from'), subject: header('subject'), text: plainText(mail) }
}

function split(source: Buffer): Part {
  const text = source.toString('latin1')
  const end = /\r?\n\r?\n/.exec(text)
  const head = end ? text.slice(0, end.index) : text
  const headers = new Map<string, string>()
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return { headers, body: end ? source.subarray(end.index + end[0].length) : Buffer.alloc(0) }
}

/** The first text/plain part, however deep; '' when there is none. */
function plainText(part: Part, depth = 0): string {
  const type = part.headers.get('content-type') ?? 'text/plain'
  const boundary = /^multipart\/.*boundary="?([^";]+)"?/i.exec(type)?.[1]
  if (!boundary || depth > 5) return /^text\/plain/i.test(type) ? decodeBody(part) : ''
  const pieces = part.body.toString('latin1').split(`--${boundary}`).slice(1, -1)
  for (const piece of pieces) {
    const found = plainText(split(Buffer.from(piece.replace(/^\r?\n/, ''), 'latin1')), depth + 1)
    if (found) return found
  }
  return ''
}

function decodeBody(part: Part): string {
  const encoding = (part.headers.get('content-transfer-encoding') ?? '').toLowerCase()
  const raw = part.body.toString('latin1')
  if (encoding === 'base64') return Buffer.from(raw, 'base64').toString('utf8')
  if (encoding === 'quoted-printable') return unquote(raw.replace(/=\r?\n/g, '')).toString('utf8')
  return part.body.toString('utf8')
}

const unquote = (text: string): Buffer =>
  Buffer.from(
    text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1'
  )

/** Encoded words of headers (RFC 2047); all of ours are UTF-8. */
function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?[^?]+\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      (kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64')
        : unquote(word.replaceAll('_', ' '))
      ).toString('utf8')
    )
}
