/**
 * A version's life: received → checked → previewing → ready, or held. Pure: facts and an answer in, a plan out.
 * The pipeline writes what the plan says; nothing here knows a database, a store or a clock.
 */
import type { z } from 'zod'
import type { Action } from '../contract/activity.ts'
import type { Scanner } from '../contract/job.ts'
import type { PreviewResult, ScanResult, VersionState } from '../contract/document.ts'

type State = z.infer<typeof VersionState>
type Scan = z.infer<typeof ScanResult>
type Preview = z.infer<typeof PreviewResult>

/** What is known of a version when an answer about it arrives. */
export type VersionFacts = {
  state: State
  /** The firm's setting: what no scanner looked at is delivered (true) or held until an administrator releases it. */
  deliver_unscanned: boolean
}

/** What the scan function found. */
export type ScanFindings = {
  /** Hex. */
  sha256: string
  detected_type: string
  scan_result: Scan
  /** The scanner's name of what it found. */
  scan_detail: string | null
  scanner: Scanner | null
}

/** Columns of the version that change; a key that is not there stays as it is. */
export type VersionChange = {
  state?: State
  sha256?: string
  detected_type?: string
  scan_result?: Scan
  scan_detail?: string | null
  /** Who scanned it now. */
  scanner?: Scanner
  preview_result?: Preview
  page_count?: number
}

export type VersionPlan = {
  change: VersionChange
  act: { action: Action; facts: Record<string, string | number | null> } | null
  /** The job that comes next. */
  next: 'preview' | 'index' | null
  /** Who is told that it is held: everybody concerned, the administrators (they can release it), or nobody. */
  tell: 'uploader_and_firm' | 'firm' | null
}

const NOTHING: VersionPlan = { change: {}, act: null, next: null, tell: null }

const hold = (change: VersionChange, reason: string, tell: VersionPlan['tell']): VersionPlan => ({
  change: { ...change, state: 'held' },
  act: { action: 'version.held', facts: { reason } },
  next: null,
  tell
})

/**
 * After the scan. Only `clean` is clean: what was not scanned, or is larger than the scanner takes, goes on only where
 * the firm delivers unscanned files, and is marked so. An answer for a version that has already moved on changes nothing.
 */
export function afterScan(facts: VersionFacts, found: ScanFindings): VersionPlan {
  if (facts.state !== 'received') return NOTHING
  const change: VersionChange = {
    sha256: found.sha256,
    detected_type: found.detected_type,
    scan_result: found.scan_result,
    scan_detail: found.scan_detail,
    ...(found.scanner && { scanner: found.scanner })
  }
  if (found.scan_result === 'infected') return hold(change, 'infected', 'uploader_and_firm')
  if (found.scan_result !== 'clean' && !facts.deliver_unscanned)
    return hold(change, found.scan_result, 'firm')
  return {
    change: { ...change, state: 'checked' },
    act: {
      action: 'version.checked',
      facts: { scan_result: found.scan_result, sha256: found.sha256, detected_type: found.detected_type }
    },
    next: 'preview',
    tell: null
  }
}

/**
 * Scanned again, because the scanner knows more than it did. What it finds now is held, whoever reads it; what nobody had
 * looked at is clean now. A version that is held already, or erased, stays as it is.
 */
export function afterRescan(facts: VersionFacts, found: ScanFindings): VersionPlan {
  if (!['checked', 'previewing', 'ready'].includes(facts.state)) return NOTHING
  const { scan_result, scan_detail, scanner } = found
  if (scan_result === 'infected')
    return hold({ scan_result, scan_detail, ...(scanner && { scanner }) }, 'infected', 'uploader_and_firm')
  if (scan_result === 'not_scanned' || !scanner) return NOTHING
  return { ...NOTHING, change: { ...(scan_result === 'clean' && { scan_result }), scanner } }
}

/** The scan gave up: nobody knows what is inside, so it waits for an administrator whatever the setting says. */
export function afterScanGaveUp(facts: VersionFacts, reason: string): VersionPlan {
  if (facts.state !== 'received') return NOTHING
  return hold({ scan_result: 'not_scanned', scan_detail: reason }, 'scan_failed', 'firm')
}

/** What one call of preview brought. `page_count` is null while it is not known. */
export type PreviewProgress = { page_count: number | null; pages_so_far: number }

/** Some pages are there and more will follow: they can be looked at now. */
export function afterSomePages(facts: VersionFacts, progress: PreviewProgress): VersionPlan {
  if (facts.state !== 'checked' && facts.state !== 'previewing') return NOTHING
  return {
    ...NOTHING,
    change: {
      ...(progress.pages_so_far > 0 && { state: 'previewing' }),
      ...(progress.page_count !== null && { page_count: progress.page_count })
    }
  }
}

/**
 * The preview has ended: complete, or with the reason why there are no (more) pages. Ready either way: the original is
 * there and can be downloaded by those who may.
 */
export function afterPreview(facts: VersionFacts, result: Preview, progress: PreviewProgress): VersionPlan {
  if (facts.state !== 'checked' && facts.state !== 'previewing') return NOTHING
  const pages = progress.page_count
  return {
    change: { state: 'ready', preview_result: result, ...(pages !== null && { page_count: pages }) },
    act:
      result === 'complete'
        ? { action: 'version.ready', facts: { pages: progress.pages_so_far } }
        : { action: 'version.not_previewed', facts: { reason: result, pages: progress.pages_so_far } },
    next: progress.pages_so_far > 0 ? 'index' : null,
    tell: null
  }
}

/**
 * Drawn again: files of its pages were lost, or the preview had been given up. It stays as ready as it was; pages that are
 * there are not spoken ill of because others could not be made this time.
 */
export function afterRedraw(facts: VersionFacts, result: Preview, progress: PreviewProgress): VersionPlan {
  if (facts.state === 'held') return NOTHING
  const { page_count, pages_so_far: pages } = progress
  const tells = result === 'complete' || pages === 0
  return {
    change: tells ? { preview_result: result, ...(page_count !== null && { page_count }) } : {},
    act: { action: 'version.redrawn', facts: { pages } },
    next: result === 'complete' ? 'index' : null,
    tell: null
  }
}

/** An administrator let it go: it is previewed as any other. Throws nothing; null when there is nothing to release. */
export function afterRelease(facts: VersionFacts): VersionPlan | null {
  if (facts.state !== 'held') return null
  return {
    change: { state: 'checked' },
    act: { action: 'version.released', facts: {} },
    next: 'preview',
    tell: null
  }
}
