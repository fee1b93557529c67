/** Whether what an API key's session wrote into the drop bucket becomes a document, as far as the key goes. Pure. */

export type SenderKey = {
  scopes: string[]
  project_id: string | null
  expires_at: Date
  revoked_at: Date | null
}

/**
 * What lay there before the key was revoked is good: how busy the portal is decides nothing.
 *
 * @param written_at by the store's clock, which tells whole seconds; what was written in the key's last second is refused
 * @returns null when it counts; else why not
 */
export function refuseSender(
  key: SenderKey | null,
  project_id: string,
  written_at: Date
): 'key_unknown' | 'key_revoked' | 'key_expired' | 'key_not_for_this' | null {
  if (!key) return 'key_unknown'
  const at_latest = new Date(written_at.getTime() + 1_000)
  if (key.revoked_at !== null && key.revoked_at < at_latest) return 'key_revoked'
  if (key.expires_at < at_latest) return 'key_expired'
  const reaches = key.project_id === null || key.project_id === project_id
  return reaches && key.scopes.includes('upload') ? null : 'key_not_for_this'
}
