/** libheif-js describes its C functions only; this is what of its JavaScript is used here. */
declare module 'libheif-js/libheif-wasm/libheif-bundle.mjs' {
  type Pixels = { data: Uint8ClampedArray; width: number; height: number }
  export type Picture = {
    get_width: () => number
    get_height: () => number
    display: (into: Pixels, done: (made: Pixels | null) => void) => void
    free: () => void
  }
  export type Library = { HeifDecoder: new () => { decode: (bytes: Uint8Array) => Picture[] } }
  const start: (options: { print: () => void; printErr: () => void }) => Library | Promise<Library>
  export default start
}
