/** Snapshots of one backup belong together: found by their tags. Pure. */
import { type Snapshot, tagOf } from './restic.ts'

/** The name of the database's archive inside its snapshot. */
export const DATABASE_FILE = 'database.tar'

export type Run = {
  run: string
  /** When it began, ISO 8601. */
  at: string
  seq: number
  /** PostgreSQL's major version. */
  server: string
  /** Its copy of the database is whole in itself from this moment on, ISO 8601; null: backups of old do not say. */
  copied_at: string | null
  /** Whether the database's log goes on from it. */
  has_wal: boolean
  /** Ids of restic's snapshots; null: it was killed before. */
  database: string | null
  objects: string | null
  secrets: string | null
}

/** What the snapshots of one repository, or of both, make up; oldest first. */
export function runsIn(all: Snapshot[]): Run[] {
  const found = new Map<string, Run>()
  for (const snapshot of all) {
    const run = tagOf(snapshot, 'run')
    const part = tagOf(snapshot, 'part')
    if (run === undefined || (part !== 'database' && part !== 'objects' && part !== 'secrets')) continue
    const known = found.get(run) ?? {
      run,
      at: snapshot.time,
      seq: Number(tagOf(snapshot, 'seq') ?? 0),
      server: tagOf(snapshot, 'server') ?? '',
      copied_at: null,
      has_wal: tagOf(snapshot, 'wal') !== undefined,
      database: null,
      objects: null,
      secrets: null
    }
    found.set(run, {
      ...known,
      copied_at: known.copied_at ?? tagOf(snapshot, 'copied') ?? null,
      [part]: snapshot.id
    })
  }
  return [...found.values()].sort((a, b) => (a.run < b.run ? -1 : 1))
}

export type Whole = Run & { database: string; objects: string; secrets: string }

/** Its last snapshot is there, so the ones before it are. */
export const isWhole = (run: Run): run is Whole =>
  run.database !== null && run.objects !== null && run.secrets !== null

/** The database's log from a backup (`run`) up to a mark. */
export type Wal = { id: string; run: string; at: string; mark: string; seq: number }

/** What the snapshots of the log's repository are; oldest first. */
export const walsIn = (all: Snapshot[]): Wal[] =>
  all
    .flatMap((snapshot) => {
      const [run, at, mark] = ['run', 'at', 'mark'].map((name) => tagOf(snapshot, name))
      if (run === undefined || at === undefined || mark === undefined) return []
      return [{ id: snapshot.id, run, at, mark, seq: Number(tagOf(snapshot, 'seq') ?? 0) }]
    })
    .sort((a, b) => (a.at < b.at ? -1 : 1))

/** Documents since a backup (`run`), all that had come before `at`, but for so many (`erased`) that were erased by then. */
export type Recents = { id: string; run: string; at: string; erased: number }

/** Oldest first. */
export const recentsIn = (all: Snapshot[]): Recents[] =>
  all
    .flatMap((snapshot) => {
      const [part, run, at] = ['part', 'run', 'at'].map((name) => tagOf(snapshot, name))
      return part === 'recent' && run !== undefined && at !== undefined
        ? [{ id: snapshot.id, run, at, erased: Number(tagOf(snapshot, 'erased') ?? 0) }]
        : []
    })
    .sort((a, b) => (a.at < b.at ? -1 : 1))
