/**
 * index: the words of a version's pages from the derived bucket into the database, where search finds them. A job of its
 * own after the preview, so that nobody waits for it who wants to see a page, and so that what was there before search
 * comes in by the same way.
 */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import { PageText } from '../contract/document.ts'
import { blocks, row, rows, run } from '../db/database.ts'
import { InputAway } from '../parser.ts'
import { DERIVED } from '../storage/buckets.ts'
import type { Deps, Kind } from './kind.ts'
import { VersionJob } from './version-row.ts'

const sql = blocks<'version' | 'pages' | 'lock' | 'write'>(new URL('./index-text.sql', import.meta.url))

/** Pages of one step: 10 ms of the database each. */
const PAGES = 10
/** Characters kept of a page: a page of a book has 3,000. A tsvector holds 1 MB, and the words lie beside it. */
const MAX_CHARACTERS = 60_000
/** Milliseconds for one page's text. */
const PATIENCE = 10_000

const Current = z.object({ document_id: Id, project_id: Id })
const PageKey = z.object({ no: z.int(), text_key: z.string() })
const Cursor = z.object({ after: z.int() })
const Read = z.object({ pages: z.array(z.object({ no: z.int(), words: z.string() })) })

export const indexText: Kind = {
  at_once: 1,
  attempts: 5,

  prepare: async (job, deps) => {
    const { version_id } = VersionJob.parse(job.data)
    const { after } = job.cursor === null ? { after: 0 } : Cursor.parse(job.cursor)
    const nothing = { answer: { outcome: 'done' as const, result: null } }
    if (!(await row(deps.database.pool, sql('version'), [version_id], Current))) return nothing
    const keys = await rows(deps.database.pool, sql('pages'), [version_id, after, PAGES], PageKey)
    const last = keys.at(-1)
    if (!last) return nothing
    const texts = await Promise.all(keys.map(({ text_key }) => readWords(deps, text_key)))
    const pages = keys.flatMap(({ no }, index) => (texts[index] ? [{ no, words: texts[index] }] : []))
    return keys.length < PAGES
      ? { answer: { outcome: 'done', result: { pages } } }
      : { answer: { outcome: 'continue', cursor: { after: last.no }, result: { pages } } }
  },

  projects: (job) => [VersionJob.parse(job.data).project_id],

  apply: async (session, job, answer) => {
    if (!('result' in answer) || answer.result === null) return
    const { version_id } = VersionJob.parse(job.data)
    const { pages } = Read.parse(answer.result)
    const current = await row(session, sql('lock'), [version_id], Current)
    if (!current || pages.length === 0) return
    const columns = [pages.map((page) => page.no), pages.map((page) => page.words)]
    await run(session, sql('write'), [version_id, current.document_id, current.project_id, ...columns])
  },

  /** Its text is not found, all else of it is: nobody waits. */
  give_up: async () => {}
}

/** A page's words; empty where the file is not what preview writes or is gone. Throws InputAway. */
async function readWords(deps: Deps, key: string): Promise<string> {
  const url = await deps.signer.get({ bucket: DERIVED, key, seconds: 60 })
  const text = PageText.safeParse(jsonIn(await textAt(url)))
  return text.success ? cleanWords(text.data.words.map((word) => word.t).join(' ')) : ''
}

/** The whole of it, or InputAway: what breaks off in the middle is no page without words. Empty when it is gone. */
export async function textAt(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) })
    if (answer.ok) return await answer.text()
    await answer.body?.cancel()
    if (answer.status === 404) return ''
    throw new InputAway(`the store answered ${answer.status}`)
  } catch (cause) {
    throw cause instanceof InputAway ? cause : new InputAway('the store does not answer', { cause })
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What Postgres takes: no NUL, no half surrogate pairs, no more than fits. */
export const cleanWords = (text: string): string =>
  text
    .slice(0, MAX_CHARACTERS)
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
