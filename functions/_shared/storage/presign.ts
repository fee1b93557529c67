/** Signers of the store's URLs, made with the first call that needs one. */
import { storeSecret } from '../config.ts'
import { once } from '../once.ts'
import { type GetWish, openSigner } from './sign.ts'

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
