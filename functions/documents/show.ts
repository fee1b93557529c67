/** Documents as they are answered. */
import type { Document } from '../_shared/contract/document.ts'
import type { StoredDocument } from '../_shared/db/document.ts'
import { nameMatchesType } from '../_shared/rules/file-type.ts'

export const show = (document: StoredDocument): Document => ({
  ...document,
  version: {
    ...document.version,
    name_matches_type: nameMatchesType(document.name, document.version.detected_type)
  }
})
