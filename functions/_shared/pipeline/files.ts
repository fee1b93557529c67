/** The store as the pipeline uses it: one client, and presigned URLs of exactly one job's input and outputs. */
import type { S3Client } from '@aws-sdk/client-s3'
import type { JobInput, OutputSlot } from '../contract/job.ts'
import type { StoreSecret } from '../config.ts'
import { DERIVED, DOCUMENTS, storeClient } from '../storage/client.ts'
import { listKeys } from '../storage/objects.ts'
import { type Signer, openSigner } from '../storage/sign.ts'
import type { Deps } from './kind.ts'
import type { VersionRow } from './version-row.ts'

/** Seconds that a job's URLs outlive its call: the last page may be written at the last moment. */
const GRACE = 30

const clients = new WeakMap<StoreSecret, S3Client>()
const signers = new WeakMap<StoreSecret, Promise<Signer>>()

/** The process's one client of this key. */
export function clientOf(store: StoreSecret): S3Client {
  const client = clients.get(store) ?? storeClient(store)
  clients.set(store, client)
  return client
}

/** Functions stand beside the store, so their URLs are signed for its inner address. */
function signerOf(store: StoreSecret): Promise<Signer> {
  const signer = signers.get(store) ?? openSigner(store, store.endpoint)
  signers.set(store, signer)
  return signer
}

/** A version as a function gets to see it: one object, one version of it, for as long as the call may take. */
export async function presignInput(deps: Deps, version: VersionRow, seconds: number): Promise<JobInput> {
  const signer = await signerOf(deps.store)
  return {
    url: await signer.get({
      bucket: DOCUMENTS,
      key: version.object_key,
      version_id: version.object_version_id,
      seconds: seconds + GRACE
    }),
    size: version.size,
    name: version.name,
    declared_type: version.declared_type
  }
}

/** Places for a call's outputs in the derived bucket. */
export async function presignOutputs(
  deps: Deps,
  wanted: Omit<OutputSlot, 'url'>[],
  seconds: number
): Promise<OutputSlot[]> {
  const signer = await signerOf(deps.store)
  return Promise.all(
    wanted.map(async (slot) => ({
      ...slot,
      url: await signer.put({ bucket: DERIVED, key: slot.key, seconds: seconds + GRACE })
    }))
  )
}

/** What has arrived below a prefix of the derived bucket. */
export const arrivedKeys = (deps: Deps, prefix: string): Promise<Set<string>> =>
  listKeys(clientOf(deps.store), DERIVED, prefix)
