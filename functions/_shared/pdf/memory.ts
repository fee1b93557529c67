/** A limit on what PDFium may take, kept by all worker threads of a process together. */

/** Bytes of a page of WebAssembly memory. */
const WASM_PAGE = 65_536

/** One cell a thread: bytes in units of WASM_PAGE by which its WebAssembly memory grew. */
export type MemoryCells = Int32Array<SharedArrayBuffer>

export const memoryCells = (threads: number): MemoryCells =>
  new Int32Array(new SharedArrayBuffer(threads * Int32Array.BYTES_PER_ELEMENT))

export const bytesOf = (cells: MemoryCells, cell: number): number => Atomics.load(cells, cell) * WASM_PAGE

let refused = false

/**
 * Lets WebAssembly memory of this thread grow only while all threads together stay within `limit` bytes: a bomb takes
 * gigabytes between two looks of any watchdog. A refused growth is an ordinary failed malloc to PDFium.
 * Emscripten grows by `Memory.prototype.grow` and offers no hook of its own.
 */
export function limitWasmMemory(cells: MemoryCells, own: number, limit: number): void {
  const grow = WebAssembly.Memory.prototype.grow
  WebAssembly.Memory.prototype.grow = function (this: WebAssembly.Memory, pages: number) {
    Atomics.add(cells, own, pages)
    const all = cells.reduce((sum, _, cell) => sum + bytesOf(cells, cell), 0)
    if (all <= limit) return grow.call(this, pages)
    Atomics.sub(cells, own, pages)
    refused = true
    throw new RangeError('no more memory for this page')
  } as typeof grow
}

/** Whether growth was refused since the last question: then what was drawn is not to be trusted. */
export function wasRefused(): boolean {
  const was = refused
  refused = false
  return was
}
