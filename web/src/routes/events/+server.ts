import { error } from '@sveltejs/kit'
import { Topic } from '#lib/contract.ts'
import { listen } from '#lib/server/news.ts'
import { mayHear } from '#lib/server/topic-access.ts'
import type { RequestHandler } from './$types'

/** How often access is asked about again, which is how long a person can go on hearing after losing it. */
const CHECK_MS = 30_000
/** Proxies drop silent connections after a minute or so. */
const HEARTBEAT_MS = 20_000

/**
 * Server-sent events of one topic: `changed` at each change (the page then asks the API again), a comment as
 * heartbeat. The stream ends when access does.
 */
export const GET: RequestHandler = async (event) => {
  const topic = Topic.safeParse(event.url.searchParams.get('topic'))
  if (!topic.success) error(422, 'topic')
  if (event.locals.away) error(503, 'away')
  const allowed = await mayHear(event, topic.data)
  if (allowed === 'no') error(404, 'topic')
  if (allowed === 'away') error(503, 'topic')

  let leave = () => {}
  const body = new ReadableStream<Uint8Array>({
    start: (out) => void (leave = speak(out, topic.data, () => mayHear(event, topic.data))),
    cancel: () => leave()
  })
  event.request.signal.addEventListener('abort', () => leave())
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store, no-transform' }
  })
}

/** Writes the stream until the returned function is called, or until `check` says no. */
function speak(
  out: ReadableStreamDefaultController<Uint8Array>,
  topic: string,
  check: () => ReturnType<typeof mayHear>
): () => void {
  const encoder = new TextEncoder()
  let silent = false
  let open = true
  const write = (text: string) => open && out.enqueue(encoder.encode(text))
  const changed = (seq: number | string) => !silent && write(`event: changed\ndata: ${seq}\n\n`)

  const leave = () => {
    if (!open) return
    open = false
    stop()
    clearInterval(checks)
    clearInterval(beats)
  }
  const close = () => {
    if (!open) return
    leave()
    out.close()
  }
  const ask = async () => {
    const answer = await check()
    if (answer === 'no') return close()
    const catchUp = silent && answer === 'yes'
    silent = answer === 'away'
    if (catchUp) changed('again')
  }
  const missed = async () => {
    await ask()
    changed('again')
  }
  write('retry: 2000\n\n')
  const stop = listen(topic, { changed, missed: () => void missed(), closed: close })
  const checks = setInterval(() => void ask(), CHECK_MS)
  const beats = setInterval(() => write(': beat\n\n'), HEARTBEAT_MS)
  return leave
}
