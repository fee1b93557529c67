/** One page of a book with one viewer's mark, over HTTP as documents asks for it. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { CORPUS, noCorpus, offer, post, startParser, startStore } from '../support/parser.ts'
import { type Row, ms, percentile, printRows } from './row.ts'

/** 60 pages one after another, after 10 that warm up, ten with one mark. No rows where the corpus is absent. */
export async function run(): Promise<Row[]> {
  if (noCorpus) return []
  const book = join(CORPUS, 'pdf/freeculture.pdf')
  const args = ['-cropbox', '-jpeg', '-f', '40', '-l', '40', '-scale-to-x', '1240', '-scale-to-y', '-1', book]
  const page = execFileSync('pdftoppm', args, { maxBuffer: 16 * 1024 * 1024 })
  const store = await startStore()
  const watermark = await startParser('watermark')
  const job = offer(store, 'page.jpg', page)
  const page_image = { url: store.url(`${job.id}/${job.name}`) }
  const times: number[] = []
  for (let turn = 0; turn < 70; turn += 1) {
    // A reader who turns ten pages a minute: each minute has a mark that was not drawn before.
    const time = `22. Nov. 2026, 02:${String(Math.floor(turn / 10)).padStart(2, '0')} MEZ`
    const started = performance.now()
    const mark = { lines: ['Katharina Meißner', time, 'Kanzlei Berger'] }
    await (await post(watermark, 'watermark', { page_image, mark })).arrayBuffer()
    if (turn >= 10) times.push(performance.now() - started)
  }
  await watermark.stop()
  const p50 = percentile(times, 0.5)
  return [
    {
      what: 'watermarked page for one viewer',
      figure: `p50 ${ms(p50)}, p95 ${ms(percentile(times, 0.95))}`,
      must: 'p50 ≤ 40 ms',
      aim: '17 ms',
      holds: p50 <= 40
    }
  ]
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}
