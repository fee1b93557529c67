/** What a key may do, in words. */
import type { Scope } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'

const NAMES: Record<Scope, () => string> = {
  read: m.keys_scope_read,
  upload: m.keys_scope_upload,
  write: m.keys_scope_write,
  share: m.keys_scope_share
}
const HINTS: Record<Scope, () => string> = {
  read: m.keys_scope_read_hint,
  upload: m.keys_scope_upload_hint,
  write: m.keys_scope_write_hint,
  share: m.keys_scope_share_hint
}

export const scopeName = (scope: Scope): string => NAMES[scope]()
export const scopeHint = (scope: Scope): string => HINTS[scope]()
