/** The 510 PDFs of pdfcpu's tests, its samples and what it reads, as the Go module brings them: complete with pdfinfo's page count, page one as poppler draws it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { PAGE_WIDTH } from '../../functions/_shared/contract/job.ts'
import { offer, previewAll, putAt, startParser, startStore } from '../support/parser.ts'
import { difference, noPoppler, popplerPage } from '../support/picture.ts'

/** Mean difference in grey at 64 × 64 from which two pictures are not the same page. */
const UNLIKE = 8
const LEAST_COMPLETE = 490

function folder(): string | null {
  const said = spawnSync('go', ['mod', 'download', '-json', 'github.com/pdfcpu/pdfcpu@v0.15.0'], {
    cwd: tmpdir(),
    encoding: 'utf8'
  })
  const dir = said.status === 0 ? /"Dir": "([^"]+)"/.exec(said.stdout)?.[1] : undefined
  return dir && existsSync(dir) ? dir : null
}

const root = folder()
const files = root
  ? globSync('**/*.pdf', { cwd: root })
      .sort()
      .map((file) => join(root, file))
  : []

/** Pages that pdfinfo counts; null when it cannot open the file. */
function pdfinfo(path: string): number | null {
  const { stdout } = spawnSync('pdfinfo', [path], { encoding: 'utf8', timeout: 60_000 })
  const pages = /^Pages:\s+(\d+)/m.exec(stdout)?.[1]
  return pages === undefined ? null : Number(pages)
}

type Seen = { name: string; complete: boolean; reason: string; unlike: number | null }

test(
  `at least ${LEAST_COMPLETE} of pdfcpu's 510 PDFs are shown whole, the others say why`,
  { skip: noPoppler || (files.length === 0 && 'pdfcpu cannot be had: no go, or no module proxy') },
  async (t) => {
    assert.equal(files.length, 510)
    const store = await startStore()
    const preview = await startParser('preview')
    const seen: Seen[] = []
    let next = 0
    const look = async (): Promise<void> => {
      for (let path = files[next++]; path !== undefined; path = files[next++]) {
        const job = offer(store, basename(path), readFileSync(path))
        const made = await previewAll(preview, store, job)
        const theirs = made.pages[0]?.no === 1 ? popplerPage(path, 1, PAGE_WIDTH) : null
        const image = theirs && putAt(store, made.pages[0]?.image_key ?? null).body
        const counted = pdfinfo(path)
        const complete =
          made.preview_result === 'complete' && made.reason === null && made.page_count === counted
        const reason = `${made.preview_result} ${made.reason}, ${made.page_count} pages, pdfinfo ${counted}`
        seen.push({
          name: basename(path),
          complete,
          reason,
          unlike: theirs && image && (await difference(theirs, image))
        })
        for (const key of store.put.keys()) if (key.startsWith(job.id)) store.put.delete(key)
        store.files.delete(`${job.id}/${job.name}`)
      }
    }
    await Promise.all([look(), look()])
    const others = seen.filter((one) => !one.complete)
    for (const one of others) t.diagnostic(`${one.name}: ${one.reason}`)
    const unlike = seen.filter((one) => one.unlike !== null && one.unlike > UNLIKE)
    for (const one of unlike) t.diagnostic(`${one.name}: page one differs by ${one.unlike?.toFixed(1)}`)
    const compared = seen.filter((one) => one.unlike !== null).length
    t.diagnostic(
      `${seen.length - others.length} complete; page one alike in ${compared - unlike.length} of ${compared}; peak ${Math.round(preview.peak())} MB`
    )
    assert.ok(seen.length - others.length >= LEAST_COMPLETE)
    assert.ok(others.every((one) => !one.reason.startsWith('null')))
    assert.ok(unlike.length <= compared * 0.02)
    assert.ok(preview.peak() <= 512)
  }
)
