/** What the pool and its workers say to each other. */
import type { z } from 'zod'
import type { PreviewResult } from '../_shared/contract/document.ts'
import type { MemoryCells } from '../_shared/pdf/memory.ts'
import type { Way } from '../_shared/rules/file-type.ts'

export type Drawn = {
  width: number
  height: number
  /** JPEG, as is the thumbnail. */
  image: Uint8Array
  thumbnail: Uint8Array
  /** PageText as JSON, null without words. As bytes: a thousand small objects from thread to thread cost a millisecond. */
  text: Uint8Array<ArrayBuffer> | null
}

/** `page` null: the document has no such page. */
export type Answer = { page_count: number; page: Drawn | null }

/** How a file's pages are drawn; office files have become PDF by then. */
export type DrawnBy = Exclude<Way, 'office'>
export type Ask = { kind: DrawnBy; path: string; no: number }
/** Close the document: its file is to be gone from the disk. */
export type LetGo = { kind: 'let_go'; path: string }

export type Failure = Exclude<z.infer<typeof PreviewResult>, 'complete'>
export type Reply = { answer: Answer } | { failed: { result: Failure; reason: string; whole: boolean } }
/** The page's pixels are out of PDFium's hands: the worker can draw the next one while they become a JPEG. */
export const DRAWN = 'drawn'

/** What a worker is given at its start. `cell` is its own. */
export type WorkerData = { cells: MemoryCells; cell: number; limit: number }

/** A page cannot be shown; `whole`: nor can any other of the document. */
export class PageFailed extends Error {
  readonly result: Failure
  readonly reason: string
  readonly whole: boolean
  constructor(result: Failure, reason: string, whole: boolean) {
    super(`${result}: ${reason}`)
    this.name = 'PageFailed'
    this.result = result
    this.reason = reason
    this.whole = whole
  }
}
