/** What goes into a ZIP, and under which paths. Pure. */
import type { LeftOut } from '../contract/archive.ts'
import { type Level, levelNumber } from '../contract/common.ts'
import type { VersionState } from '../contract/document.ts'
import { numberedName } from './name.ts'

/** Bytes: at 10 MB/s, a good line at home, half of the 60 s that a gateway gives one answer. */
export const MAX_ARCHIVE_SIZE = 256 * 1024 * 1024
export const MAX_ARCHIVE_COUNT = 2_000

/** Bytes and files of a ZIP that a job makes: the disk holds it a second time for a day. */
export const MAX_ORDER_SIZE = 50 * 1024 ** 3
export const MAX_ORDER_COUNT = 20_000
/** ZIPs that one person may have waiting, being made or ready at the same time. */
export const MAX_ORDERS = 3

/** The list of sums, as coreutils' `sha256sum --check` reads it. */
export const MANIFEST = 'SHA256SUMS'

export type Candidate = {
  document_id: string
  version_id: string
  /** The visible folders between the one that is taken and the document. */
  folders: string[]
  name: string
  level: Level
  state: VersionState
  /** Hex; null until checked. */
  sha256: string | null
  size: number
  received_at: string
  object_key: string
  object_version_id: string
}

export type Planned = Candidate & { path: string; sha256: string }
export type ArchivePlan = {
  files: Planned[]
  left_out: (Candidate & { why: LeftOut })[]
  /** Bytes. */
  size: number
}

/**
 * Sorts out what may not be taken home and gives every file a path of its own, also on systems that do not tell "A" from
 * "a" (Windows, macOS).
 */
export function planArchive(candidates: Candidate[]): ArchivePlan {
  const taken = new Set([MANIFEST.toLowerCase()])
  const folders = new Map<string, string>()
  const plan: ArchivePlan = { files: [], left_out: [], size: 0 }
  for (const one of candidates) {
    const why = whyNot(one)
    if (why || one.sha256 === null) {
      plan.left_out.push({ ...one, why: why ?? 'not_checked' })
      continue
    }
    const path = free(taken, folderPath(folders, taken, one.folders), one.name)
    plan.files.push({ ...one, sha256: one.sha256, path })
    plan.size += one.size
  }
  return plan
}

/** Also asked again when the file's turn has come, and then level and state are those of that moment. */
export function whyNot({ level, state }: Pick<Candidate, 'level' | 'state'>): LeftOut | null {
  if (levelNumber(level) < levelNumber('download')) return 'view_only'
  if (state === 'held') return 'held'
  return state === 'received' ? 'not_checked' : null
}

/** "2025/Belege/"; each folder gets its place in the ZIP once. */
function folderPath(folders: Map<string, string>, taken: Set<string>, names: string[]): string {
  let path = ''
  let key = ''
  for (const name of names) {
    key += `${name}\0`
    const known = folders.get(key)
    path = known ?? `${free(taken, path, name)}/`
    folders.set(key, path)
  }
  return path
}

type Fate = {
  /** What its maker may do with the document now; `none` also when it lies in the trash. */
  level: Level | 'none'
  version_id: string
  /** The document's version that counts now; null: there is no such document any more. */
  current_version_id: string | null
  state: VersionState | null
}

/** A ZIP is made by and by: why a file that was ordered is left out now that its turn has come, or null. */
export function whyNotNow({ level, version_id, current_version_id, state }: Fate): LeftOut | null {
  if (level === 'none' || current_version_id === null || state === null) return 'gone'
  if (current_version_id !== version_id) return 'replaced'
  return whyNot({ level, state })
}

function free(taken: Set<string>, folder: string, name: string): string {
  for (let n = 1; ; n += 1) {
    const path = folder + numberedName(name, n)
    const key = path.normalize('NFKC').toLowerCase()
    if (taken.has(key)) continue
    taken.add(key)
    return path
  }
}

/** The manifest's text: `sum  path` a line; what was left out as comments, which sha256sum passes over. */
export const manifestOf = (
  files: Pick<Planned, 'sha256' | 'path'>[],
  left_out: { path: string; why: LeftOut }[] = []
): string =>
  files.map((file) => `${file.sha256}  ${file.path}\n`).join('') +
  left_out.map(({ path, why }) => `# not included (${why}): ${path}\n`).join('')
