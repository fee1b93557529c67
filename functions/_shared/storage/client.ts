/** The S3 client as our store wants it. */
import { S3Client } from '@aws-sdk/client-s3'
import type { StoreSecret } from '../config.ts'
import { ANSWER, COPY, limits } from './patience.ts'

export { DERIVED, DOCUMENTS, DROPS } from './buckets.ts'

/**
 * @param side `inner`: the address that our own processes use; `public`: the origin by which browsers reach the store,
 *   for presigned URLs only
 */
export function storeClient(secret: StoreSecret, side: 'inner' | 'public' = 'inner'): S3Client {
  return new S3Client({
    endpoint: side === 'inner' ? secret.endpoint : secret.public_endpoint,
    region: secret.region,
    forcePathStyle: true,
    credentials: {
      accessKeyId: secret.access_key_id,
      secretAccessKey: secret.secret_access_key,
      sessionToken: secret.session_token
    },
    // Else the presigner bakes the checksum of the empty body into URLs and no PUT fits them.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 2,
    requestHandler: limits(ANSWER, COPY)
  })
}
