/** The store's keys and what each may do: nobody more than its work needs, nobody past a retention. */
import { DERIVED, DOCUMENTS, DROPS } from '../../functions/_shared/storage/buckets.ts'

type Statement = { Effect: 'Allow' | 'Deny'; Action: string[]; Resource: string[] }
export type Policy = { Version: '2012-10-17'; Statement: Statement[] }

const READ = ['s3:GetObject', 's3:GetObjectVersion']
const SEND = ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts']
const LIST = [
  's3:ListBucket',
  's3:ListBucketVersions',
  's3:ListBucketMultipartUploads',
  's3:GetBucketLocation'
]
const DELETE = ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:AbortMultipartUpload']

const inside = (actions: string[], ...buckets: string[]): Statement => ({
  Effect: 'Allow',
  Action: actions,
  Resource: buckets.map((bucket) => `arn:aws:s3:::${bucket}/*`)
})
const on = (actions: string[], ...buckets: string[]): Statement => ({
  Effect: 'Allow',
  Action: actions,
  Resource: buckets.map((bucket) => `arn:aws:s3:::${bucket}`)
})
const policy = (...statements: Statement[]): Policy => ({ Version: '2012-10-17', Statement: statements })

/** By the name of the secret that holds the key. */
export const POLICIES = {
  /** documents: signs and joins uploads, looks at what arrived. */
  'store-app': policy(
    inside([...READ, ...SEND], DOCUMENTS),
    inside(READ, DERIVED),
    // One listing tells of hundreds of uploads; and without it a HEAD of what is not there is 403 instead of 404.
    on(LIST, DOCUMENTS)
  ),
  /** documents: signs downloads; a key of its own, so that the store's access events show them apart. */
  'store-download': policy(inside(READ, DOCUMENTS, DERIVED)),
  /** connector: signs the parsers' inputs and outputs, adopts what lies in drops. */
  'store-pipeline': policy(
    inside(READ, DOCUMENTS, DERIVED, DROPS),
    inside(SEND, DOCUMENTS, DERIVED),
    on(LIST, DOCUMENTS, DERIVED, DROPS)
  ),
  /** clock: compares store and inbox; the only one that may delete. */
  'store-clock': policy(
    inside([...READ, ...DELETE, 's3:ListMultipartUploadParts'], DOCUMENTS, DERIVED, DROPS),
    on(LIST, DOCUMENTS, DERIVED, DROPS)
  ),
  /** documents: lends it for an hour at most to machines that bring files with S3 tools, cut down to their own prefix. */
  'store-drops': policy(
    inside(['s3:GetObject', ...SEND], DROPS),
    on(['s3:ListBucket', 's3:GetBucketLocation'], DROPS)
  )
} satisfies Record<string, Policy>

export type StoreKey = keyof typeof POLICIES
export const STORE_KEYS: readonly StoreKey[] = [
  'store-app',
  'store-download',
  'store-pipeline',
  'store-clock',
  'store-drops'
]
