/** A page for somebody who may only view it: drawn by the function watermark, which gets one image and no credentials. */
import { signJobToken } from '../auth/job-token.ts'
import { config, secretKey } from '../config.ts'
import type { Locale } from '../contract/common.ts'
import type { WatermarkRequest } from '../contract/job.ts'
import { plainText } from '../contract/plain-text.ts'
import { Problem } from '../problem.ts'
import { DERIVED } from '../storage/buckets.ts'
import { presignInner } from '../storage/presign.ts'
import { traceHeaders } from '../trace.ts'

/** Who looks; a signed-in caller fits. */
export type Viewer = {
  /** Whose turn it is where many wait: a person's id, or a visitor's link and visit (functions/watermark/turns.ts). */
  id: string
  name: string
  email: string
  locale: Locale
  time_zone: string
  firm_name: string
  /** What somebody without an account came by: the link's id. */
  through?: string
}

/** Seconds that drawing one page may take. */
const LIMIT = 20

/**
 * The image of one derived key with the viewer's name, the time and the firm burned in, as a JPEG stream that nobody
 * keeps. Throws `store_away` when it cannot be drawn now.
 *
 * @param signal ends the drawing when the person has gone
 */
export async function watermarked(viewer: Viewer, key: string, signal: AbortSignal): Promise<Response> {
  const body: WatermarkRequest = {
    page_image: { url: await presignInner({ bucket: DERIVED, key, seconds: LIMIT + 10 }) },
    mark: { lines: lines(viewer, new Date()) }
  }
  const token = await signJobToken(secretKey('job-signing-key'), 'watermark', viewer.id, LIMIT)
  const answer = await fetch(`${config.gateway_url}/function/watermark`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...traceHeaders() },
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

/** Who looks, when, at whose portal. First what was proved, an address or a link: a name is what somebody calls themselves. */
function lines(viewer: Viewer, at: Date): string[] {
  // To the minute: whoever turns pages within it gets the same mark, drawn once. The log has the second.
  const time = new Intl.DateTimeFormat(viewer.locale, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone: viewer.time_zone
  }).format(at)
  const known = viewer.through ?? viewer.email
  return [known, plainText(viewer.name).slice(0, 60), time, plainText(viewer.firm_name)]
    .map((line) => line.slice(0, 120))
    .filter((line) => line !== '')
}
