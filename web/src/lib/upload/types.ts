/** What the upload engine is made of. Types only. */
import type { Document, NewUploadFile, Receipt, Upload, UploadProgress } from '../contract.ts'

/**
 * waiting: not yet known to the portal · queued: created · sending · finishing: all bytes are there, being completed ·
 * received · paused · failed · needs_file: left over from before a reload, the browser has no file for it.
 */
export type Phase =
  'waiting' | 'queued' | 'sending' | 'finishing' | 'received' | 'paused' | 'failed' | 'needs_file'

export type FailureCode =
  | 'unreadable' // the file is gone or changed on disk
  | 'too_large'
  | 'bad_name'
  | 'forbidden'
  | 'refused' // the store does not take it, repeatedly
  | 'mismatch' // what arrived is not what was announced
  | 'gone' // the upload was swept or cancelled elsewhere
  | 'problem' // anything else the portal said; detail has its words

export type Failure = { code: FailureCode; detail: string | null }

/** A file picked or dropped. `path` are the folders above it inside the drop ("2025/Belege"). */
export type Picked = {
  file: File
  path: string
  handle?: FileSystemFileHandle
  /** It is a new version of this document. */
  document_id?: string
}

/** One file on its way. */
export type Task = {
  readonly key: number
  readonly folder_id: string
  readonly project_id: string
  readonly path: string
  readonly name: string
  readonly size: number
  /** The document that it is a new version of. */
  readonly document_id: string | null
  file: File | null
  handle: FileSystemFileHandle | null
  head_sha256: string | null
  upload: Upload | null
  phase: Phase
  failure: Failure | null
  document: Arrived | null
  /** Part numbers that are in the store. */
  done: Set<number>
  /** Bytes of `done`. */
  done_bytes: number
  /** Part number → bytes sent so far, of the requests in flight. */
  doing: Map<number, number>
  urls: Map<number, string>
  refusals: number
  /** Aborts the requests in flight; a new one for each stretch between pauses. */
  stop: AbortController
}

/** The portal's own calls. Each rejects with CallError. */
export type Calls = {
  create(folder_id: string, files: NewUploadFile[], idempotency_key: string): Promise<Upload[]>
  partUrls(id: string, numbers: number[]): Promise<Map<number, string>>
  progress(id: string): Promise<UploadProgress>
  complete(ids: string[]): Promise<Receipt>
  remove(id: string): Promise<void>
}

/** Sends one body. Resolves with the store's status; 0: no answer. Never rejects but with the signal's reason. */
export type Put = (
  url: string,
  body: Blob,
  onProgress: (bytes: number) => void,
  signal: AbortSignal
) => Promise<number>

/** fine · offline: the browser says so · away: portal or store do not answer · signed_out: the session ended. */
export type Sky = 'fine' | 'offline' | 'away' | 'signed_out'

/** What arrived, in the words of all calls that completed something. */
export type Arrival = Pick<Receipt, 'received_at' | 'seen_by' | 'seen_by_more'> & { documents: Arrived[] }

/** A document, and as which of its versions a file arrived. */
export type Arrived = Document & { arrived_no: number }

export type Totals = {
  files: number
  received: number
  failed: number
  needs_file: number
  paused: number
  /** Files that still have something to do by themselves. */
  open: number
  bytes: number
  sent: number
}
