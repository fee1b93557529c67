/** Is the file that was picked the one that was begun? */

type Begun = { name: string; size: number; head_sha256: string | null }
export type Mismatch = 'name' | 'size' | 'content'

/** The name without the " (2)" that the portal adds when a folder has two files of one name. */
function plain(name: string): string {
  return name.normalize('NFC').replace(/ \(\d+\)(?=\.[^.]*$|$)/, '')
}

/**
 * What tells the picked file from the begun one, or null when they are the same by name, size and first MiB.
 * A renamed file of the same bytes is not accepted: who picks something else by mistake has to hear it.
 */
export function mismatch(
  begun: Begun,
  picked: { name: string; size: number; head_sha256: string }
): Mismatch | null {
  if (plain(begun.name) !== plain(picked.name)) return 'name'
  if (begun.size !== picked.size) return 'size'
  if (begun.head_sha256 !== null && begun.head_sha256 !== picked.head_sha256) return 'content'
  return null
}
