/** One message to another program's endpoint, by the one way out (http-out.ts). Of its answer only the status is taken. */
import type { WebhookAnswer, WebhookMessage } from '../_shared/contract/mail.ts'
import { OutgoingError, fetchOut } from '../_shared/http-out.ts'

/** Bytes of an answer's body: nobody reads it, but an endpoint may say something. */
const MOST = 64 * 1024

/** Never throws: an endpoint that does not answer is an answer too. */
export async function callWebhook(message: WebhookMessage): Promise<WebhookAnswer> {
  const { delivery, url, headers, body, patience } = message
  try {
    const answer = await fetchOut(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'user-agent': 'Portico',
        ...headers
      },
      body,
      patience: patience * 1000,
      most: MOST
    })
    return { delivery, status: answer.status, failure: null, retry_after: secondsOf(answer) }
  } catch (error) {
    const failure = error instanceof OutgoingError ? error.failure : 'no_answer'
    return { delivery, status: null, failure, retry_after: null }
  }
}

/** RFC 9110 section 10.2.3: seconds or a date. */
function secondsOf(answer: Response): number | null {
  const asked = answer.headers.get('retry-after')
  if (asked === null) return null
  if (/^\d{1,9}$/.test(asked)) return Number(asked)
  const at = Date.parse(asked)
  return Number.isNaN(at) ? null : Math.max(0, (at - Date.now()) / 1000)
}
