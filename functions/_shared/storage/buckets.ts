/** The three buckets and their keys. Apart from client.ts, which brings the SDK along. */

/** Originals. Versioned, locked where a rule asks; one immutable key per version. */
export const DOCUMENTS = 'portico-documents'
/** Made of originals: can be thrown away and made again. */
export const DERIVED = 'portico-derived'
/** What S3 clients bring: `<project>/key-<API key>/<path>`; by the operator's own hand `<project>/<path>`. */
export const DROPS = 'portico-drops'

/** Where the sessions of an API key write, and nobody else's: one machine does not see what another brings. */
export const dropPrefix = (project_id: string, key_id: string): string => `${project_id}/key-${key_id}/`
const BY_KEY = /^key-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/
/** The API key that the second segment of a drop's key names; null: none. */
export const keyOfDrop = (segment: string): string | null => BY_KEY.exec(segment)?.[1] ?? null

/** Bytes: S3 copies no more in one request (CopyObject). */
export const MAX_COPY = 5 * 1024 ** 3

/** The key of a version's original. */
export const originalKey = (document_id: string, version_id: string): string => `${document_id}/${version_id}`

/** Below it the ZIPs that were ordered, in the derived bucket: each in a folder of its own with what its making leaves. */
export const ARCHIVES = 'archives/'
export const archivePrefix = (archive_id: string): string => `${ARCHIVES}${archive_id}/`
export const archiveKey = (archive_id: string): string => `${archivePrefix(archive_id)}archive.zip`
