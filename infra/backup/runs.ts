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
      database: null,
      objects: null,
      secrets: null
    }
    found.set(run, { ...known, [part]: snapshot.id })
  }
  return [...found.values()].sort((a, b) => (a.run < b.run ? -1 : 1))
}

export type Whole = Run & { database: string; objects: string; secrets: string }

/** Its last snapshot is there, so the ones before it are. */
export const isWhole = (run: Run): run is Whole =>
  run.database !== null && run.objects !== null && run.secrets !== null
