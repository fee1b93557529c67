/** What a field asks while one types: projects, people, clients, groups by words or by id, never more than one may see. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { z } from 'zod'
import { setDocumentsStage } from '../support/documents.ts'
import { call } from '../support/functions.ts'
import { type Role, makeWorld } from '../support/matrix/world.ts'

const stage = await setDocumentsStage()
const world = await makeWorld(stage)
const admin = await stage.handler('admin')
const signedIn = world.roles.filter((role) => role.person_id !== null && role.cookie !== '')
const { own, foreign } = world.places

const Page = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string() })),
  next: z.string().nullable()
})
let count = 0

async function ask(role: Role, path: string, query: Record<string, string>) {
  const handler = path === '/projects' ? stage.documents : admin
  const address = `2001:db8:7:${(count += 1).toString(16)}::1`
  const answer = await call(handler, 'GET', `${path}?${new URLSearchParams(query)}`, {
    cookie: role.cookie,
    address
  })
  return answer.status === 200 ? Page.parse(await answer.json()) : answer.status
}
async function found(role: Role, path: string, query: Record<string, string>) {
  const page = await ask(role, path, query)
  return typeof page === 'number' ? page : page.items.map((one) => one.id).toSorted()
}
const roleOf = (name: string): Role => {
  const role = signedIn.find((one) => one.name === name)
  assert.ok(role, name)
  return role
}
const reachOf = async (role: Role, least = 0): Promise<string[]> =>
  (
    await stage.owner.query<{ id: string }>(
      'select project_id as id from access_projects($1, now()) where level >= $2',
      [role.person_id, least]
    )
  ).rows.map((row) => row.id)

suite('projects by words', () => {
  test('are found by everybody exactly as far as the rule lets them see', async () => {
    let seen = 0
    for (const role of signedIn) {
      const reach = await reachOf(role)
      const all = await found(role, '/projects', {})
      if (typeof all === 'number') {
        // Half signed in: the door is shut before any word is read.
        for (const [name, value] of [
          ['q', own.project],
          ['id', own.project],
          ['level', 'manage']
        ] as const)
          assert.equal(await found(role, '/projects', { [name]: value }), all, role.name)
        continue
      }
      for (const id of [own.project, foreign.project]) {
        const expected = reach.includes(id) ? [id] : []
        seen += expected.length
        assert.deepEqual(
          await found(role, '/projects', { q: id.toUpperCase() }),
          expected,
          `${role.name}: words`
        )
        assert.deepEqual(await found(role, '/projects', { id }), expected, `${role.name}: id`)
        assert.deepEqual(await found(role, '/projects', { id, q: 'nowhere' }), [], `${role.name}: both`)
      }
      assert.deepEqual(await found(role, '/projects', { q: ' ' }), all, `${role.name}: no words`)
      assert.deepEqual(
        await found(role, '/projects', { level: 'manage' }),
        (await reachOf(role, 4)).toSorted(),
        `${role.name}: managed`
      )
    }
    assert.ok(seen >= 5, 'hardly anybody saw anything')
  })

  test('the words are parts of the name of the project or its client, in any order, and stand for themselves', async () => {
    const staff = roleOf('staff')
    const hit = [own.project]
    for (const q of ['client a', 'A  CLIENT', `${own.project.slice(0, 8)} client`, 'paper ⟦'])
      assert.deepEqual(await found(staff, '/projects', { q }), hit, q)
    for (const q of ['client nowhere', 'paper nowhere', '100% _', '%', '.*'])
      assert.deepEqual(await found(staff, '/projects', { q }), [], q)
    assert.equal(await ask(staff, '/projects', { id: 'no id' }), 422)
    assert.equal(await ask(staff, '/projects', { level: 'none' }), 422)
    assert.equal(await ask(staff, '/projects', { q: 'x'.repeat(101) }), 422)
  })

  test('found ones go on where a page ended', async () => {
    const staff = roleOf('staff')
    const made = new Set<string>()
    for (let i = 0; i < 5; i += 1) {
      const id = await stage.seedProject({ name: `Steuererklärung ${i}` })
      await stage.seedGrant({ person_id: staff.person_id ?? '', node_id: id, level: 1 })
      made.add(id)
    }
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await ask(staff, '/projects', {
        q: 'STEUERERKLÄRUNG',
        limit: '2',
        ...(cursor && { cursor })
      })
      assert.ok(typeof page === 'object')
      seen.push(...page.items.map((one) => one.id))
      cursor = page.next
    }
    assert.deepEqual(seen.toSorted(), [...made].toSorted())
  })
})

suite('people, clients and groups', () => {
  test('one by its id is there for exactly those in whose list it stands', async () => {
    const group = await stage.owner.query<{ id: string }>(
      `insert into groups (name) values ('Payroll') returning id`
    )
    const asked: [path: string, ids: string[]][] = [
      ['/people', [world.stranger, world.looking_after]],
      ['/organisations', [own.client, foreign.client]],
      ['/groups', [group.rows[0]?.id ?? '']]
    ]
    let hits = 0
    for (const role of signedIn)
      for (const [path, ids] of asked) {
        const all = await found(role, path, { limit: '200' })
        for (const id of [...ids, crypto.randomUUID()]) {
          const expected = typeof all === 'number' ? all : all.filter((one) => one === id)
          hits += typeof expected === 'number' ? 0 : expected.length
          assert.deepEqual(await found(role, path, { id }), expected, `${role.name} ${path}`)
        }
      }
    assert.ok(hits >= 10, 'hardly anybody saw anybody')
  })

  test('only the active, only the firm’s own', async () => {
    const ingrid = roleOf('administrator without a grant')
    const ids = async (query: Record<string, string>) => {
      const all = await found(ingrid, '/people', { limit: '200', ...query })
      assert.ok(typeof all === 'object')
      return all
    }
    const closed = roleOf('closed account').person_id ?? ''
    const [everybody, active, staff] = [
      await ids({}),
      await ids({ only: 'active' }),
      await ids({ only: 'staff' })
    ]
    assert.ok(everybody.includes(closed) && !active.includes(closed))
    assert.ok(active.includes(world.stranger) && !staff.includes(world.stranger))
    const rows = await stage.owner.query<{ id: string }>(
      'select id from person where staff_role is not null and now() >= valid_from and now() < valid_until'
    )
    assert.deepEqual(staff, rows.rows.map((row) => row.id).toSorted())
    assert.equal(await ask(ingrid, '/people', { only: 'clients' }), 422)
  })
})
