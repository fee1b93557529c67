/**
 * After the store was filled again from a copy of its buckets: a store gives every object a version id of its own, and
 * what the database says of a file names the one that it had. Points inbox, waiting jobs and versions at what was copied
 * back. Nothing that is at its place already is touched, so it may be run again.
 */
import type { S3Client } from '@aws-sdk/client-s3'
import type pg from 'pg'
import { DOCUMENTS, DROPS } from '../../functions/_shared/storage/buckets.ts'
import { type ListedVersion, type Place, listVersions } from '../../functions/_shared/storage/versions.ts'
import { readSums } from './check.ts'

export type Repinned = { documents: number; drops: number }

/** A file as the database knows it: by the newest word about its key. */
type Known = {
  key: string
  object_version_id: string
  /** Bytes; null: not told. */
  size: string | null
  sha256: string | null
}

/** What is said of these keys: of a document's by its version; of a drop's by the document that it became. */
const KNOWN = `
select distinct on (i.key) i.key, i.object_version_id, coalesce(v.size, i.size)::text as size, encode(v.sha256, 'hex') as sha256
  from inbox i
  left join version v on case $1 when 'portico-documents'
                              then v.object_key = i.key
                              else v.drop_key = i.key and v.drop_object_version_id = i.object_version_id end
 where i.bucket = $1 and i.kind = 'created' and i.key = any($2)
 order by i.key, v.object_version_id is not distinct from i.object_version_id desc, i.id desc`

/** One bucket after the other; the portal must not run meanwhile. */
export async function repin(client: pg.ClientBase, store: S3Client): Promise<Repinned> {
  return {
    documents: await repinBucket(client, store, DOCUMENTS),
    drops: await repinBucket(client, store, DROPS)
  }
}

async function repinBucket(client: pg.ClientBase, store: S3Client, bucket: string): Promise<number> {
  let count = 0
  for (let after: Place | null = null; ;) {
    const { versions, next } = await listVersions(store, bucket, { after })
    const there = Map.groupBy(
      versions.filter((one) => one.kind === 'created'),
      (one) => one.key
    )
    const { rows } = await client.query<Known>(KNOWN, [bucket, [...there.keys()]])
    for (const known of rows)
      if (await repinOne(client, store, bucket, known, there.get(known.key) ?? [])) count += 1
    if (next === null) return count
    after = next
  }
}

async function repinOne(
  client: pg.ClientBase,
  store: S3Client,
  bucket: string,
  known: Known,
  there: ListedVersion[]
): Promise<boolean> {
  if (there.some((one) => one.object_version_id === known.object_version_id)) return false
  for (const one of there) {
    if (known.size !== null && one.size !== Number(known.size)) continue
    if (known.sha256 !== null && (await readSums(store, { bucket, ...one })).sha256 !== known.sha256) continue
    await move(client, bucket, known, one.object_version_id)
    return true
  }
  return false
}

/** All that names the old id names the new one, or nothing does. */
async function move(client: pg.ClientBase, bucket: string, known: Known, id: string): Promise<void> {
  const values = [known.key, known.object_version_id, id]
  const [pinned, key] =
    bucket === DOCUMENTS ? ['object_version_id', 'object_key'] : ['drop_object_version_id', 'drop_key']
  await client.query('begin')
  try {
    await client.query(`update version set ${pinned} = $3 where ${key} = $1 and ${pinned} = $2`, values)
    await client.query(
      `update inbox set object_version_id = $3
        where key = $1 and object_version_id = $2 and kind = 'created' and bucket = $4`,
      [...values, bucket]
    )
    await client.query(
      `update job set unique_key = $1 || ' ' || $3, data = data || jsonb_build_object('object_version_id', $3::text)
        where kind in ('arrive', 'adopt') and state in ('ready', 'active', 'dead') and unique_key = $1 || ' ' || $2`,
      values
    )
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}
