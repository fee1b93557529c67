/** npm start as people and machines treat it: started twice, killed in part, killed whole, ended. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { databaseUrl } from '../../infra/postgres/roles.ts'
import { isAlive } from '../../infra/runner/pids.ts'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { noStore } from '../support/real-store.ts'

const skip = process.platform === 'linux' ? noStore : 'looks processes up in /proc'

/** The portal's processes by name, as far as they run. */
function processes(data: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const pid = Number(entry)
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8')
      const environment = readFileSync(`/proc/${entry}/environ`, 'utf8')
      if (!isAlive(pid) || !(command.includes(data) || environment.includes(`${data}/mounts`))) continue
      const name = /\0FUNCTION=([a-z]+)/.exec(`\0${environment}`)?.[1]
      const program = ['web/build', 'minio', 'postgres', 'runner/main'].find((part) => command.includes(part))
      const key = name ?? program ?? command
      if (!found.has(key)) found.set(key, pid) // postgres: the first one is the server itself
    } catch {
      // It ended while we looked.
    }
  }
  return found
}

const works = async (origin: string): Promise<boolean> => {
  const asked = ['/sign-in', '/api/v1/auth/session', '/api/v1/documents/projects'].map((path) =>
    fetch(origin + path).then(
      (answer) => answer.status,
      () => 0
    )
  )
  return (await Promise.all(asked)).join() === '200,401,401'
}

async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await wait(50))
    if (await holds()) return
  assert.fail(`not within ${seconds} s: ${what}`)
}

/** Starts it where it must refuse; what it said. */
const refused = (data: string, ...flags: string[]): string => {
  const args = ['infra/start.mjs', '--port', '0', '--data', data, ...flags]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
  assert.equal(status, 1)
  return stderr
}

