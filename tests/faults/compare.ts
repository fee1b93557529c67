/** Ledger, store and database side by side; every difference in words. */
import type { Installation } from './installation.ts'
import type { Account, Entry } from './ledger.ts'

/** lost: acknowledged, and not there as it was sent. twice: more than once, or from nowhere. other: not as it should be. */
export type Difference = { what: 'lost' | 'twice' | 'silent' | 'other'; text: string }

type VersionRow = {
  id: string
  document_id: string
  key: string
  object_version_id: string
  state: string
  sha256: string | null
  preview_result: string | null
}

/** How many objects of the store are read at the same time. */
const READERS = 8

const versionsOf = (inside: Installation) =>
  inside.query<VersionRow>(
    `select id, document_id, object_key as key, object_version_id, state, encode(sha256, 'hex') as sha256, preview_result
       from version`
  )

/** Acknowledged entries of which the inbox has never heard. */
export async function gaps(inside: Installation, entries: Entry[]): Promise<Entry[]> {
  const heard = await inside.query<{ key: string; times: number }>(
    `select key, count(*)::int as times from inbox where kind = 'created' group by key`
  )
  const left = new Map(heard.map(({ key, times }) => [key, times]))
  return entries.filter((entry) => {
    const times = left.get(entry.key) ?? 0
    left.set(entry.key, times - 1) // a key of the drop bucket may have been written more than once
    return entry.acknowledged && times <= 0
  })
}

/** Ids of the versions that were there before the first writer came. */
export const versionsThere = async (inside: Installation): Promise<Set<string>> =>
  new Set((await versionsOf(inside)).map((version) => version.id))

/** What is wrong; empty when ledger = store = database. */
export async function differences(
  inside: Installation,
  account: Account,
  before: Set<string>
): Promise<Difference[]> {
  const versions = (await versionsOf(inside)).filter((version) => !before.has(version.id))
  const acts = await actsOf(inside)
  const byKey = Map.groupBy(versions, (version) => version.key)
  const bySha = Map.groupBy(versions, (version) => version.sha256 ?? '')
  const wrong: Difference[] = []
  const foreseen = new Set<string>()
  for (const entry of account.entries) {
    const found = (entry.way === 'drop' ? bySha.get(entry.sha256) : byKey.get(entry.key)) ?? []
    for (const version of found) foreseen.add(version.id)
    wrong.push(...wrongVersions(entry, found, acts))
  }
  for (const version of versions)
    if (!foreseen.has(version.id))
      wrong.push({ what: 'twice', text: `${version.key}: ${version.state}, and nobody sent it` })
  return [
    ...wrong,
    ...(await wrongTrash(inside, account.trash)),
    ...(await againstStore(inside, before, versions)),
    ...(await wrongBytes(inside, versions)),
    ...(await deadLetters(inside)),
    ...(await againstItself(inside))
  ]
}

function wrongVersions(entry: Entry, found: VersionRow[], acts: Map<string, string[]>): Difference[] {
  const [version] = found
  const name = `${entry.phase}, ${entry.way} ${entry.key}`
  if (!version) return entry.acknowledged ? [{ what: 'lost', text: `${name}: not there` }] : []
  if (found.length > 1) return [{ what: 'twice', text: `${name}: there ${found.length} times` }]
  if (version.state !== 'ready') return [{ what: 'lost', text: `${name}: ${version.state}` }]
  if (version.sha256 !== entry.sha256) return [{ what: 'lost', text: `${name}: other bytes` }]
  const document_id = entry.of_document_id ?? version.document_id
  if (version.document_id !== document_id)
    return [{ what: 'lost', text: `${name}: not a version of ${document_id}` }]
  const first =
    entry.way === 'drop'
      ? 'document.adopted'
      : entry.of_document_id === null
        ? 'document.received'
        : 'version.received'
  const last = entry.in_parts ? 'version.not_previewed' : 'version.ready'
  const expected = [first, 'version.checked', last].join(', ')
  const own = (acts.get(version.id) ?? []).join(', ')
  if (own === expected) return []
  return [
    {
      what: own.length > expected.length ? 'twice' : 'lost',
      text: `${name}: acts are ${own || 'none'} (preview: ${version.preview_result})`
    }
  ]
}

const actsOf = async (inside: Installation): Promise<Map<string, string[]>> => {
  const rows = await inside.query<{ subject_id: string; action: string }>(
    `select subject_id, action from audit where action ~ '^(document[.](received|adopted)|version[.])' order by seq`
  )
  return new Map(
    [...Map.groupBy(rows, (row) => row.subject_id)].map(([id, own]) => [id, own.map((row) => row.action)])
  )
}

