/** A version's state as a word and an icon. Pure. */
import * as m from '#lib/paraglide/messages.js'
import type { Version } from '#lib/contract.ts'

export type Shown = { kind: 'done' | 'working' | 'waiting' | 'danger' | 'warn'; word: string }

/** Not checked for viruses is said even when all else is ready: nobody shall take it for clean. */
export function shownState(version: Pick<Version, 'state' | 'scan_result' | 'preview_result'>): Shown {
  switch (version.state) {
    case 'received':
      return { kind: 'working', word: m.document_state_received() }
    case 'checked':
      return { kind: 'working', word: m.document_state_checked() }
    case 'previewing':
      return { kind: 'working', word: m.document_state_previewing() }
    case 'held':
      return { kind: 'danger', word: m.document_state_held() }
    case 'ready':
      if (version.scan_result !== 'clean') return { kind: 'warn', word: m.document_state_not_scanned() }
      if (version.preview_result !== 'complete') return { kind: 'done', word: m.document_state_no_preview() }
      return { kind: 'done', word: m.document_state_ready() }
  }
}

export function scanText(version: Pick<Version, 'scan_result'>): string {
  switch (version.scan_result) {
    case 'clean':
      return m.document_scan_clean()
    case 'infected':
      return m.document_scan_infected()
    case 'not_scanned':
      return m.document_scan_not_scanned()
    case 'too_large':
      return m.document_scan_too_large()
    case null:
      return m.document_scan_pending()
  }
}
