/** The one way out for mail: SMTP by nodemailer, and what its failures mean. */
import { createTransport } from 'nodemailer'
import { config } from '../config.ts'
import { type RenderedMail, oneLine } from './render.ts'

export type Outgoing = RenderedMail & {
  to: string
  /** The display name of the sender. */
  from_name: string
  /** Stable for what is one message, so that a second try of it is recognised. */
  message_id: string
  /** Where a mail program POSTs to stop such mail (RFC 8058). */
  one_click: string | null
}

/** `later`: nobody said no. `refused`: the server will not take it, now or ever. */
export type Sent =
  | { sent: true }
  | { sent: false; later: true; after_seconds: number; reason: string }
  | { sent: false; later: false; reason: string }

/** Milliseconds: together below a call's 30 s. */
const PATIENCE = { connectionTimeout: 8_000, greetingTimeout: 8_000, socketTimeout: 12_000 }

/** Sends one mail over SMTP_URL. Never throws: it says what became of it. */
export async function sendMail(mail: Outgoing): Promise<Sent> {
  if (!config.smtp_url) return later(300, 'smtp_not_configured')
  const url = new URL(config.smtp_url)
  const transport = createTransport({
    url: config.smtp_url,
    // A password is shown to nobody who cannot prove who they are.
    requireTLS: url.protocol === 'smtp:' && url.username !== '' && !isLoopback(url.hostname),
    disableFileAccess: true,
    disableUrlAccess: true,
    ...PATIENCE
  })
  try {
    await transport.sendMail({
      from: { name: oneLine(mail.from_name), address: config.mail_from },
      to: { name: '', address: mail.to },
      messageId: mail.message_id,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      // RFC 3834 section 5: no out-of-office answers to this.
      headers: {
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
        ...(mail.one_click && {
          // Not folded: mail programs do not put a long address together again.
          'List-Unsubscribe': { prepared: true, foldLines: false, value: `<${mail.one_click}>` },
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click'
        })
      }
    })
    return { sent: true }
  } catch (error) {
    return meaningOf(error)
  } finally {
    transport.close()
  }
}

/** RFC 5321 section 4.2.1: 4yz may work later, 5yz will not. Who we are is our own fault, never the recipient's. */
function meaningOf(error: unknown): Sent {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  const status = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : null
  if (code === 'EAUTH' || code === 'ETLS') return later(300, code.toLowerCase())
  if (status === null) return later(60, code.toLowerCase())
  if (status < 500) return later(120, `smtp_${status}`)
  return { sent: false, later: false, reason: `smtp_${status}` }
}

const later = (after_seconds: number, reason: string): Sent => ({
  sent: false,
  later: true,
  after_seconds,
  reason
})

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || host.startsWith('127.')
