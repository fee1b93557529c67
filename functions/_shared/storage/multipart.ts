/** Uploads in parts (S3 multipart): begun and joined by us, the parts sent by browsers to URLs from sign.ts. */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand
} from '@aws-sdk/client-s3'
import { COPY, PART } from './patience.ts'

/** A part that has arrived; sent twice, the last one counts. `size` in bytes. */
export type StoredPart = { number: number; size: number; etag: string }

/** Begins an upload in parts; the store's id of it. */
export async function beginMultipart(
  client: S3Client,
  bucket: string,
  key: string,
  content_type: string
): Promise<string> {
  const begun = await client.send(
    new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: content_type })
  )
  if (!begun.UploadId) throw new Error('the store gave no upload id')
  return begun.UploadId
}

/** Sends one part from here; the store's ETag of it. */
export async function putPart(
  client: S3Client,
  at: { bucket: string; key: string; id: string; number: number },
  body: Buffer
): Promise<string> {
  const sent = await client.send(
    new UploadPartCommand({
      Bucket: at.bucket,
      Key: at.key,
      UploadId: at.id,
      PartNumber: at.number,
      Body: body
    }),
    { requestTimeout: PART }
  )
  return sent.ETag ?? ''
}

/** The parts that have arrived, in order; null when the upload is no longer open. */
export async function listParts(
  client: S3Client,
  bucket: string,
  key: string,
  id: string
): Promise<StoredPart[] | null> {
  const found: StoredPart[] = []
  let marker: string | undefined
  try {
    do {
      const page = await client.send(
        new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: id, PartNumberMarker: marker })
      )
      for (const { PartNumber, Size, ETag } of page.Parts ?? [])
        found.push({ number: PartNumber ?? 0, size: Size ?? 0, etag: ETag ?? '' })
      marker = page.IsTruncated ? page.NextPartNumberMarker : undefined
    } while (marker)
  } catch (error) {
    if (isNamed(error, 'NoSuchUpload')) return null
    throw error
  }
  return found
}

/**
 * Joins the parts, only where nothing is at the key yet (`If-None-Match: *`).
 *
 * @returns the version that was made; null when somebody completed or aborted it before: look at the key
 */
export async function completeMultipart(
  client: S3Client,
  bucket: string,
  key: string,
  id: string,
  parts: Pick<StoredPart, 'number' | 'etag'>[]
): Promise<string | null> {
  try {
    const done = await client.send(
      new CompleteMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        UploadId: id,
        IfNoneMatch: '*',
        MultipartUpload: { Parts: parts.map((part) => ({ PartNumber: part.number, ETag: part.etag })) }
      }),
      { requestTimeout: COPY }
    )
    return done.VersionId ?? 'null'
  } catch (error) {
    if (isNamed(error, 'PreconditionFailed') || isNamed(error, 'NoSuchUpload')) return null
    throw error
  }
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name
