/** Files of many kinds, made here: e-mails with what is attached, ZIP containers. */
import { crc32, deflateRawSync } from 'node:zlib'

/** An e-mail with an HTML body and e-mails attached to it. */
export function mailWith(subject: string, html: string, attached: string[]): string {
  const word = `=?utf-8?B?${Buffer.from(subject).toString('base64')}?=`
  const head = `From: Erika <erika@example.org>\r\nTo: Max <max@example.org>\r\nSubject: ${word}\r\nDate: Mon, 2 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n`
  const body = `Content-Type: text/html; charset=utf-8\r\n\r\n${html}\r\n`
  if (attached.length === 0) return head + body
  const mark = `part-${subject.length}-${attached.join('').length}`
  const parts = [
    body,
    ...attached.map(
      (one) => `Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n${one}\r\n`
    )
  ]
  return `${head}Content-Type: multipart/mixed; boundary="${mark}"\r\n\r\n${parts.map((part) => `--${mark}\r\n${part}`).join('')}--${mark}--\r\n`
}

/** A ZIP file; its first entry is stored, as OpenDocument wants its media type, others are packed. */
export function storedZip(files: Record<string, string | Buffer>): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  Object.entries(files).forEach(([name, contents], no) => {
    const bytes = Buffer.from(contents as string)
    const packed = no === 0 ? bytes : deflateRawSync(bytes)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(no === 0 ? 0 : 8, 4)
    head.writeUInt32LE(crc32(bytes), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(bytes.length, 18)
    head.writeUInt16LE(name.length, 22)
    bodies.push(Buffer.from('PK\x03\x04', 'latin1'), head, Buffer.from(name), packed)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, rest, Buffer.from(name))
    at += 30 + name.length + packed.length
  })
  const listing = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  const count = Object.keys(files).length
  end.writeUInt16LE(count, 8)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(listing.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...bodies, listing, end])
}
