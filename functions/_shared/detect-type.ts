/** What the bytes say, whatever the name says: signatures by file-type, text by what it is made of. */
import { fileTypeFromBuffer } from 'file-type'

/** Bytes of the head that are looked at; ZIP-based office files name themselves within it. */
export const HEAD_SIZE = 64 * 1024

/** The media type of a file by its first bytes; `application/octet-stream` when nothing is known of it. */
export async function detectType(head: Buffer): Promise<string> {
  if (head.length === 0) return 'application/x-empty'
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  if (found) return found.mime
  // A PDF may have up to 1024 bytes before its header (ISO 32000-1 annex H, implementation note 13). After the
  // signatures: a ZIP that begins with a stored PDF has that header there too.
  if (head.subarray(0, 1024 + 5).includes('%PDF-')) return 'application/pdf'
  const text = asText(head)
  return text === null ? 'application/octet-stream' : textType(text)
}

/** The head as text, or null if it is none: control characters but tab, line feed, form feed, carriage return. */
function asText(head: Buffer): string | null {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le').decode(head)
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be').decode(head)
  if (head.some((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte))) return null
  // The head may end inside a character.
  const whole = head.length < HEAD_SIZE ? head : head.subarray(0, head.length - 4)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(whole, { stream: true })
  } catch {
    return looksLatin(head) ? head.toString('latin1') : null
  }
}

/** Latin-1 text has some high bytes among many low ones; what is half high bytes is something else. */
const looksLatin = (head: Buffer): boolean => head.filter((byte) => byte >= 0x80).length < head.length * 0.3

function textType(text: string): string {
  const start = text
    .replace(/^\uFEFF/, '')
    .trimStart()
    .slice(0, 2_000)
  if (/^<\?xml|^<[a-z][\w-]*:[A-Z]\w+\s/.test(start))
    return /<svg[\s>]/.test(start) ? 'image/svg+xml' : 'application/xml'
  if (/^<svg[\s>]/i.test(start)) return 'image/svg+xml'
  if (/^(<!doctype html|<html[\s>])/i.test(start)) return 'text/html'
  if (
    /^(Received|Return-Path|From|Date|Subject|Message-ID|MIME-Version|X-[\w-]+): /im.test(
      start.split('\n', 1)[0] ?? ''
    )
  )
    return 'message/rfc822'
  if (/^[{[]/.test(start) && isJson(text)) return 'application/json'
  return 'text/plain'
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
