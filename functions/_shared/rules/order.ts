/** Who may rename, move and throw away. Pure. */
import { type LEVELS, levelNumber } from '../contract/common.ts'

export type Held = {
  kind: 'document' | 'folder'
  level: (typeof LEVELS)[number]
  /** Whether the asker brought the document. */
  own: boolean
}

/** Whoever manages a thing; of a document also whoever brought it and may still contribute. */
export function mayTidy({ kind, level, own }: Held): boolean {
  if (levelNumber(level) >= levelNumber('manage')) return true
  return kind === 'document' && own && levelNumber(level) >= levelNumber('contribute')
}

/** A new place changes who inherits what: that is for whoever gives access. */
export const mayMove = ({ level }: Held): boolean => levelNumber(level) >= levelNumber('manage')
