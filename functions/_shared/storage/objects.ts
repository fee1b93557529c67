/** Objects as the pipeline handles them, from inside: heads, short listings, server-side copies. */
import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
  S3ServiceException
} from '@aws-sdk/client-s3'
import { COPY } from './patience.ts'

export type ObjectHead = {
  object_version_id: string
  /** Bytes. */
  size: number
  content_type: string
  /** By the store's clock. */
  written_at: Date
}

const status = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined

/** What is known of one version of a key (of the newest without one); null when it is not there. */
export async function headObject(
  client: S3Client,
  bucket: string,
  key: string,
  object_version_id?: string
): Promise<ObjectHead | null> {
  try {
    const head = await client.send(
      new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: object_version_id })
    )
    return {
      object_version_id: head.VersionId ?? 'null',
      size: head.ContentLength ?? 0,
      content_type: head.ContentType ?? 'application/octet-stream',
      written_at: head.LastModified ?? new Date()
    }
  } catch (error) {
    // 405: that version is a delete marker; 400: no version of the store's could be called that.
    if ([400, 404, 405].includes(status(error) ?? 0)) return null
    throw error
  }
}

/** Keys below a prefix, at most 1,000. */
export async function listKeys(client: S3Client, bucket: string, prefix: string): Promise<Set<string>> {
  const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }))
  return new Set((page.Contents ?? []).flatMap((entry) => (entry.Key ? [entry.Key] : [])))
}

/** Deletes what is at a key of a bucket without versions. Nothing happens when nothing is there. */
export async function deleteObject(client: S3Client, bucket: string, key: string): Promise<void> {
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
}

/**
 * Copies one version inside the store to a key that must not exist yet.
 *
 * @returns the copy's version; null when the key is already taken (an earlier attempt of ours: look at it)
 */
export async function copyVersion(
  client: S3Client,
  from: { bucket: string; key: string; object_version_id: string },
  to: { bucket: string; key: string }
): Promise<string | null> {
  const source = `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`
  try {
    const copied = await client.send(
      new CopyObjectCommand({
        Bucket: to.bucket,
        Key: to.key,
        CopySource: `${source}?versionId=${encodeURIComponent(from.object_version_id)}`,
        IfNoneMatch: '*'
      }),
      { requestTimeout: COPY }
    )
    return copied.VersionId ?? 'null'
  } catch (error) {
    if (status(error) === 412) return null
    throw error
  }
}

/** The bytes of one version (of the newest without one) as a stream. Throws when it is not there or the store is away. */
export async function getObject(
  client: S3Client,
  from: { bucket: string; key: string; object_version_id?: string },
  signal: AbortSignal
): Promise<Readable> {
  const found = await client.send(
    new GetObjectCommand({ Bucket: from.bucket, Key: from.key, VersionId: from.object_version_id }),
    { abortSignal: signal }
  )
  if (!(found.Body instanceof Readable)) throw new Error('the store gave no stream')
  return found.Body
}
