/**
 * An e-mail on paper: its heads as they were sent, what it says, what is attached. HTML is reduced to text, so nothing of
 * it is loaded or run; an e-mail in the e-mail follows at its end.
 */
import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime'
import { PdfError } from '../pdfium.ts'
import { Flow, type Span } from './flow.ts'
import { htmlText } from './html-text.ts'
import { KNOWN_KIB, mailHead } from './mail-source.ts'

/** Letters of a body that are shown. */
const MAX_BODY = 128 * 1024
/** E-mails within e-mails that are opened. */
const MAX_DEPTH = 4
const MAX_LISTED = 200
const MAX_HEAD = 4_000

/** The fields are written as RFC 5322 calls them: it is the e-mail's own wording, in whatever language it is read. */
const HEADS = ['From', 'To', 'Cc', 'Bcc', 'Reply-To', 'Date'] as const

export async function mailSheets(path: string): Promise<Flow['sheets']> {
  const flow = new Flow()
  await setMail(flow, mailHead(path), 0)
  return flow.sheets
}

async function setMail(flow: Flow, bytes: Uint8Array, depth: number): Promise<void> {
  const email = await PostalMime.parse(bytes, { forceRfc822Attachments: true, maxNestingDepth: 64 }).catch(
    () => {
      throw new PdfError('broken', 'not_readable')
    }
  )
  setHeads(flow, email)
  const body = bodyOf(email)
  if (body.trim() !== '')
    flow.text([{ text: body.slice(0, MAX_BODY), face: 'DejaVuSans' }], { size: 10, before: 8 })
  setAttachments(flow, email.attachments)
  for (const inner of email.attachments.filter(isMail)) {
    if (depth >= MAX_DEPTH) break
    flow.rule()
    await setMail(flow, bytesOf(inner), depth + 1)
  }
}

function setHeads(flow: Flow, email: Email): void {
  flow.text([{ text: email.subject?.trim() || '—', face: 'DejaVuSans-Bold' }], { size: 14, before: 12 })
  const values: Record<(typeof HEADS)[number], string> = {
    From: who(email.from ? [email.from] : []),
    To: who(email.to),
    Cc: who(email.cc),
    Bcc: who(email.bcc),
    'Reply-To': who(email.replyTo),
    Date: email.headers.find((head) => head.key === 'date')?.value ?? ''
  }
  for (const name of HEADS)
    if (values[name] !== '')
      flow.text(
        [
          { text: `${name}: `, face: 'DejaVuSans-Bold' },
          { text: values[name].slice(0, MAX_HEAD), face: 'DejaVuSans' }
        ],
        { size: 9, before: 2, grey: 60 }
      )
  flow.rule()
}

const who = (list: Address[] | undefined): string =>
  (list ?? [])
    .map((one) => {
      if (one.group) return `${one.name}: ${who(one.group)};`
      return one.name && one.address ? `${one.name} <${one.address}>` : one.name || one.address || ''
    })
    .filter((text) => text !== '')
    .join(', ')

/** Its text; else what its HTML says. */
function bodyOf({ text, html }: Email): string {
  if (text?.trim()) return text.trimEnd()
  return html ? htmlText(html.slice(0, MAX_BODY * 4)) : ''
}

function setAttachments(flow: Flow, attachments: Attachment[]): void {
  // A picture that the body shows in its place is part of the body.
  const listed = attachments.filter((one) => one.disposition !== 'inline' || !one.contentId || one.filename)
  if (listed.length === 0) return
  flow.rule()
  flow.text([{ text: `Attachments: ${listed.length}`, face: 'DejaVuSans-Bold' }], { size: 10 })
  for (const one of listed.slice(0, MAX_LISTED))
    flow.text(lineOf(one), { size: 9, before: 2, indent: 12, sign: '•' })
  if (listed.length > MAX_LISTED) flow.text([{ text: '…', face: 'DejaVuSans' }], { size: 9, indent: 12 })
}

const lineOf = (one: Attachment): Span[] => [
  { text: one.filename?.slice(0, 300) || one.mimeType, face: 'DejaVuSans' },
  { text: `  ${sizeOf(bytesOf(one).length)}`, face: 'DejaVuSansMono' }
]

const isMail = (one: Attachment): boolean => one.mimeType === 'message/rfc822'

const bytesOf = ({ content }: Attachment): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content)

/** Binary units, as the store counts. */
function sizeOf(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  const kib = Math.round(bytes / 1_024)
  return kib > KNOWN_KIB ? `> ${KNOWN_KIB} KiB` : `${kib} KiB`
}