/** What was thrown away lies in the trash once and has one act; nothing else lies there. */
async function wrongTrash(inside: Installation, trash: Account['trash']): Promise<Difference[]> {
  const rows = await inside.query<{ id: string; times: number; acts: number }>(
    `select t.thing_id as id, count(*)::int as times,
            (select count(*)::int from audit a where a.action = 'document.trashed' and a.subject_id = t.thing_id) as acts
       from trash t where t.restored_at is null group by t.thing_id`
  )
  const lying = new Map(rows.map((row) => [row.id, row]))
  const wrong: Difference[] = []
  for (const [id, told] of trash)
    if (told && !lying.has(id)) wrong.push({ what: 'lost', text: `${id}: thrown away, and not in the trash` })
  for (const { id, times, acts } of rows) {
    if (times !== 1 || acts !== 1)
      wrong.push({ what: 'twice', text: `${id}: in the trash ${times} times, ${acts} acts` })
    if (!trash.has(id)) wrong.push({ what: 'lost', text: `${id}: in the trash, and nobody put it there` })
  }
  return wrong
}

/**
 * Each object of the store has its row and each row its object. In the moments after a kill the store itself takes a
 * second PUT to a key in spite of `If-None-Match: *` (docs/decisions/second-version.md): such a version must be a noticed
 * incident, and the row stays with the other one.
 */
async function againstStore(
  inside: Installation,
  before: Set<string>,
  versions: VersionRow[]
): Promise<Difference[]> {
  const stored = await inside.listed('portico-documents')
  const all = [...versions, ...(await versionsOf(inside)).filter((version) => before.has(version.id))]
  const known = new Set(all.map((version) => `${version.key} ${version.object_version_id}`))
  const noticed = new Set((await secondVersions(inside)).map((one) => `${one.key} ${one.object_version_id}`))
  return [
    ...[...stored]
      .filter((one) => !known.has(one) && !noticed.has(one))
      .map((one): Difference => ({ what: 'lost', text: `in the store only: ${one}` })),
    ...[...known]
      .filter((one) => !stored.has(one))
      .map((one): Difference => ({ what: 'lost', text: `in the database only: ${one}` }))
  ]
}

/** What the store gives out is what the database says it is. */
async function wrongBytes(inside: Installation, versions: VersionRow[]): Promise<Difference[]> {
  const wrong: Difference[] = []
  const waiting = versions.filter((version) => version.state === 'ready')
  const reader = async () => {
    for (let one = waiting.pop(); one; one = waiting.pop()) {
      const { key, object_version_id, sha256 } = one
      const found = await inside.sha256Of('portico-documents', key, object_version_id).catch(String)
      if (found !== sha256) wrong.push({ what: 'lost', text: `${key}: the store gives out ${found}` })
    }
  }
  await Promise.all(Array.from({ length: READERS }, reader))
  return wrong
}

/** Versions that the store should not have taken and the portal has noticed. */
export const secondVersions = (inside: Installation) =>
  inside.query<{ key: string; object_version_id: string }>(
    `select detail->>'key' as key, detail->>'object_version_id' as object_version_id
       from incident where kind = 'other_version'`
  )

/** No fault of the campaign is a document's own: nothing may be given up, and least of all in silence. */
async function deadLetters(inside: Installation): Promise<Difference[]> {
  const dead = await inside.query<{ id: string; kind: string; error: string; told: boolean }>(
    `select j.id, j.kind, j.error,
            exists (select from audit a where a.action = 'job.dead' and a.subject_id = j.id)
            and exists (select from job_attempt a where a.job_id = j.id and a.outcome = 'dead') as told
       from job j where j.state = 'dead'`
  )
  return dead.map(({ id, kind, error, told }) => ({
    what: told ? 'other' : 'silent',
    text: `dead ${kind} ${id}: ${error}`
  }))
}

async function againstItself(inside: Installation): Promise<Difference[]> {
  const count = async (what: Difference['what'], text: string, query: string): Promise<Difference[]> => {
    const [row] = await inside.query<{ n: number }>(query)
    return row?.n ? [{ what, text: `${row.n} ${text}` }] : []
  }
  return [
    ...(await count(
      'other',
      'other incidents',
      `select count(*)::int as n from incident where kind <> 'other_version'`
    )),
    ...(await count(
      'other',
      'events that could not be read',
      `select count(*)::int as n from inbox_unreadable`
    )),
    ...(await count('lost', 'gaps in the log', `select (max(seq) - count(*))::int as n from audit`)),
    ...(await count(
      'twice',
      'numbers of a version that a document has twice',
      `select count(*)::int as n from (select from version group by document_id, no having count(*) > 1) twice`
    ))
  ]
}
