/**
 * Live news: an EventSource tells that a topic changed, and the page asks the API again. While the stream is away
 * the page asks by itself now and then, so that nothing stays old for long.
 */
import { invalidate } from '$app/navigation'

/** While the stream is away: how often pages ask by themselves. */
const POLL_MS = 15_000
/** Shorter breaks are nobody's business. */
const QUIET_MS = 4_000
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
  let broken = false

  const tell = () => {
    clearTimeout(gather)
    gather = setTimeout(() => void changed(), GATHER_MS)
  }
  const away = () => {
    if (broken) return
    broken = true
    quiet = setTimeout(() => (lost = true), QUIET_MS)
    poll = setInterval(tell, POLL_MS)
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
  const open = () => {
    source = new EventSource(`/events?topic=${encodeURIComponent(topic)}`)
    source.addEventListener('open', back)
    // After a refusal (no session, no access) the browser gives up; then the polling leads to the right page.
    source.addEventListener('error', away)
    source.addEventListener('changed', tell)
  }
  const shut = () => {
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
