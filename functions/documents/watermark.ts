/** A page for somebody who may only view it: drawn by the function watermark, which gets one image and no credentials. */
import { signJobToken } from '../_shared/auth/job-token.ts'
import type { Caller } from '../_shared/auth/session.ts'
import { config, secretKey } from '../_shared/config.ts'
import type { WatermarkRequest } from '../_shared/contract/job.ts'
import { plainText } from '../_shared/contract/plain-text.ts'
import { Problem } from '../_shared/problem.ts'
import { DERIVED } from '../_shared/storage/buckets.ts'
import { presignInner } from './store.ts'

/** Seconds that drawing one page may take. */
const LIMIT = 20

/**
 * The image of one derived key with the viewer's name, the time and the firm burned in, as a JPEG stream that nobody
 * keeps. Throws `store_away` when it cannot be drawn now.
 *
 * @param signal ends the drawing when the person has gone
 */
export async function watermarked(
  caller: Caller,
  document_id: string,
  key: string,
  signal: AbortSignal
): Promise<Response> {
  const body: WatermarkRequest = {
    page_image: { url: await presignInner({ bucket: DERIVED, key, seconds: LIMIT + 10 }) },
    mark: { lines: lines(caller, new Date()) }
  }
  const token = await signJobToken(secretKey('job-signing-key'), 'watermark', document_id, LIMIT)
  const answer = await fetch(`${config.gateway_url}/function/watermark`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT * 1_000)])
  }).catch((cause: unknown) => {
    throw away(cause)
  })
  if (!answer.ok || !answer.headers.get('content-type')?.startsWith('image/jpeg')) {
    await answer.body?.cancel()
    throw away(new Error(`watermark answered ${answer.status}`))
  }
  return new Response(answer.body, {
    headers: {
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff'
    }
  })
}

const away = (cause: unknown) =>
  new Problem('store_away', 'The page cannot be drawn now.', { cause, retryAfter: 3 })

/** Who looks, when, at whose portal. First the address: it was proved, a name is what somebody calls themselves. */
function lines(caller: Caller, at: Date): string[] {
  const time = new Intl.DateTimeFormat(caller.locale, {
    dateStyle: 'medium',
    timeStyle: 'long',
    timeZone: caller.time_zone
  }).format(at)
  return [caller.email, plainText(caller.name).slice(0, 60), time, plainText(caller.firm_name)]
    .map((line) => line.slice(0, 120))
    .filter((line) => line !== '')
}
