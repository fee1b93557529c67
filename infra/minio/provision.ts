/**
 * Makes a store ready for Portico: buckets, versions, lock, encryption, events, keys. As often as one likes.
 *
 *   node infra/minio/provision.ts < provision.json
 *
 * The runner runs it as a process of its own, so that the client's memory goes when it is done.
 */
import { Client, NotificationConfig, QueueConfig } from 'minio'
import { z } from 'zod'
import { ARCHIVES, DERIVED, DOCUMENTS, DROPS } from '../../functions/_shared/storage/buckets.ts'
import { makeUser } from './admin.ts'
import { POLICIES, STORE_KEYS } from './policies.ts'

const Key = z.object({ access_key_id: z.string(), secret_access_key: z.string() })
export const Provision = z.object({
  endpoint: z.url(),
  region: z.string(),
  root: Key,
  /** The users to make; null where the store has keys of its own (S3_ENDPOINT). */
  keys: z.record(z.enum(STORE_KEYS), Key).nullable(),
  /** Where created and removed objects are told; null: nobody is told, and reconciliation finds them. */
  webhook_arn: z.string().nullable(),
  /** Where reads of originals are told; null: nobody is told, and no delivery is proved. */
  access_arn: z.string().nullable().default(null)
})
export type Provision = z.infer<typeof Provision>

const EVENTS = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*']

/** Throws what the store answered when it refuses a step. */
export async function provision(wish: Provision): Promise<void> {
  const url = new URL(wish.endpoint)
  const client = new Client({
    endPoint: url.hostname,
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    useSSL: url.protocol === 'https:',
    region: wish.region,
    accessKey: wish.root.access_key_id,
    secretKey: wish.root.secret_access_key,
    pathStyle: true
  })
  for (const bucket of [DOCUMENTS, DERIVED, DROPS]) await makeBucket(client, bucket, wish)
  if (wish.keys)
    for (const name of STORE_KEYS) {
      const key = wish.keys[name]
      await makeUser(client, wish.root.secret_access_key, { ...key, policy: POLICIES[name] })
    }
}

async function makeBucket(client: Client, bucket: string, wish: Provision): Promise<void> {
  const isOriginals = bucket === DOCUMENTS
  if (!(await client.bucketExists(bucket)))
    await client.makeBucket(bucket, wish.region, { ObjectLocking: isOriginals })
  if (bucket !== DERIVED) await client.setBucketVersioning(bucket, { Status: 'Enabled' })
  await client.setBucketEncryption(bucket, {
    Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }]
  })
  if (wish.webhook_arn && bucket !== DERIVED) {
    const queue = new QueueConfig(wish.webhook_arn)
    for (const event of EVENTS) queue.addEvent(event)
    const config = new NotificationConfig()
    config.add(queue)
    if (isOriginals && wish.access_arn) {
      const access = new QueueConfig(wish.access_arn)
      access.addEvent('s3:ObjectAccessed:Get')
      config.add(access)
    }
    await client.setBucketNotification(bucket, config)
  }
  if (bucket === DERIVED && wish.access_arn) {
    // Of what is derived only ZIPs are handed out with a ticket: pages are told of nobody.
    const config = new NotificationConfig()
    const access = new QueueConfig(wish.access_arn)
    access.addEvent('s3:ObjectAccessed:Get')
    access.addFilterPrefix(ARCHIVES)
    config.add(access)
    await client.setBucketNotification(bucket, config)
  }
}

if (import.meta.main) {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  await provision(Provision.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))))
}
