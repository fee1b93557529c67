/**
 * What the bytes say, whatever the name says: signatures by file-type, text by what it is made of. Only which kind of
 * text it is, which no byte tells, is taken from the name.
 */
import { fileTypeFromBuffer } from 'file-type'
import { textType } from './rules/file-type.ts'

/** Bytes of the head that are looked at; ZIP-based office files name themselves within it. */
export const HEAD_SIZE = 64 * 1024

/** The media type of a file by its first bytes; `application/octet-stream` when nothing is known of it. */
export async function detectType(head: Buffer, name: string): Promise<string> {
  if (head.length === 0) return 'application/x-empty'
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  if (found?.mime === 'application/x-cfb') return compoundType(head)
  // An SVG with an XML declaration is XML to file-type.
  if (found && found.mime !== 'application/xml') return found.mime
  // A PDF may have up to 1024 bytes before its header (ISO 32000-1 annex H, implementation note 13). After the
  // signatures: a ZIP that begins with a stored PDF has that header there too.
  if (head.subarray(0, 1024 + 5).includes('%PDF-')) return 'application/pdf'
  const text = asText(head)
  return text === null ? (found?.mime ?? 'application/octet-stream') : typeOfText(text, name)
}

/** Streams by which the old office formats can be told apart ([MS-CFB] section 2.6: names are UTF-16). */
const STREAMS: [name: string, type: string][] = [
  ['EncryptedPackage', 'application/x-cfb'],
  ['WordDocument', 'application/msword'],
  ['Workbook', 'application/vnd.ms-excel'],
  ['PowerPoint Document', 'application/vnd.ms-powerpoint'],
  ['__substg1.0_', 'application/vnd.ms-outlook']
]

/** The directory may lie beyond the head; then it is just a compound file. */
const compoundType = (head: Buffer): string =>
  STREAMS.find(([name]) => head.includes(Buffer.from(name, 'utf16le')))?.[1] ?? 'application/x-cfb'

/** An office file that a password keeps closed ([MS-OFFCRYPTO] section 2.3.1). */
export const isLocked = (head: Buffer): boolean => head.includes(Buffer.from('EncryptedPackage', 'utf16le'))

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

function typeOfText(text: string, name: string): string {
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
  return textType(name)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
