/**
 * Whether a restored database and a restored store say the same: each version's bytes have the hash that the database
 * has of them, and the log's numbers go from one to the last without a gap, each row with the hash of its bytes.
 */
import { createHash } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'
import type pg from 'pg'
import { DOCUMENTS } from '../../functions/_shared/storage/buckets.ts'
import { getObject } from '../../functions/_shared/storage/objects.ts'

export type Missing = {
  version_id: string
  document_id: string
  no: number
  name: string
  /** `missing`: not there; `altered`: other bytes; `unreadable`: the store could not read it. */
  why: 'missing' | 'altered' | 'unreadable'
}

export type Checked = { versions: number; bytes: number; unhashed: number; missing: Missing[] }

export type VersionRow = {
  id: string
  document_id: string
  no: number
  name: string
  object_key: string
  object_version_id: string
  size: string
  sha256: string | null
}

const VERSIONS = `
select v.id, v.document_id, v.no, d.name, v.object_key, v.object_version_id, v.size::text as size,
       encode(v.sha256, 'hex') as sha256
  from version v join document d on d.id = v.document_id
 where v.erased_at is null`

/** Read side by side: the store and the hashing are both waited for. */
const AT_ONCE = 4
const BATCH = 500

/** Looks at every version that is not erased. */
export async function checkObjects(
  client: pg.ClientBase,
  store: S3Client,
  on_version: (done: number) => void = () => {}
): Promise<Checked> {
  const sum: Checked = { versions: 0, bytes: 0, unhashed: 0, missing: [] }
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows } = await client.query<VersionRow>(
      `${VERSIONS} and v.id > $1 order by v.id limit ${BATCH}`,
      [after]
    )
    await checkVersions(rows, store, sum, on_version)
    if (rows.length < BATCH) return sum
    after = rows.at(-1)?.id ?? after
  }
}

/** Some versions, taken by chance among those that have a hash. */
export const sampleVersions = async (client: pg.ClientBase, count: number): Promise<VersionRow[]> =>
  (await client.query<VersionRow>(`${VERSIONS} and v.sha256 is not null order by random() limit $1`, [count]))
    .rows

/** Reads these versions' bytes and adds what it found to `sum`. */
export async function checkVersions(
  versions: VersionRow[],
  store: S3Client,
  sum: Checked,
  on_version: (done: number) => void = () => {}
): Promise<void> {
  const waiting = versions.values()
  const work = async () => {
    for (const version of waiting) {
      const why = await checkOne(version, store)
      sum.versions += 1
      sum.bytes += Number(version.size)
      if (version.sha256 === null) sum.unhashed += 1
      if (why !== null) {
        const { id, document_id, no, name } = version
        sum.missing.push({ version_id: id, document_id, no, name, why })
      }
      on_version(sum.versions)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

/** Length in bytes and SHA-256 (hex) of an object, read to its end. */
export async function readSums(
  store: S3Client,
  from: { bucket: string; key: string; object_version_id: string }
): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of await getObject(store, from, AbortSignal.timeout(3_600_000))) {
    hash.update(chunk)
    size += chunk.length
  }
  return { size, sha256: hash.digest('hex') }
}

async function checkOne(version: VersionRow, store: S3Client): Promise<Missing['why'] | null> {
  const from = { bucket: DOCUMENTS, key: version.object_key, object_version_id: version.object_version_id }
  try {
    const { size, sha256 } = await readSums(store, from)
    if (size !== Number(version.size)) return 'altered'
    // Not yet looked at when the backup was made: its length is all that is known.
    return version.sha256 === null || sha256 === version.sha256 ? null : 'altered'
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    return /^NoSuch|NotFound/.test(name) ? 'missing' : 'unreadable'
  }
}

export type CheckedLog = {
  /** The last number, and how many rows there are: the same when none is missing. */
  last: number
  rows: number
  /** The first number that is missing or whose bytes do not have their hash; null: none. */
  broken_at: number | null
}

/**
 * The log as functions/_shared/db/audit.ts writes it. The columns `leaf` are generated when a row is written: a byte
 * that changed on a disk changes one of the two only.
 *
 * @param at_least the last number that was there when the backup began
 */
export async function checkLog(client: pg.ClientBase, at_least: number): Promise<CheckedLog> {
  const { rows } = await client.query<{ last: string; n: string; wrong: string | null; gap: string | null }>(`
    with numbered as (select seq, row_number() over (order by seq) as place,
                             leaf = sha256('\\x00'::bytea || body) as is_right from audit)
    select (select last from audit_counter)::text as last, count(*)::text as n,
           min(seq) filter (where not is_right)::text as wrong,
           min(place) filter (where seq <> place)::text as gap
      from numbered`)
  const found = rows[0]
  const [last, count] = [Number(found?.last), Number(found?.n)]
  const broken = [found?.wrong, found?.gap].flatMap((one) => (one == null ? [] : [Number(one)]))
  // Rows that are missing at the end leave no gap before them.
  if (count < last && broken.length === 0) broken.push(count + 1)
  if (last < at_least || count > last) broken.push(Math.min(last, count) + 1)
  return { last, rows: count, broken_at: broken.length === 0 ? null : Math.min(...broken) }
}
