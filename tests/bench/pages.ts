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

const exec = (program: string, args: string[]) =>
  once(spawn('taskset', ['-c', '0,1', program, ...args]), 'exit')

/** Pages a second of the two halves: images alone, or as preview makes them, with thumbnails and the words' boxes. */
async function poppler(folder: string, whole: boolean): Promise<number> {
  const started = performance.now()
  const halves = [
    [1, PAGES / 2],
    [PAGES / 2 + 1, PAGES]
  ].map(async ([first, last]) => {
    const pages = ['-f', `${first}`, '-l', `${last}`]
    const draw = (width: string) => {
      const scale = ['-scale-to-x', width, '-scale-to-y', '-1']
      return exec('pdftoppm', [
        '-cropbox',
        '-jpeg',
        ...scale,
        ...pages,
        BOOK,
        join(folder, `${width}-${first}`)
      ])
    }
    await draw('1240')
    if (!whole) return
    await draw('160')
    await exec('pdftotext', ['-bbox', ...pages, BOOK, join(folder, `${first}.html`)])
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
  const pairs: { ours: number; theirs: number; whole: number }[] = []
  for (let pair = 0; pair < 5; pair += 1) {
    const theirs = await poppler(folder, false)
    const whole = await poppler(folder, true)
    const started = performance.now()
    await previewAll(preview, store, offerCorpus(store, 'pdf/freeculture.pdf'))
    pairs.push({ theirs, whole, ours: (PAGES / (performance.now() - started)) * 1000 })
    store.put.clear()
  }
  await preview.stop()
  rmSync(folder, { recursive: true })
  const against = (peer: 'theirs' | 'whole') =>
    percentile(
      pairs.map((pair) => pair.ours / pair[peer]),
      0.5
    )
  const median = (of: 'ours' | 'theirs' | 'whole') =>
    percentile(
      pairs.map((pair) => pair[of]),
      0.5
    ).toFixed(0)
  return [
    {
      what: 'page images with thumbnails and text, 1240 px',
      figure: `${median('ours')} pages/s`,
      peer: `two pdftoppm, images alone: ${median('theirs')} pages/s`,
      ratio: against('theirs'),
      must: '1.0',
      aim: '1.4',
      holds: against('theirs') >= 1
    },
    {
      what: 'the same',
      figure: `${median('ours')} pages/s`,
      peer: `two halves that also draw thumbnails and write the words' boxes (pdftotext -bbox): ${median('whole')} pages/s`,
      ratio: against('whole'),
      must: '1.0',
      aim: '1.4',
      holds: against('whole') >= 1
    }
  ]
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}
