/** A log that cannot fill the disk: at a size it becomes NAME.1 and begins anew. */
import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs'
import type { Readable } from 'node:stream'

/** Bytes of one file; there are at most two. */
const LIMIT = 8 * 1024 * 1024

export class LogFile {
  readonly #path: string
  #stream: WriteStream
  #size: number

  constructor(path: string) {
    this.#path = path
    this.#size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    this.#stream = this.#open()
  }

  #open(): WriteStream {
    const stream = createWriteStream(this.#path, { flags: 'a', mode: 0o600 })
    stream.on('error', () => undefined) // a full disk must not end the portal
    return stream
  }

  write(chunk: Buffer | string): void {
    this.#size += chunk.length
    if (this.#size > LIMIT) {
      this.#stream.end()
      try {
        renameSync(this.#path, `${this.#path}.1`)
      } catch {
        // Somebody took the file away; a new one is made below.
      }
      this.#stream = this.#open()
      this.#size = chunk.length
    }
    this.#stream.write(chunk)
  }

  /** Everything that the stream says, as it comes. */
  take(stream: Readable | null): void {
    stream?.on('data', (chunk: Buffer) => this.write(chunk))
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(resolve))
  }
}
