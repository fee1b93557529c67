/** Whether a store is still as provision.ts made it: what somebody changed by hand since is found here, not by a loss. */
import { Client } from 'minio'
import { DERIVED, DOCUMENTS, DROPS } from '../../functions/_shared/storage/buckets.ts'

/**
 * What is missing, in words; nothing where all is well. Throws what the store answered.
 *
 * @param is_told whether the store tells the portal of what happens in it
 */
export async function missingIn(
  endpoint: string,
  root: { user: string; password: string },
  is_told: boolean
): Promise<string[]> {
  const { hostname, port } = new URL(endpoint)
  const key = { accessKey: root.user, secretKey: root.password }
  const client = new Client({ endPoint: hostname, port: Number(port), useSSL: false, ...key })
  const found = []
  for (const bucket of [DOCUMENTS, DERIVED, DROPS]) found.push(...(await missingOf(client, bucket, is_told)))
  return found
}

async function missingOf(client: Client, bucket: string, is_told: boolean): Promise<string[]> {
  if (!(await client.bucketExists(bucket))) return [`${bucket} is not there`]
  const missing = []
  const { Status } = await client.getBucketVersioning(bucket)
  if (bucket !== DERIVED && Status !== 'Enabled') missing.push('versions')
  if (bucket === DOCUMENTS && !(await isThere(() => client.getObjectLockConfig(bucket))))
    missing.push('its lock')
  if (!(await isThere(() => client.getBucketEncryption(bucket)))) missing.push('encryption')
  const { QueueConfiguration } = await client.getBucketNotification(bucket)
  if (is_told && QueueConfiguration.length === 0) missing.push('events')
  return missing.map((what) => `${bucket} has lost ${what}`)
}

/** The store answers with an error where a setting was never made. */
async function isThere(ask: () => unknown): Promise<boolean> {
  try {
    await ask()
    return true
  } catch {
    return false
  }
}
