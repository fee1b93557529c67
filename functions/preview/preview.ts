/** One call of a preview job: which pages, by which workers, until when, and what is answered. */
import {
  type OutputRole,
  OUTPUT_TYPE,
  type PageMade,
  type PreviewAnswer,
  type PreviewMade,
  type PreviewRequest
} from '../_shared/contract/job.ts'
import { InputAway, InputGone } from '../_shared/parser.ts'
import { type Source, forget, takeInput } from './input.ts'
import { type Drawn, PageFailed, drawPage } from './pool.ts'

/** Milliseconds after which no further page of a call is begun; the job goes on with the next call. */
const SOFT_LIMIT = 15_000

/** Makes the pages that the job has slots for. Never throws. */
export async function preview(job: PreviewRequest, signal: AbortSignal): Promise<PreviewAnswer> {
  try {
    const source = await takeInput(job, signal)
    if (source.kind === 'unsupported')
      return ended({ page_count: null, preview_result: 'unsupported', reason: source.reason })
    const answer = await makePages(job, source)
    if (answer.outcome !== 'continue') forget(job.job)
    return answer
  } catch (error) {
    if (error instanceof InputAway) return { outcome: 'retry', after_seconds: 5, reason: 'store_away' }
    forget(job.job)
    if (error instanceof InputGone) return { outcome: 'refused', reason: error.message }
    if (error instanceof PageFailed)
      return ended({ page_count: null, preview_result: error.result, reason: error.reason })
    throw error
  }
}

const ended = (result: Omit<PreviewMade, 'pages'>): PreviewAnswer => ({
  outcome: 'done',
  result: { pages: [], ...result }
})

async function makePages(job: PreviewRequest, source: Source): Promise<PreviewAnswer> {
  const first = job.cursor?.next_page ?? 1
  const slots = Math.max(0, ...job.output.map((slot) => slot.page)) - first + 1
  const until = Date.now() + SOFT_LIMIT
  const made: PageMade[] = []
  const failures: PageFailed[] = []
  let page_count = Number.POSITIVE_INFINITY
  let next = first

  /** One of several that take pages in turn; ends when there are none, or no time. */
  const take = async (): Promise<void> => {
    while (next <= Math.min(first + slots - 1, page_count) && (next === first || Date.now() < until)) {
      const no = next
      next += 1
      try {
        const drawn = await drawPage(source, no)
        page_count = drawn.page_count
        if (drawn.page) made.push(await putPage(job, no, drawn.page))
      } catch (error) {
        if (!(error instanceof PageFailed)) throw error
        if (error.whole) throw error
        failures.push(error)
      }
    }
  }
  // The first page alone opens the document; then both cores.
  await Promise.all(source.kind === 'image' ? [take()] : [take(), take()])
  return conclude({ job, made, failures, page_count, next: Math.min(next, page_count + 1), first })
}

type Made = {
  job: PreviewRequest
  made: PageMade[]
  failures: PageFailed[]
  page_count: number
  next: number
  first: number
}

function conclude({ job, made, failures, page_count, next, first }: Made): PreviewAnswer {
  const broken = (job.cursor?.broken ?? 0) + failures.length
  const known = Number.isFinite(page_count) ? page_count : null
  const pages = made.sort((a, b) => a.no - b.no)
  const [worst] = failures
  // A document whose first pages all fail is not worth the other 4,998.
  if (first === 1 && pages.length === 0 && worst)
    return ended({ page_count: known, preview_result: worst.result, reason: worst.reason })
  if (known === null || next <= known)
    return {
      outcome: 'continue',
      cursor: { next_page: next, broken },
      result: { pages, page_count: known, preview_result: null, reason: null }
    }
  const nothing = broken >= known
  return {
    outcome: 'done',
    result: {
      pages,
      page_count: known,
      preview_result: nothing ? 'broken' : 'complete',
      reason: broken > 0 ? `broken_pages:${broken}` : null
    }
  }
}

/** Sends a page's files to their slots. Throws InputAway when the store does not take them. */
async function putPage(job: PreviewRequest, no: number, drawn: Drawn): Promise<PageMade> {
  const send = async (role: OutputRole, body: Uint8Array): Promise<string> => {
    const slot = job.output.find((one) => one.page === no && one.role === role)
    if (!slot) throw new InputGone('slot_missing')
    const answer = await fetch(slot.url, {
      method: 'PUT',
      headers: { 'content-type': OUTPUT_TYPE[role] },
      body: new Uint8Array(body)
    }).catch((cause: unknown) => {
      throw new InputAway('the store does not answer', { cause })
    })
    await answer.body?.cancel()
    if (!answer.ok) throw new InputAway(`the store answered ${answer.status}`)
    return slot.key
  }
  const words = Buffer.from(JSON.stringify({ words: drawn.words }))
  const [image_key, thumbnail_key, text_key] = await Promise.all([
    send('image', drawn.image),
    send('thumbnail', drawn.thumbnail),
    drawn.words.length > 0 ? send('text', words) : null
  ])
  return { no, width: drawn.width, height: drawn.height, image_key, thumbnail_key, text_key }
}
