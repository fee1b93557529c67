/** The ledger against the restored portal, read by ourselves: what its own check says is not believed. */
import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { getObject } from '../../functions/_shared/storage/objects.ts'
import type { Installation } from '../faults/installation.ts'
import type { Entry } from './writers.ts'

export type Judged = { figure: string; lost: string[]; wrong: string[] }

/** Milliseconds until a restored portal has done what was waiting. */
const REST = 180_000

/** It has looked for what the store holds and nobody told, and no job about a document waits or runs. */
export async function atRest(inside: Installation): Promise<void> {
  await inside.reconcileAgain()
  for (const end = Date.now() + REST; Date.now() < end; await wait(300)) {
    const open = await inside.query(
      `select from job where state in ('ready', 'active')
          and (kind in ('arrive', 'adopt', 'scan', 'preview', 'index') or unique_key = 'reconcile_recent') limit 1`
    )
    if (open.length === 0) return
  }
  throw new Error('the restored portal did not come to rest')
}

type VersionRow = {
  id: string
  key: string
  object_version_id: string
  sha256: string | null
  state: string
  drop_key: string | null
  bytes_are: string | null
}

/** In milliseconds: when the whole backup began, and up to when what the portal knew of is saved. */
export type Points = { whole: number; recent: number }

/** What only the store has said yes to is known to the portal a moment later, and goes with the next whole backup. */
const isDue = (
  { acknowledged, acknowledged_at = Infinity, way }: Entry,
  { whole, recent }: Points
): boolean => acknowledged && (acknowledged_at < whole || (way === 'completed' && acknowledged_at < recent))

/**
 * What is due has to be there, ready, once, with its bytes. What came later may be there, and is right where it is.
 */
export async function judge(inside: Installation, ledger: Entry[], points: Points): Promise<Judged> {
  const versions = await inside.query<VersionRow>(
    `select id, object_key as key, object_version_id, encode(sha256, 'hex') as sha256, state, drop_key from version
      where erased_at is null`
  )
  for (const version of versions) version.bytes_are = await hashOf(inside, version)
  const due = ledger.filter((one) => isDue(one, points))
  const later = ledger.filter((one) => !due.includes(one))
  const wrong = versions
    .filter((one) => one.sha256 !== null && one.sha256 !== one.bytes_are)
    .map((one) => `${one.key}: the database has ${one.sha256}, the store ${one.bytes_are}`)
  wrong.push(...later.flatMap((entry) => wrongIn(found(versions, entry), entry, false)))
  const [log] = await inside.query<{ gap: number; dead: number }>(
    `select (max(seq) - count(*))::int as gap, (select count(*)::int from job where state = 'dead') as dead from audit`
  )
  if (log?.gap !== 0) wrong.push(`the log has ${log?.gap} gaps after the portal went on`)
  if (log?.dead !== 0) wrong.push(`${log?.dead} dead jobs`)
  const there = later.filter((entry) => found(versions, entry).length > 0).length
  const lost = due.flatMap((entry) => wrongIn(found(versions, entry), entry, true))
  return {
    figure: `${due.length} acknowledged before (${due.filter((one) => (one.acknowledged_at ?? 0) >= points.whole).length} of them since the whole backup), ${lost.length} lost; of ${later.length} later ones ${there} there`,
    lost,
    wrong
  }
}

const found = (versions: VersionRow[], entry: Entry): VersionRow[] =>
  versions.filter((one) => (entry.way === 'drop' ? one.drop_key : one.key) === entry.key)

function wrongIn(versions: VersionRow[], entry: Entry, is_due: boolean): string[] {
  const [version] = versions
  const what = `${entry.way} ${entry.key}`
  if (!version) return is_due ? [`${what}: acknowledged and not there`] : []
  if (versions.length > 1) return [`${what}: there ${versions.length} times`]
  if (version.bytes_are !== entry.sha256) return [`${what}: other bytes`]
  return version.state === 'ready' ? [] : [`${what}: ${version.state}`]
}

/** Of the bytes that the store gives; what went wrong instead of them. */
async function hashOf(inside: Installation, { key, object_version_id }: VersionRow): Promise<string> {
  try {
    const place = { bucket: 'portico-documents', key, object_version_id }
    const hash = createHash('sha256')
    for await (const chunk of await getObject(inside.root, place, AbortSignal.timeout(60_000)))
      hash.update(chunk)
    return hash.digest('hex')
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}
