/**
 * Up and back again: a portal of an earlier commit serves while today's migrations are applied to its database, today's
 * code takes its folder over, and the earlier one goes on with it afterwards. Needs the repository's history.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Document, Project } from '../../functions/_shared/contract/document.ts'
import type { MadeLink } from '../../functions/_shared/contract/link.ts'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { migrate, migrations } from '../../infra/postgres/migrate.ts'
import { type Passwords, ROLES, SUPERUSER, databaseUrl } from '../../infra/postgres/roles.ts'
import { startPostgres } from '../../infra/postgres/server.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { type Stack, startStack, untilQuiet } from '../support/stack.ts'

/** How many migrations the earlier version does not know, at least. */
const STEPS = 3
const FOLDER = 'infra/postgres/migrations'

const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()

/** The last commit before the first of the newest migrations came; null without history. */
function earlier(): string | null {
  const files = migrations()
    .slice(-STEPS)
    .map((name) => `${FOLDER}/${name}`)
  const ask = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' }).stdout.trim()
  const first = ask('log', '--diff-filter=A', '--format=%H', '--', ...files)
    .split('\n')
    .at(-1)
  return (first && ask('rev-parse', '--verify', '-q', `${first}^`)) || null
}

const before = earlier()
const skip = before === null ? 'no history to take an earlier version from' : false
const home = mkdtempSync(join(tmpdir(), 'portico-upgrade-'))
chmodSync(home, 0o711) // the database is another user's where this runs as root
after(() => {
  spawnSync('git', ['worktree', 'remove', '--force', join(home, 'old')])
  rmSync(home, { recursive: true, force: true })
})

/** The earlier version in a folder of its own, with its own packages. */
function checkOut(commit: string): string {
  const root = join(home, 'old')
  git('worktree', 'add', '--detach', root, commit)
  for (const modules of ['node_modules', 'web/node_modules'])
    cpSync(modules, join(root, modules), { recursive: true, verbatimSymlinks: true })
  return root
}

/** What people do all day; throws when anything of it does not work. */
async function mainJob(stack: Stack, name: string): Promise<string> {
  const client = new ApiClient(stack.origin)
  await client.signIn(stack.person('Jonas'))
  const { items } = await client.call<{ items: Project[] }>('GET', '/documents/projects')
  const project = items.find((one) => one.name.includes('Jahresabschluss'))
  assert.ok(project)
  const file = { name: `${name}.txt`, type: 'text/plain', bytes: Buffer.from(`Guten Tag, ${name}\n`) }
  const id = (await client.upload(project.id, [file])).outcomes[0]?.document?.id
  assert.ok(id)
  for (const end = Date.now() + 60_000; ; await wait(200)) {
    const { version } = await client.call<Document>('GET', `/documents/documents/${id}`)
    if (version.state === 'ready') break
    assert.ok(Date.now() < end, `${name} is ready`)
  }
  const pages = await client.call<{ no: number }[]>('GET', `/documents/documents/${id}/pages`)
  assert.equal(pages.length, 1)
  await client.call('POST', '/documents/comments', { documents: [id], text: `Gelesen, ${name}` })
  const link = await client.call<MadeLink>('POST', '/sharing/links', { thing_ids: [id], recipient: 'Bank' })
  assert.ok(link.url)
  await client.call('GET', `/audit/activity?project_id=${project.id}`)
  return id
}

async function reads(stack: Stack, ids: string[]): Promise<void> {
  const client = new ApiClient(stack.origin)
  await client.signIn(stack.person('Jonas'))
  for (const id of ids)
    assert.equal((await client.call<Document>('GET', `/documents/documents/${id}`)).id, id)
}

/** The database stops knowing that these were applied. */
async function forget(data: string, names: string[]): Promise<void> {
  const read = (name: string) => readFileSync(join(data, 'secrets', name), 'utf8').trim()
  const passwords = Object.fromEntries([...ROLES, SUPERUSER].map((role) => [role, read(`password-${role}`)]))
  const server = await startPostgres({
    data: join(data, 'postgres'),
    port: await freePort(),
    passwords: passwords as Passwords
  })
  const client = new pg.Client({ connectionString: server.url('portico_owner') })
  await client.connect()
  await client.query('delete from migration where name = any($1)', [names])
  await client.end()
  await server.stop()
}

test(
  'the earlier version serves while its database is brought up to date, and after today’s was there',
  { skip },
  async (t) => {
    const root = checkOut(before ?? '')
    const old = await startStack({ root, keep: true, data: join(home, 'data'), timeout_seconds: 900 })
    const made: string[] = []
    let applied: string[] = []
    try {
      await untilQuiet(old.data)
      made.push(await mainJob(old, 'vorher'))
      const ports = JSON.parse(readFileSync(join(old.data, 'ports.json'), 'utf8'))
      const password = readFileSync(join(old.data, 'secrets/password-portico_owner'), 'utf8').trim()
      const working = (async () => {
        for (const no of [1, 2, 3]) made.push(await mainJob(old, `waehrenddessen ${no}`))
      })()
      applied = await migrate(databaseUrl(ports.postgres, 'portico_owner', password, 'portico'))
      await working
      made.push(await mainJob(old, 'mit neuer Datenbank'))
    } finally {
      await old.stop()
    }
    assert.ok(applied.length >= STEPS)
    t.diagnostic(`${before?.slice(0, 8)} served while these were applied: ${applied.join(', ')}`)

    const today = await startStack({ data: old.data, keep: true, timeout_seconds: 900 })
    try {
      await reads(today, made)
      made.push(await mainJob(today, 'heute'))
    } finally {
      await today.stop()
    }

    await assert.rejects(startStack({ root, data: old.data, keep: true }), /newer than this program/)
    // Versions from before ROLLBACK: what they do not know is taken out of their sight, which is all that it does.
    if (!readFileSync(join(root, 'infra/postgres/migrate.ts'), 'utf8').includes('ROLLBACK'))
      await forget(old.data, applied)
    const again = await startStack({ root, data: old.data, keep: true, env: { ROLLBACK: 'true' } })
    try {
      await reads(again, made)
      made.push(await mainJob(again, 'wieder'))
    } finally {
      await again.stop()
    }
  }
)
