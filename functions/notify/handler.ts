/**
 * Sends one mail, text message or webhook for the connector. Knows addresses for as long as it sends, and no secret but
 * the mail server's: what goes to other programs comes signed.
 */
import { answerError } from '../_shared/answer-error.ts'
import { verifyJobToken } from '../_shared/auth/job-token.ts'
import { config } from '../_shared/config.ts'
import type { JobAnswer } from '../_shared/contract/job.ts'
import { NotifyRequest, type TextMessage } from '../_shared/contract/mail.ts'
import { log } from '../_shared/log.ts'
import { renderMail } from '../_shared/mail/render.ts'
import { sendMail } from '../_shared/mail/send.ts'
import { sendText } from '../_shared/mail/text-message.ts'
import { Problem, notFound } from '../_shared/problem.ts'
import { callWebhook } from './webhook.ts'

async function fetch(request: Request): Promise<Response> {
  const callId = request.headers.get('x-call-id') ?? ''
  try {
    if (new URL(request.url).pathname !== '/') throw notFound()
    if (request.method !== 'POST') throw new Problem('method_not_allowed')
    const job = await verifyJobToken(request, 'notify')
    return Response.json(await notify(job, await bodyOf(request)), {
      headers: { 'cache-control': 'no-store' }
    })
  } catch (error) {
    return answerError(error, callId)
  }
}

async function bodyOf(request: Request): Promise<NotifyRequest> {
  const parsed = NotifyRequest.safeParse(await request.json().catch(() => null))
  if (!parsed.success)
    throw new Problem('malformed_request', 'Not a mail to be sent.', { cause: parsed.error })
  return parsed.data
}

/** @param job the id that the token is for: a token of one job sends no other job's mail */
async function notify(job: string, request: NotifyRequest): Promise<JobAnswer> {
  if (job !== request.job) throw new Problem('not_signed_in', 'This token is for another job.')
  if ('sms' in request) return text(job, request.sms)
  if ('webhook' in request) {
    const result = await callWebhook(request.webhook)
    log.info('webhook', { job_id: job, ...result })
    return { outcome: 'done', result }
  }
  const message_id = `<${job}@${new URL(config.origin).hostname}>`
  const sent = await sendMail({
    ...renderMail(request.mail),
    to: request.to,
    from_name: request.mail.firm,
    message_id,
    one_click: request.mail.unsubscribe?.one_click ?? null
  })
  log.info('mail', { job_id: job, template: request.mail.template, ...sent })
  if (sent.sent) return { outcome: 'done', result: { message_id } }
  if (sent.later) return { outcome: 'retry', after_seconds: sent.after_seconds, reason: sent.reason }
  return { outcome: 'refused', reason: sent.reason }
}

async function text(job: string, message: TextMessage): Promise<JobAnswer> {
  const sent = await sendText(message)
  log.info('sms', { job_id: job, ...sent })
  if (sent.sent) return { outcome: 'done', result: { message_id: job } }
  if (sent.later) return { outcome: 'retry', after_seconds: sent.after_seconds, reason: sent.reason }
  return { outcome: 'refused', reason: sent.reason }
}

export default { fetch }
