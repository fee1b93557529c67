/** What changed from one version to the next, in few words. Pure but for the reader's language. */
import * as m from '#lib/paraglide/messages.js'
import type { ListedVersion } from '#lib/contract.ts'
import { kindWord } from '../project/file-type.ts'
import { bytesText } from '../upload/browser/words.ts'

/** Size, type and number of pages where they are known; whether the bytes are the very same. */
export function changeWords(now: ListedVersion, before: ListedVersion): string[] {
  if (now.sha256 !== null && now.sha256 === before.sha256) return [m.versions_same({ no: before.no })]
  const words: string[] = []
  const [type, was] = [kindWord(now), kindWord(before)]
  if (type !== was) words.push(m.versions_change({ from: was, to: type }))
  if (now.size !== before.size)
    words.push(m.versions_change({ from: bytesText(before.size), to: bytesText(now.size) }))
  const known = now.page_count !== null && before.page_count !== null
  if (known && now.page_count !== before.page_count)
    words.push(m.versions_change_pages({ from: String(before.page_count), to: String(now.page_count) }))
  return words.length > 0 ? words : [m.versions_change_none()]
}

/** What the first version is, there being nothing before it. */
export function plainWords(version: ListedVersion): string[] {
  const pages = version.page_count
  return [kindWord(version), bytesText(version.size), ...(pages ? [m.versions_pages({ count: pages })] : [])]
}
