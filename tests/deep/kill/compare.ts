/** Ledger, store and database side by side; every difference in words. */
import type { Installation } from './installation.ts'
import type { Entry } from './writers.ts'

type VersionRow = {
  id: string
  document_id: string
  key: string
  object_version_id: string
  state: string
  sha256: string
  preview_result: string | null
}

/** Acknowledged entries that the inbox has never heard of. */
export async function gaps(inside: Installation, ledger: Entry[]): Promise<Entry[]> {
  const heard = new Set(
    (await inside.query<{ key: string }>(`select key from inbox where kind = 'created'`)).map(
      (row) => row.key
    )
  )
  return ledger.filter((entry) => entry.acknowledged && !heard.has(entry.key))
}

/** What is wrong; empty when ledger = store = database. `ledger`: everything that was ever sent here. */
export async function differences(inside: Installation, ledger: Entry[]): Promise<string[]> {
  const wrong: string[] = []
  const versions = await inside.query<VersionRow>(
    `select id, document_id, object_key as key, object_version_id, state, encode(sha256, 'hex') as sha256,
            preview_result
       from version`
  )
  const byKey = new Map(versions.map((version) => [version.key, version]))
  const bySha = Map.groupBy(versions, (version) => version.sha256)
  const acts = await actsOf(inside)

  for (const entry of ledger.filter((one) => one.acknowledged)) {
    const found =
      entry.way === 'drop' ? (bySha.get(entry.sha256) ?? []) : [byKey.get(entry.key)].flatMap((v) => v ?? [])
    const [version] = found
    if (!version) wrong.push(`${entry.way} ${entry.key}: acknowledged and not there`)
    else if (found.length > 1) wrong.push(`${entry.way} ${entry.key}: there ${found.length} times`)
    else if (version.state !== 'ready') wrong.push(`${entry.key}: ${version.state}`)
    else if (version.sha256 !== entry.sha256) wrong.push(`${entry.key}: other bytes`)
    else wrong.push(...wrongActs(version, entry, acts.get(version.id) ?? []))
  }
  wrong.push(...(await againstStore(inside, versions)))
  wrong.push(...(await againstItself(inside)))
  return wrong
}

const actsOf = async (inside: Installation): Promise<Map<string, string[]>> => {
  const rows = await inside.query<{ subject_id: string; action: string }>(
    `select subject_id, action from audit where action ~ '^(document[.](received|adopted)|version[.])' order by seq`
  )
  return new Map(
    [...Map.groupBy(rows, (row) => row.subject_id)].map(([id, own]) => [id, own.map((row) => row.action)])
  )
}

function wrongActs(version: VersionRow, entry: Entry, acts: string[]): string[] {
  const expected = [
    entry.way === 'drop' ? 'document.adopted' : 'document.received',
    'version.checked',
    'version.ready'
  ]
  return acts.join() === expected.join()
    ? []
    : [`${version.key}: acts are ${acts.join(', ') || 'none'} (preview: ${version.preview_result})`]
}

/**
 * Each object of the store has its row and each row its object. In the moments after a kill the store itself takes a
 * second PUT to a key in spite of `If-None-Match: *` (docs/decisions/second-version.md): such a version must be a noticed
 * incident, and the row stays with the other one.
 */
async function againstStore(inside: Installation, versions: VersionRow[]): Promise<string[]> {
  const stored = await inside.listed('portico-documents')
  const known = new Set(versions.map((version) => `${version.key} ${version.object_version_id}`))
  const noticed = new Set((await secondVersions(inside)).map((one) => `${one.key} ${one.object_version_id}`))
  return [
    ...[...stored]
      .filter((one) => !known.has(one) && !noticed.has(one))
      .map((one) => `in the store only: ${one}`),
    ...[...known].filter((one) => !stored.has(one)).map((one) => `in the database only: ${one}`)
  ]
}

/** Versions that the store should not have taken and the portal has noticed. */
export const secondVersions = (inside: Installation) =>
  inside.query<{ key: string; object_version_id: string }>(
    `select detail->>'key' as key, detail->>'object_version_id' as object_version_id
       from incident where kind = 'other_version'`
  )

async function againstItself(inside: Installation): Promise<string[]> {
  const count = async (what: string, text: string): Promise<string[]> => {
    const [row] = await inside.query<{ n: number }>(text)
    return row?.n ? [`${row.n} ${what}`] : []
  }
  return [
    ...(await count('dead jobs', `select count(*)::int as n from job where state = 'dead'`)),
    ...(await count(
      'other incidents',
      `select count(*)::int as n from incident where kind <> 'other_version'`
    )),
    ...(await count('events that could not be read', `select count(*)::int as n from inbox_unreadable`)),
    ...(await count('gaps in the audit log', `select (max(seq) - count(*))::int as n from audit`))
  ]
}
