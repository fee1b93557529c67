/** Pages a second of preview's two workers, against two halves by pdftoppm on the same two cores: 1240 px, a book of 352 pages. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CORPUS, noCorpus, offerCorpus, previewAll, startParser, startStore } from '../support/parser.ts'
import { type Row, percentile, printRows } from './row.ts'

const PAGES = 352
const BOOK = join(CORPUS, 'pdf/freeculture.pdf')

async function poppler(folder: string): Promise<number> {
  const started = performance.now()
  const halves = [
    [1, PAGES / 2],
    [PAGES / 2 + 1, PAGES]
  ].map(async ([first, last]) => {
    const scale = ['-scale-to-x', '1240', '-scale-to-y', '-1']
    const args = [
      '-cropbox',
      '-jpeg',
      ...scale,
      '-f',
      `${first}`,
      '-l',
      `${last}`,
      BOOK,
      join(folder, `p${first}`)
    ]
    await once(spawn('taskset', ['-c', '0,1', 'pdftoppm', ...args]), 'exit')
  })
  await Promise.all(halves)
  return (PAGES / (performance.now() - started)) * 1000
}

/** Five pairs, one after the other; the median of their ratios. Ours makes thumbnails and text as well, and sends all. */
export async function run(): Promise<Row[]> {
  if (noCorpus) return []
  const store = await startStore()
  const preview = await startParser('preview', {}, { cpus: '0,1' })
  const folder = mkdtempSync(join(tmpdir(), 'portico-bench-pages-'))
  const pairs: { ours: number; theirs: number }[] = []
  for (let pair = 0; pair < 5; pair += 1) {
    const theirs = await poppler(folder)
    const started = performance.now()
    await previewAll(preview, store, offerCorpus(store, 'pdf/freeculture.pdf'))
    pairs.push({ theirs, ours: (PAGES / (performance.now() - started)) * 1000 })
    process.stdout.write(`  ${theirs.toFixed(0)} ${pairs.at(-1)?.ours.toFixed(0)}\n`)
    store.put.clear()
  }
  await preview.stop()
  rmSync(folder, { recursive: true })
  const ratio = percentile(
    pairs.map(({ ours, theirs }) => ours / theirs),
    0.5
  )
  const median = (of: 'ours' | 'theirs') =>
    percentile(
      pairs.map((pair) => pair[of]),
      0.5
    ).toFixed(0)
  return [
    {
      what: 'page images with thumbnails and text, 1240 px',
      figure: `${median('ours')} pages/s`,
      peer: `two pdftoppm: ${median('theirs')} pages/s`,
      ratio,
      must: '1.0',
      aim: '1.4',
      holds: ratio >= 1
    }
  ]
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}
