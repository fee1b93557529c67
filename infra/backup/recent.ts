/**
 * Between two backups: every two minutes the database's log and the documents that are new go to the target. The log
 * waits a little for the documents, so that what a restore finds is one moment of both; but where much was uploaded over
 * a slow line the log does not wait for it.
 */
import type pg from 'pg'
import { saveDocuments } from './documents.ts'
import { BackupProblem } from './problem.ts'
import { takePart } from './lock.ts'
import { unlock } from './restic.ts'
import { connect } from './running.ts'
import type { Repositories } from './settings.ts'
import { type Begin, type Mark, forgetBegin, markWal, readBegin, requireHeld, saveWal } from './wal.ts'

/** Milliseconds that the log waits for the documents. */
const TOGETHER = 45_000

export type Recent = {
  /** The backup that it goes on from. */
  run: string
  /** The database can be restored up to here. */
  at: string
  /** What came before is at the target with its bytes; null: another one is still at it, or it failed. */
  documents_at: string | null
  documents_problem: string | null
  seconds: number
  bytes: number
  added: number
}

type Documents = Pick<Recent, 'documents_at' | 'documents_problem'> & { added: number }

/**
 * Saves what came since the last whole backup.
 *
 * @param on_saved told when the log is at the target; documents may go on for long after that
 * @throws BackupProblem busy, not_set_up (no whole backup yet), wal_lost, and what restic says
 */
export async function saveRecent(
  client: pg.Client,
  both: Repositories,
  data: string,
  on_saved: (recent: Recent) => Promise<void>
): Promise<Recent> {
  const release = takePart(data, 'wal')
  if (typeof release === 'string')
    throw new BackupProblem('busy', `The database’s log is being saved already (process ${release}).`)
  try {
    const begin = readBegin(data)
    if (!begin)
      throw new BackupProblem('not_set_up', 'There is no whole backup yet from which the log goes on.')
    const begun = Date.now()
    await requireHeld(client, begin)
    const mark = await markWal(client)
    const documents = startDocuments(both, data, begin, mark)
    const soon = await Promise.race([documents, after(TOGETHER)])
    const wal = await patiently(both, () =>
      saveWal(client, both.wal, data, {
        begin,
        mark,
        tags: { at: mark.at, mark: mark.name, seq: String(mark.seq) }
      })
    )
    const recent = {
      run: begin.run,
      at: mark.at,
      documents_at: soon?.documents_at ?? null,
      documents_problem: soon?.documents_problem ?? null,
      seconds: Math.round((Date.now() - begun) / 100) / 10,
      bytes: wal.bytes,
      added: wal.added
    }
    await on_saved(recent)
    release()
    if (soon) return { ...recent, added: wal.added + soon.added }
    const late = await documents
    const whole = { ...recent, ...late, added: wal.added + late.added }
    await on_saved(whole)
    return whole
  } catch (error) {
    if (error instanceof BackupProblem && error.code === 'wal_lost') forgetBegin(data)
    throw error
  } finally {
    release()
  }
}

const after = (milliseconds: number): Promise<null> =>
  new Promise((resolve) => setTimeout(() => resolve(null), milliseconds).unref())

/** Never throws: the log does not depend on it. */
async function startDocuments(
  both: Repositories,
  data: string,
  begin: Begin,
  mark: Mark
): Promise<Documents> {
  const release = takePart(data, 'recent')
  // An earlier one, over a slow line: what came since goes with the next.
  if (typeof release === 'string') return { documents_at: null, documents_problem: null, added: 0 }
  try {
    const client = await connect(data)
    try {
      const added = await saveDocuments(client, both.data, data, begin, mark.at)
      return { documents_at: mark.at, documents_problem: null, added }
    } finally {
      await client.end().catch(() => undefined)
    }
  } catch (error) {
    return { documents_at: null, documents_problem: codeOf(error), added: 0 }
  } finally {
    release()
  }
}

const codeOf = (error: unknown): string => (error instanceof BackupProblem ? error.code : 'failed')

/** What a killed restic left locked is unlocked; only we write there. */
async function patiently<T>(both: Repositories, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof BackupProblem && error.code === 'busy')) throw error
    await unlock(both.wal)
    return await work()
  }
}
