/** The one way out for text messages: the operator's HTTP gateway, as the secret `sms-gateway` describes it. */
import { secret } from '../config.ts'
import type { Locale } from '../contract/common.ts'
import { SmsGateway, type TextMessage } from '../contract/mail.ts'
import { type FetchOut, OutgoingError, fetchOut } from '../http-out.ts'
import { once } from '../once.ts'
import { oneLine } from './render.ts'

const theGateway = once(async () => SmsGateway.parse(JSON.parse(secret('sms-gateway'))))

/** Milliseconds, below a call's 30 s. */
const PATIENCE = 15_000

const WORDS: Record<Locale, (firm: string, code: string) => string> = {
  de: (firm, code) =>
    `${firm}: Ihr Code für das Portal ist ${code}. Er gilt 10 Minuten. Geben Sie ihn niemandem weiter.`,
  en: (firm, code) =>
    `${firm}: your code for the portal is ${code}. It works for 10 minutes. Give it to nobody.`,
  sv: (firm, code) =>
    `${firm}: din kod till portalen är ${code}. Den gäller i 10 minuter. Ge den inte till någon.`
}

export const textOf = ({ locale, firm, code }: TextMessage): string => WORDS[locale](oneLine(firm), code)

export type TextSent =
  | { sent: true }
  | { sent: false; later: true; after_seconds: number; reason: string }
  | { sent: false; later: false; reason: string }

/** What is asked of the gateway. Nothing that is filled in can leave its place. */
export function requestOf(gateway: SmsGateway, to: string, text: string) {
  const fill = (template: string, write: (value: string) => string) =>
    template.replace(/\{(to|text)\}/g, (_, name: string) => write(name === 'to' ? to : text))
  const isJson = gateway.type === 'application/json'
  return {
    url: fill(gateway.url, encodeURIComponent),
    method: gateway.method,
    headers:
      gateway.method === 'GET' ? gateway.headers : { ...gateway.headers, 'content-type': gateway.type },
    body:
      gateway.method === 'GET'
        ? null
        : fill(gateway.body, isJson ? (value) => JSON.stringify(value).slice(1, -1) : encodeURIComponent)
  }
}

/** Sends one text message. Never throws: it says what became of it, and names no number. */
export async function sendText(message: TextMessage, out: FetchOut = fetchOut): Promise<TextSent> {
  const gateway = await theGateway().catch(() => null)
  if (!gateway) return later(300, 'sms_not_configured')
  const { url, ...request } = requestOf(gateway, message.to, textOf(message))
  try {
    const { status } = await out(url, { ...request, patience: PATIENCE })
    if (status >= 200 && status < 300) return { sent: true }
    // RFC 9110 section 15: what is wrong with us or the number stays wrong; 429 and 5xx may pass.
    return status === 429 || status >= 500
      ? later(20, `sms_${status}`)
      : { sent: false, later: false, reason: `sms_${status}` }
  } catch (error) {
    return later(20, error instanceof OutgoingError ? `sms_${error.failure}` : 'sms_unknown')
  }
}

const later = (after_seconds: number, reason: string): TextSent => ({
  sent: false,
  later: true,
  after_seconds,
  reason
})