describe('npm start', { skip }, () => {
  const data = mkdtempSync(join(tmpdir(), 'portico-start-'))
  let stack: Stack
  const start = async () => {
    stack = await startStack({ data, demo: false, keep: true })
  }
  after(async () => {
    await stack?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  test('an empty folder becomes a portal; secrets are for its owner only', async () => {
    await start()
    assert.ok(await works(stack.origin))
    for (const name of readdirSync(join(data, 'secrets')))
      assert.equal(statSync(join(data, 'secrets', name)).mode & 0o777, 0o600, name)
    assert.equal(statSync(join(data, 'secrets')).mode & 0o777, 0o700)
    const mounted = readdirSync(join(data, 'mounts/web')).toSorted()
    assert.deepEqual(mounted, ['db-web', 'edge-token'], 'the web is given nothing else')
  })

  test('a second start on the same folder says so and ends', () => {
    assert.match(refused(data), /already runs/)
  })

  for (const name of ['auth', 'documents', 'connector', 'web/build', 'minio', 'postgres'])
    test(`kill -9 of ${name}: it comes back by itself`, async () => {
      const pid = processes(data).get(name)
      assert.ok(pid, `${name} runs`)
      process.kill(pid, 'SIGKILL')
      await until(`${name} is back`, () => {
        const now = processes(data).get(name)
        return now !== undefined && now !== pid
      })
      await until('everything answers', () => works(stack.origin))
    })

  test('kill -9 of the starter leaves no function behind, and the next start takes over the rest', async () => {
    stack.process.kill('SIGKILL')
    await until('all but the two servers ended', () => {
      const left = processes(data)
      return [...left.keys()].every((name) => name === 'minio' || name === 'postgres')
    })
    await start()
    assert.ok(await works(stack.origin))
  })

  test('kill -9 of everything at once: the next start just works', async () => {
    stack.process.kill('SIGKILL')
    for (const pid of processes(data).values()) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    await wait(200)
    await start()
    assert.ok(await works(stack.origin))
  })

  test('Ctrl-C ends it cleanly', async () => {
    const ended = new Promise((resolve) => stack.process.once('exit', resolve))
    stack.process.kill('SIGINT')
    assert.equal(await ended, 0)
    assert.deepEqual([...processes(data).keys()], [])
    assert.ok(!existsSync(join(data, 'runner.pid')))
  })

  test('a new set-up link at each start while there is no firm', async () => {
    const links = [await firstLink(data), await firstLink(data)]
    for (const link of links) assert.match(link, /\/setup\/[0-9a-f-]{36}#[\w-]{43}$/)
    assert.notEqual(links[0], links[1])
  })

  test('a start without rooms for what reads clients’ files says so', async () => {
    process.env.PARSER_SANDBOX = 'off'
    const without = await startedUntil(data, /Portico is ready/).finally(
      () => delete process.env.PARSER_SANDBOX
    )
    assert.match(without, /without a sandbox, with this machine’s network and files: PARSER_SANDBOX=off\./)
  })

  test('--passwords-on switches the staff’s passwords on again, writes it down, and says so; once more it says that they were', async () => {
    const isOff = () =>
      inDatabase<{ off: boolean }>(data, 'select passwords_off as off from identity_provider')
    await startedUntil(data, /Portico is ready/, [], async () => {
      await inDatabase(
        data,
        `insert into identity_provider (enabled, name, issuer, client_id, client_secret, scopes, role_claim, roles,
                                        factors, factor_values, trusts_email, creates_accounts, passwords_off)
         values (true, 'Kanzlei-Konto', 'https://login.example', 'portico', 'sealed', '', 'roles', '{}',
                 'own', '{}', false, false, true)`
      )
    })
    await startedUntil(data, /Portico is ready/, [], async () =>
      assert.deepEqual(await isOff(), [{ off: true }], 'a start without the flag changes nothing')
    )
    const said = await startedUntil(data, /Portico is ready/, ['--passwords-on'], async () => {
      assert.deepEqual(await isOff(), [{ off: false }])
      const acts = await inDatabase<{ body: string }>(
        data,
        `select convert_from(body, 'UTF8') as body from audit where action = 'provider.changed'`
      )
      assert.equal(acts.length, 1)
      assert.match(acts[0]?.body ?? '', /"by":"command line"/)
    })
    assert.match(said, /Passwords are on again for staff/)
    assert.match(
      await startedUntil(data, /Portico is ready/, ['--passwords-on']),
      /Passwords were not switched off/
    )
  })
})

/** Starts, waits until it says that, does the work while it runs, ends; all that it said. */
async function startedUntil(
  data: string,
  words: RegExp,
  flags: string[] = [],
  work: () => Promise<void> = async () => undefined
): Promise<string> {
  const child = spawn(process.execPath, ['infra/start.mjs', '--port', '0', '--data', data, ...flags])
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    await until(`it says ${words}`, () => words.test(said), 120)
    await work()
  } finally {
    child.kill('SIGINT')
    await ended
  }
  return said
}

/** Starts, reads the set-up link, ends. */
const firstLink = async (data: string): Promise<string> =>
  /\S+\/setup\/\S+/.exec(await startedUntil(data, /#[\w-]{43}\s/))?.[0] ?? ''

/** The portal's own database, while it runs. */
async function inDatabase<T>(data: string, text: string): Promise<T[]> {
  const password = readFileSync(join(data, 'secrets/password-postgres'), 'utf8').trim()
  const ports: { postgres: number } = JSON.parse(readFileSync(join(data, 'ports.json'), 'utf8'))
  const client = new pg.Client({
    connectionString: databaseUrl(ports.postgres, 'postgres', password, 'portico')
  })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('what cannot be is said in one sentence', () => {
  const folder = join(tmpdir(), 'portico-never')
  assert.match(refused(folder, '--port', '99999'), /a port is a number/)
  assert.match(refused(folder, '--nonsense'), /Usage: npm start/)
  for (const [name, value, said] of [
    ['ORIGIN', 'http://portal.example.com', /https only/],
    ['HOST', '0.0.0.0', /needs TLS/],
    ['S3_ENDPOINT', 'http://127.0.0.1:9', /S3_ACCESS_KEY_ID/]
  ] as const) {
    process.env[name] = value
    assert.match(refused(folder), said)
    delete process.env[name]
  }
  assert.ok(!existsSync(folder), 'and nothing is left behind')
})

test(
  'the codes that stand in the terminal let the people of a demo firm in as soon as it is made',
  { skip },
  async () => {
    const data = mkdtempSync(join(tmpdir(), 'portico-start-'))
    const stack = await startStack({ data })
    try {
      await until('the codes are there', () =>
        stack.said().includes('Karl Åberg\n', stack.said().indexOf('Codes'))
      )
      for (const person of stack.demo.people) {
        const code = new RegExp(`(\\d{6})  ${person.name}$`, 'm').exec(stack.said())?.[1]
        const client = new ApiClient(stack.origin)
        await client.call('POST', '/auth/sign-in', { email: person.email, password: person.password })
        await client.call('POST', '/auth/second-factor', { code })
      }
    } finally {
      await stack.stop()
    }
  }
)
