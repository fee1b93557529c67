/** Signatures of outgoing webhooks: https://github.com/standard-webhooks/standard-webhooks, symmetric, version 1. */
import { createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'
/** The specification asks for 24 to 64. */
const BYTES = 32

/** A new secret as its receiver gets it: `whsec_` and base64 of 256 bit. */
export const newWebhookSecret = (): string => PREFIX + randomBytes(BYTES).toString('base64')

/**
 * The three headers of a message.
 *
 * @param secrets one or more `whsec_…`: a receiver that knows any of them is content
 * @param at when it is sent; receivers refuse what is minutes old
 */
export function webhookHeaders(
  id: string,
  at: Date,
  body: string,
  secrets: string[]
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const signed = `${id}.${timestamp}.${body}`
  const signatures = secrets.map((secret) => `v1,${sign(signed, secret)}`)
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

const sign = (text: string, secret: string): string =>
  createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
    .update(text)
    .digest('base64')
