/**
 * The store as this function uses it. The SDK adds 60 ms to a start, so it comes with the first call that needs it;
 * signing URLs does without.
 */
import { storeSecret } from '../_shared/config.ts'
import { type GetWish, openSigner } from '../_shared/storage/sign.ts'

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

/** Signs uploads for browsers. */
export const uploadSigner = once(async () => {
  const key = storeSecret('store-app')
  return openSigner(key, key.public_endpoint)
})

/** Signs downloads for browsers, with a key of their own: the store's access log tells them from all else. */
const downloadSigner = once(async () => {
  const key = storeSecret('store-download')
  return openSigner(key, key.public_endpoint)
})
export const presignDownload = async (wish: GetWish): Promise<string> => (await downloadSigner()).get(wish)

/** Signs for our own functions, which stand beside the store. */
const innerSigner = once(async () => {
  const key = storeSecret('store-app')
  return openSigner(key, key.endpoint)
})
export const presignInner = async (wish: GetWish): Promise<string> => (await innerSigner()).get(wish)

/** The store's client and the modules that speak with it. */
export const openStore = once(async () => {
  const [{ storeClient }, objects, multipart, versions] = await Promise.all([
    import('../_shared/storage/client.ts'),
    import('../_shared/storage/objects.ts'),
    import('../_shared/storage/multipart.ts'),
    import('../_shared/storage/versions.ts')
  ])
  return { client: storeClient(storeSecret('store-app')), ...objects, ...multipart, ...versions }
})
