import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import { DatabaseIsNewer, migrate, migrations } from '../../infra/postgres/migrate.ts'
import { type Passwords, ROLES, SUPERUSER, makeRoles } from '../../infra/postgres/roles.ts'
import { CannotStartPostgres, type StartOptions, startPostgres } from '../../infra/postgres/server.ts'

const root = join(tmpdir(), `portico-server-${randomBytes(6).toString('hex')}`)
mkdirSync(root, { mode: 0o755 })
after(() => rmSync(root, { recursive: true, force: true }))

const passwords = Object.fromEntries(
  [...ROLES, SUPERUSER].map((role) => [role, `of ${role}/%:@`])
) as Passwords
const start = (more: Partial<StartOptions> = {}) =>
  startPostgres({ data: join(root, 'data'), port: 0, passwords, settings: { fsync: 'off' }, ...more })

async function ask<T extends pg.QueryResultRow>(url: string, query: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(query)).rows
  } finally {
    await client.end()
  }
}

test('it starts on an empty folder, migrates once though two try, stops, and starts again with everything', async () => {
  const server = await start()
  await Promise.all([
    makeRoles(server.url(SUPERUSER), passwords),
    makeRoles(server.url(SUPERUSER), passwords)
  ])
  const url = server.url('portico_owner')
  const applied = await Promise.all([migrate(url), migrate(url)])
  assert.deepEqual(applied.flat(), migrations())
  await ask(url, `insert into organisation (name) values ('A client')`)
  await server.stop()
  assert.deepEqual(await server.exited, { code: 0, signal: null, expected: true })

  const again = await start()
  assert.equal((await ask(again.url('portico_app'), 'select name from organisation')).length, 1)
  assert.deepEqual(await migrate(again.url('portico_owner')), [])
  await again.stop()
})

test('only loopback and only with a password', async () => {
  const server = await start()
  const [row] = await ask<{ setting: string }>(
    server.url(SUPERUSER),
    `select string_agg(setting, '|' order by name) as setting from pg_settings
      where name in ('listen_addresses', 'unix_socket_directories', 'fsync')`
  )
  assert.equal(row?.setting, 'off|127.0.0.1|')
  const wrong = new URL(server.url('portico_app'))
  wrong.password = 'wrong'
  await assert.rejects(ask(wrong.href, 'select 1'), /password authentication failed/)
  await server.stop()
})

test('a database that knows a migration which this program does not have is left alone', async () => {
  const server = await start()
  await ask(server.url('portico_owner'), `insert into migration (name) values ('9999_future.sql')`)
  await assert.rejects(migrate(server.url('portico_owner')), DatabaseIsNewer)
  assert.deepEqual(
    await migrate(server.url('portico_owner'), true),
    [],
    'unless somebody goes back knowingly'
  )
  const [last = ''] = migrations().slice(-1)
  await ask(server.url('portico_owner'), `delete from migration where name = '${last}'`)
  await assert.rejects(migrate(server.url('portico_owner'), true), DatabaseIsNewer, 'neither older nor newer')
  await ask(server.url('portico_owner'), `insert into migration (name) values ('${last}')`)
  await ask(server.url('portico_owner'), `delete from migration where name = '9999_future.sql'`)
  await server.stop()
})

test('when it dies its starter hears of it and can start it again', async () => {
  const server = await start()
  process.kill(Number.parseInt(readFileSync(join(root, 'data/postmaster.pid'), 'utf8'), 10), 'SIGKILL')
  assert.deepEqual(await server.exited, { code: null, signal: 'SIGKILL', expected: false })
  const again = await start({ port: server.port })
  assert.equal((await ask(again.url('portico_app'), 'select name from organisation')).length, 1)
  await again.stop()
})

test('it does not start beside a child of a killed server that is still at work', async () => {
  const server = await start()
  const busy = new pg.Client({ connectionString: server.url(SUPERUSER) })
  busy.on('error', () => {})
  await busy.connect()
  const work = busy.query('select count(*) from generate_series(1, 6000000)').catch((error: Error) => error)
  await new Promise((resolve) => setTimeout(resolve, 100))
  process.kill(Number.parseInt(readFileSync(join(root, 'data/postmaster.pid'), 'utf8'), 10), 'SIGKILL')
  await server.exited
  let working = true
  const done = work.then(() => (working = false))
  const again = await start()
  assert.equal(working, false)
  await done
  await again.stop()
})

test('what a starter that was killed left running is taken over', async () => {
  const starter = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const { startPostgres } = await import(${JSON.stringify(new URL('../../infra/postgres/server.ts', import.meta.url).href)})
       const passwords = JSON.parse(process.argv[1])
       const server = await startPostgres({ data: process.argv[2], port: 0, passwords, settings: { fsync: 'off' } })
       console.log(server.url('postgres'))`,
      JSON.stringify(passwords),
      join(root, 'data')
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const [line] = await once(starter.stdout.setEncoding('utf8'), 'data')
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  const orphan = String(line).trim()
  assert.equal((await ask(orphan, 'select 1')).length, 1, 'the orphan still answers')

  const server = await start()
  await assert.rejects(ask(orphan, 'select 1'), /ECONNREFUSED/)
  assert.equal((await ask(server.url('portico_app'), 'select name from organisation')).length, 1)
  await server.stop()
})

test('a pid file that names somebody else’s process is removed and the process left alone', async () => {
  const pid = join(root, 'data/postmaster.pid')
  writeFileSync(pid, `${process.pid}\n`, { mode: 0o600 })
  const server = await start()
  await server.stop()
  assert.equal(existsSync(pid), false)
})

test('a port that is taken is named in one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await assert.rejects(start({ port }), (error: Error) => {
    assert.ok(error instanceof CannotStartPostgres)
    assert.equal(error.message, `Port ${port} for the database is taken by another program.`)
    return true
  })
  other.close()
})

test('as root, a folder that the user postgres cannot pass is named in one sentence', async (t) => {
  if (process.getuid?.() !== 0) return t.diagnostic('not root: postgres runs as ourselves, nothing to pass')
  const closed = join(root, 'closed')
  mkdirSync(closed)
  chmodSync(closed, 0o700)
  await assert.rejects(start({ data: join(closed, 'data') }), (error: Error) => {
    assert.ok(error instanceof CannotStartPostgres)
    assert.match(error.message, new RegExp(`^The folder ${closed} is closed to the user postgres: .*\\.$`))
    return true
  })
})
