/** A client's project at a firm, for tests of the permission screen: people on both sides, and what its calls say. */
import assert from 'node:assert/strict'
import type { AccessTrial, Grant } from '../../functions/_shared/contract/access.ts'
import { call, setStage } from './functions.ts'

export type Name = 'jonas' | 'aylin' | 'karl' | 'petra' | 'tobias'

/** Call it once, at the top of the test file. */
export async function setPermissionStage() {
  const stage = await setStage()
  const admin = await stage.handler('admin')
  const documents = await stage.handler('documents')

  const bergmann = await stage.seedOrganisation('Bergmann')
  const people = {
    jonas: await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' }),
    aylin: await stage.seedPerson({ name: 'Aylin', staff_role: 'staff' }),
    karl: await stage.seedPerson({ name: 'Karl', staff_role: 'staff' }),
    petra: await stage.seedPerson({ name: 'Petra', organisation_id: bergmann }),
    tobias: await stage.seedPerson({ name: 'Tobias', organisation_id: bergmann })
  }
  const cookies = Object.fromEntries(
    await Promise.all(
      Object.entries(people).map(async ([name, person]) => [name, await stage.signIn(person)] as const)
    )
  )
  const send = (who: Name, method: string, path: string, body?: unknown, handler = admin) =>
    call(handler, method, path, { cookie: cookies[who] ?? '', body })
  async function ok<T>(who: Name, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await send(who, method, path, body)
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${text}`)
    return JSON.parse(text)
  }
  const fields = async (answer: Response) =>
    ((await answer.json()) as { errors: { field: string; code: string }[] }).errors.map((one) => [
      one.field,
      one.code
    ])

  const made = async (sql: string, values: unknown[]) =>
    (await stage.owner.query<{ id: string }>(sql, values)).rows[0]?.id ?? ''
  const folderIn = (parent: string, name = 'Belege') =>
    made(`insert into node (kind, parent_id, name) values ('folder', $1, $2) returning id`, [parent, name])
  const documentIn = (folder: string, name = 'Bilanz.pdf') =>
    made('insert into document (folder_id, name) values ($1, $2) returning id', [folder, name])
  /** A project that Jonas manages and on which Bergmann contributes. */
  async function project(): Promise<string> {
    const id = await stage.seedProject({ name: 'Accounts', client_id: bergmann })
    await stage.seedGrant({ person_id: people.jonas.id, node_id: id, level: 4 })
    await stage.seedGrant({ organisation_id: bergmann, node_id: id, level: 3 })
    return id
  }
  const wish = (thing_id: string, who: Name, level: string, more: object = {}) => ({
    ...{ thing_id, principal_kind: 'person', principal_id: people[who].id, level },
    ...more
  })
  const give = (by: Name, ...[thing, who, level, more]: Parameters<typeof wish>) =>
    ok<Grant>(by, 'POST', '/grants', wish(thing, who, level, more))
  const levelOf = async (who: Name, thing: string, at = 'now') =>
    (
      await stage.owner.query<{ unlocked: number }>(
        'select unlocked from access_levels(array[$1]::uuid[], array[$2]::uuid[], $3)',
        [people[who].id, thing, at]
      )
    ).rows[0]?.unlocked
  const lastAct = async (action: string) =>
    (
      await stage.owner.query(
        `select convert_from(body, 'UTF8')::json as body from audit where action = $1 order by seq desc limit 1`,
        [action]
      )
    ).rows[0]?.body
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()
  const told = (trial: AccessTrial) =>
    trial.moments.map(({ at, ending, changes }) => [
      ...[at, ending],
      changes.map(({ who, thing, before, after }) => `${who.name} ${thing.name}: ${before} → ${after}`)
    ])

  return {
    stage,
    admin,
    documents,
    bergmann,
    people,
    send,
    ok,
    fields,
    made,
    folderIn,
    documentIn,
    project,
    wish,
    give,
    levelOf,
    lastAct,
    inHours,
    told
  }
}
