/** The store's listing of versions, a page at a time: memory stays flat however many there are. */
import { AbortMultipartUploadCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3'
import { MANY } from './patience.ts'

export type ListedVersion = {
  key: string
  object_version_id: string
  /** `removed`: a delete marker. */
  kind: 'created' | 'removed'
  /** Bytes; null for markers. */
  size: number | null
  modified_at: Date
}

/** Where the next page begins. */
export type Place = { key: string; object_version_id: string | null }

/** One page (at most 1,000) of the versions below a prefix after a place, in byte order of their keys. */
export async function listVersions(
  client: S3Client,
  bucket: string,
  options: { prefix?: string; after?: Place | null } = {}
): Promise<{ versions: ListedVersion[]; next: Place | null }> {
  const page = await client.send(
    new ListObjectVersionsCommand({
      Bucket: bucket,
      Prefix: options.prefix,
      KeyMarker: options.after?.key,
      VersionIdMarker: options.after?.object_version_id ?? undefined,
      EncodingType: 'url'
    }),
    { requestTimeout: MANY }
  )
  const entry =
    (kind: ListedVersion['kind']) =>
    (one: { Key?: string; VersionId?: string; Size?: number; LastModified?: Date }): ListedVersion => ({
      key: decode(one.Key ?? ''),
      object_version_id: one.VersionId ?? 'null',
      kind,
      size: kind === 'created' ? (one.Size ?? 0) : null,
      modified_at: one.LastModified ?? new Date(0)
    })
  return {
    versions: [
      ...(page.Versions ?? []).map(entry('created')),
      ...(page.DeleteMarkers ?? []).map(entry('removed'))
    ],
    next: page.IsTruncated
      ? { key: decode(page.NextKeyMarker ?? ''), object_version_id: page.NextVersionIdMarker ?? null }
      : null
  }
}

/** With `EncodingType: url` the store encodes keys as in a query; XML could not carry every character. */
const decode = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '))

/** Lets the parts of an upload go. Nothing happens when there is no such upload. */
export async function abortMultipart(
  client: S3Client,
  bucket: string,
  key: string,
  id: string
): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: id }))
  } catch (error) {
    if (!(error instanceof Error && error.name === 'NoSuchUpload')) throw error
  }
}
