/**
 * Live news: an EventSource tells that a topic changed, and the page asks the API again. While the stream is away
 * the page asks by itself now and then, so that nothing stays old for long.
 */
import { invalidate } from '$app/navigation'

/** While the stream is away: how often pages ask by themselves. */
const POLL_MS = 15_000
/** Shorter breaks are nobody's business. */
const QUIET_MS = 4_000
/** How long after a refusal the stream is tried again. */
const RETRY_MS = 10_000
/** News that come together cause one question. */
const GATHER_MS = 60

let lost = $state(false)

export const connection = {
  /** True when news have not come through for some seconds. */
  get lost(): boolean {
    return lost
  }
}

/** The name to give to `depends()` in the load function that a topic's news should run again. */
export const topicKey = (topic: string): `live:${string}` => `live:${topic}`

/** Whether the API answers. While it does not, a page keeps what it shows: asking again would put an error in its place. */
async function answers(): Promise<boolean> {
  const response = await fetch('/api/v1/auth/session', { headers: { 'portico-passive': '1' } }).catch(
    () => null
  )
  return response !== null && response.status < 500
}

/** Runs the load functions again that depend on `topicKey(topic)`, if the API is there to ask. */
export async function refetch(topic: string): Promise<void> {
  if (await answers()) await invalidate(topicKey(topic))
}

/**
 * Watches a topic ("project:<id>", "person:<id>") until the returned function is called. `changed` runs at each piece
 * of news and after each break; without it, load functions that depend on `topicKey(topic)` run again.
 *
 *     $effect(() => watch(`project:${data.project.id}`))
 */
export function watch(topic: string, changed: () => unknown = () => invalidate(topicKey(topic))): () => void {
  let source: EventSource | null = null
  let poll: ReturnType<typeof setInterval> | undefined
  let gather: ReturnType<typeof setTimeout> | undefined
  let quiet: ReturnType<typeof setTimeout> | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  let broken = false

  const tell = () => {
    clearTimeout(gather)
    gather = setTimeout(() => void changed(), GATHER_MS)
  }
  const away = () => {
    if (broken) return
    broken = true
    quiet = setTimeout(() => (lost = true), QUIET_MS)
    poll = setInterval(() => void answers().then((up) => up && tell()), POLL_MS)
  }
  const calm = () => {
    if (broken) lost = false
    broken = false
    clearTimeout(quiet)
    clearInterval(poll)
  }
  const back = () => {
    if (!broken) return
    calm()
    tell()
  }
  // After a refusal (no access, or the API is away) the browser gives up: we do not. Where access has gone, the
  // polling leads to the right page.
  const failed = () => {
    away()
    if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, RETRY_MS)
  }
  const open = () => {
    source = new EventSource(`/events?topic=${encodeURIComponent(topic)}`)
    source.addEventListener('open', back)
    source.addEventListener('error', failed)
    source.addEventListener('changed', tell)
  }
  const shut = () => {
    clearTimeout(again)
    source?.close()
    source = null
    calm()
  }
  // Browsers keep six connections per origin over HTTP/1.1: a page that nobody looks at must not hold one.
  const seen = () => {
    if (document.hidden) return shut()
    if (source) return
    open()
    tell()
  }

  open()
  document.addEventListener('visibilitychange', seen)
  return () => {
    document.removeEventListener('visibilitychange', seen)
    clearTimeout(gather)
    shut()
  }
}
