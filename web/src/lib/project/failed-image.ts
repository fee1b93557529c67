/**
 * Calls `failed` when an image cannot be loaded, also when that happened before any script ran. An attribute of its own
 * (`onerror`) would be an inline handler in what the server sends, which the Content-Security-Policy refuses.
 */
export const onFailedImage =
  (failed: () => void) =>
  (image: HTMLImageElement): (() => void) => {
    if (image.complete && image.naturalWidth === 0) failed()
    image.addEventListener('error', failed)
    return () => image.removeEventListener('error', failed)
  }
