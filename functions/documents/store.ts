/**
 * The store as this function uses it. The SDK adds 60 ms to a start, so it comes with the first call that needs it;
 * signing URLs does without.
 */
import { storeSecret } from '../_shared/config.ts'
import { once } from '../_shared/once.ts'
import { openSigner } from '../_shared/storage/sign.ts'

/** Signs uploads for browsers. */
export const uploadSigner = once(async () => {
  const key = storeSecret('store-app')
  return openSigner(key, key.public_endpoint)
})

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
