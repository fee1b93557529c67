/** Node's SHA-256 in the shape that the AWS signer asks for; with a secret it is HMAC (RFC 2104). */
import { type Hash, type Hmac, createHash, createHmac } from 'node:crypto'

type Bytes = string | ArrayBuffer | ArrayBufferView

const bytesOf = (data: Bytes): string | Uint8Array => {
  if (typeof data === 'string') return data
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
}

export class Sha256 {
  readonly #secret: string | Uint8Array | null
  #state: Hash | Hmac

  constructor(secret?: Bytes) {
    this.#secret = secret === undefined ? null : bytesOf(secret)
    this.#state = this.#begin()
  }

  #begin(): Hash | Hmac {
    return this.#secret === null ? createHash('sha256') : createHmac('sha256', this.#secret)
  }

  update(data: Uint8Array): void {
    this.#state.update(data)
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#state.digest()))
  }

  reset(): void {
    this.#state = this.#begin()
  }
}
