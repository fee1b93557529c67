/** One call of a preview job: which pages, by which workers, until when, and what is answered. */
import type { PageMade, PreviewAnswer, PreviewMade, PreviewRequest } from '../_shared/contract/job.ts'
import { InputAway, InputGone } from '../_shared/parser.ts'
import { type Answer, type DrawnBy, PageFailed } from './drawn.ts'
import { type Source, withInput } from './input.ts'
import { putPage } from './output.ts'
import { drawPage } from './pool.ts'

/**
 * Milliseconds after which no further page of a call is begun; the job goes on with the next call, after others who
 * wait. A page begun in the last moment may wait for a worker and take its own limit, and still the call ends within 30 s.
 */
const SOFT_LIMIT = 1_000
/** Milliseconds of a call until which a page that found too little memory beside another is tried alone. */
const RETRY_LIMIT = 12_000
/** Pages of a document that may fail before it counts as one that does nothing but cost time. */
const MAX_BROKEN = 40

/** Pages in hand at a time: two drawn, two that become JPEGs, and one on its way to the store. */
const HANDS = 5

/** What a native decoder holds in memory as a whole: one at a time. */
const PICTURES: ReadonlySet<DrawnBy> = new Set(['picture', 'pictures', 'photo', 'drawing'])

/** Makes the pages that the job has slots for. Never throws but for what is a mistake of ours. */
export async function preview(job: PreviewRequest, signal: AbortSignal): Promise<PreviewAnswer> {
  const begun = Date.now()
  try {
    return await withInput(job, signal, async (source) => {
      const value = await makePages(job, source, begun, signal)
      return { stay: value.outcome === 'continue', value }
    })
  } catch (error) {
    if (error instanceof InputAway) return { outcome: 'retry', after_seconds: 5, reason: 'store_away' }
    if (error instanceof InputGone) return { outcome: 'refused', reason: error.message }
    if (error instanceof PageFailed)
      return ended({ page_count: null, preview_result: error.result, reason: error.reason })
    throw error
  }
}

const ended = (result: Omit<PreviewMade, 'pages'>, pages: PageMade[] = []): PreviewAnswer => ({
  outcome: 'done',
  result: { pages, ...result }
})

async function makePages(
  job: PreviewRequest,
  source: Source,
  begun: number,
  signal: AbortSignal
): Promise<PreviewAnswer> {
  if (source.kind === 'unsupported') throw new PageFailed('unsupported', source.reason, true)
  const { kind, path } = source
  const first = job.cursor?.next_page ?? 1
  const last = Math.max(0, ...job.output.map((slot) => slot.page))
  const made: PageMade[] = []
  const failures: PageFailed[] = []
  let page_count = Number.POSITIVE_INFINITY
  let next = first

  const make = async (no: number): Promise<void> => {
    try {
      const answer: Answer = await drawPage({ kind, path, no }, begun + RETRY_LIMIT)
      page_count = answer.page_count
      if (answer.page) made.push(await putPage(job, no, answer.page, signal))
    } catch (error) {
      if (!(error instanceof PageFailed) || error.whole) throw error
      failures.push(error)
    }
  }
  /** One of several that take pages in turn; ends when there are none, or no time, or nobody who waits. */
  const take = async (): Promise<void> => {
    while (next <= Math.min(last, page_count) && (next === first || Date.now() < begun + SOFT_LIMIT)) {
      if (signal.aborted) throw new InputAway('the caller has gone')
      next += 1
      await make(next - 1)
    }
  }
  // One that fails must not leave the other at work on a document that is let go.
  const hands = PICTURES.has(kind) ? 1 : HANDS
  const ends = await Promise.allSettled(Array.from({ length: hands }, take))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
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
  const isOver = known !== null && next > known
  // A document whose first pages all fail is not worth the other 4,998; nor is one that fails again and again.
  const hopeless = first === 1 && pages.length === 0
  if (worst && (hopeless || (broken > MAX_BROKEN && !isOver)))
    return ended({ page_count: known, preview_result: worst.result, reason: worst.reason }, pages)
  if (!isOver)
    return {
      outcome: 'continue',
      cursor: { next_page: next, broken },
      result: { pages, page_count: known, preview_result: null, reason: null }
    }
  const preview_result = broken >= known ? 'broken' : 'complete'
  return ended(
    { page_count: known, preview_result, reason: broken > 0 ? `broken_pages:${broken}` : null },
    pages
  )
}
