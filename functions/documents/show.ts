/** Documents as they are answered. */
import type { Document, ListedVersion } from '../_shared/contract/document.ts'
import type { StoredDocument, StoredVersion } from '../_shared/db/document.ts'
import { nameMatchesType } from '../_shared/rules/file-type.ts'

export const show = (document: StoredDocument): Document => ({
  ...document,
  version: {
    ...document.version,
    name_matches_type: nameMatchesType(document.name, document.version.detected_type)
  }
})

export const showVersion = (name: string, version: StoredVersion): ListedVersion => ({
  ...version,
  name_matches_type: nameMatchesType(name, version.detected_type)
})
