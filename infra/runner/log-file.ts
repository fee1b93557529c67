/** A log that cannot fill the disk: at a size it becomes NAME.1 and begins anew. */
import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import type { Readable } from 'node:stream'

/** Bytes of one file; there are at most two. */
const LIMIT = 8 * 1024 * 1024

export class LogFile {
  readonly #path: string
  #file: number
  #size: number

  constructor(path: string) {
    this.#path = path
    this.#size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    this.#file = openSync(path, 'a', 0o600)
  }

  /** Never throws: a full disk must not end the portal. */
  write(chunk: Buffer | string): void {
    if (this.#file < 0) return
    const bytes = Buffer.from(chunk)
    try {
      if (this.#size + bytes.length > LIMIT) this.#turn()
      this.#size += bytes.length
      writeSync(this.#file, bytes)
    } catch {
      // What was to be said is lost.
    }
  }

  #turn(): void {
    renameSync(this.#path, `${this.#path}.1`)
    closeSync(this.#file)
    this.#file = openSync(this.#path, 'a', 0o600)
    this.#size = 0
  }

  /** Everything that the stream says, as it comes. */
  take(stream: Readable | null): void {
    stream?.on('data', (chunk: Buffer) => this.write(chunk))
  }

  async close(): Promise<void> {
    if (this.#file >= 0) closeSync(this.#file)
    this.#file = -1
  }
}
