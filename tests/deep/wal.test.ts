/**
 * Between two backups: what was acknowledged comes back up to the last time that it was saved, or to a moment that was
 * named; a log with a hole never gives less without a word; a target that is away fills no disk.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { superuserUrl } from '../../infra/backup/running.ts'
import { segmentsBetween } from '../../infra/backup/wal.ts'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Said, noRestic, portico, programs, startPortico } from '../support/portico-command.ts'
import { noStore } from '../support/real-store.ts'
import { type Stack, startStack } from '../support/stack.ts'

const skip = process.platform === 'linux' ? noStore || noRestic : 'looks processes up in /proc'

type Snapshot = { id: string; time: string; tags: string[] }

describe('between two backups', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-wal-'))
  const [data, target, keys] = [join(folder, 'data'), join(folder, 'target'), join(folder, 'keys')]
  const figures: string[] = []
  let stack: Stack
  let run: string

  before(() => spawnSync('chmod', ['711', folder]))
  after(async () => {
    await stack?.stop()
    rmSync(folder, { recursive: true, force: true })
    process.stdout.write(`between backups: ${figures.join('; ')}\n`)
  })

  const backup = (...more: string[]): Promise<Said> => portico(['backup', '--data', data, ...more])
  function setSettings(change: object): void {
    const file = join(data, 'backup/backup.json')
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }))
  }
  const save = async (): Promise<Said['json']> => {
    const said = await backup('--recent')
    assert.equal(said.code, 0, said.stdout + said.stderr)
    return said.json
  }
  const restore = (name: string, ...more: string[]): Promise<Said> => {
    const to = join(folder, name)
    rmSync(to, { recursive: true, force: true })
    return portico(
      [
        ...['restore', '--from', target, '--data', to],
        ...['--password-file', join(keys, 'password')],
        ...['--secrets-password-file', join(keys, 'secrets-password'), ...more]
      ],
      { env: { XDG_CACHE_HOME: mkdtempSync(join(folder, 'cache-')), PATH: programs() } }
    )
  }
  const inDatabase = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: superuserUrl(data) })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }
  const ask = async <T>(text: string): Promise<T> =>
    inDatabase(async (client) => (await client.query(text)).rows[0] as T)
  /** Another segment of the server's log is begun. */
  const turn = () =>
    inDatabase(async (client) => {
      await client.query('create table if not exists turned (at timestamptz)')
      await client.query('insert into turned values (now())')
      await client.query('select pg_switch_wal()')
    })

  /** Sends a file and waits until its bytes were looked at. */
  async function send(name: string): Promise<string> {
    const { client, project_id } = await signedIn('Petra')
    const file = { name, type: 'text/plain', bytes: Buffer.from(`${name}\n`.repeat(2_000)) }
    const receipt = await client.upload(project_id, [file])
    const id = receipt.outcomes[0]?.document?.id ?? ''
    for (let i = 0; i < 300; i += 1, await wait(200)) {
      const { version } = await client.call<{ version: { state: string } }>(
        'GET',
        `/documents/documents/${id}`
      )
      if (version.state === 'ready') return id
    }
    throw new Error('not ready in time')
  }

  async function signedIn(name: string): Promise<{ client: ApiClient; project_id: string }> {
    const client = new ApiClient(stack.origin)
    await client.signIn(stack.person(name))
    const { items } = await client.call<{ items: { id: string; name: string }[] }>(
      'GET',
      '/documents/projects'
    )
    return { client, project_id: items.find((one) => one.name.includes('Jahresabschluss'))?.id ?? '' }
  }

  /** Throws it away, empties the trash and waits until the store has nothing of it. */
  async function erase(id: string): Promise<void> {
    const { client, project_id } = await signedIn('Jonas')
    await client.call('POST', '/documents/things/trash', { things: [id] })
    await client.call('POST', `/documents/projects/${project_id}/trash/empty`, { things: [id] })
    await ask(`select job_add('clock', '{"act": "empty_trash"}', '', 'empty_trash')`)
    const left = `select count(*)::int as count from trash where thing_id = '${id}' and erased_at is null`
    for (let i = 0; (await ask<{ count: number }>(left)).count > 0; i += 1, await wait(200))
      assert.ok(i < 450, 'not erased in time')
  }
  const names = (said: Said) => said.json.objects.missing.map((one) => one.name)

  /** What restored documents are called, read out of the restored database by starting it as the portal does. */
  async function documentsIn(name: string): Promise<string[]> {
    const { withDatabase } = await import('../../infra/backup/scratch.ts')
    return withDatabase(join(folder, name), null, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        `select name from document where name like 'w%' order by name`
      )
      return rows.map((row) => row.name)
    })
  }

  const restic = (part: 'wal' | 'data', args: string[], cwd = folder): string => {
    const ran = spawnSync('restic', ['-r', join(target, part), '--no-cache', ...args], {
      cwd,
      env: { ...process.env, TZ: 'UTC', RESTIC_PASSWORD_FILE: join(keys, 'password') },
      encoding: 'utf8',
      maxBuffer: 1e9
    })
    assert.equal(ran.status, 0, ran.stderr)
    return ran.stdout
  }
  const walSnapshots = (): Snapshot[] => JSON.parse(restic('wal', ['snapshots', '--json']))

  /** The newest copy of the log as `change` leaves it, in place of what lies at the target. */
  function replaceWal(change: (folder: string, segments: string[]) => void): void {
    const newest = walSnapshots()
      .toSorted((a, b) => (a.time < b.time ? -1 : 1))
      .at(-1)
    assert.ok(newest)
    const out = mkdtempSync(join(folder, 'segments-'))
    restic('wal', ['restore', newest.id, '--target', out])
    change(out, readdirSync(out).toSorted())
    restic(
      'wal',
      [
        ...['backup', '--host', 'portico', '--time', newest.time.slice(0, 19).replace('T', ' ')],
        ...newest.tags.flatMap((tag) => ['--tag', tag]),
        ...readdirSync(out)
      ],
      out
    )
    restic('wal', ['forget', newest.id])
    rmSync(out, { recursive: true })
  }

  test('the first backup is tried out with the log that was saved after it', async () => {
    stack = await startStack({ data, keep: true })
    const said = await backup('--to', target)
    assert.equal(said.code, 0, said.stdout + said.stderr)
    assert.deepEqual([said.json.drill.problem, said.json.drill.says], [null, null])
    run = said.json.run
    assert.equal(said.json.recent?.run, run)
    // By itself the portal saves once more, and then in an hour: it does not come between us.
    setSettings({ recent_seconds: 3_600 })
    await wait(7_000)
    while (existsSync(join(data, 'backup/wal.pid'))) await wait(100)
    mkdirSync(keys)
    for (const name of ['password', 'secrets-password']) cpSync(join(data, 'backup', name), join(keys, name))
    assert.equal((await ask<{ late: boolean }>('select recent_late as late from backup_state()')).late, false)
  })

  let between: string
  test('what came after it comes back; up to a named moment just what was there by then', async () => {
    await send('w1.txt')
    const first = await save()
    figures.push(`saved in ${first.seconds} s, ${first.added} bytes new`)
    assert.equal(first.documents_at, first.at)
    await turn()
    between = new Date().toISOString()
    await wait(1_100)
    await send('w2.txt')
    await turn()
    await send('w3.txt')
    const last = await save()
    figures.push(`then in ${last.seconds} s, ${last.added} bytes new`)
    const all = await restore('all')
    assert.equal(all.code, 0, all.stdout + all.stderr)
    assert.deepEqual([all.json.run, all.json.at, names(all)], [run, last.at, []])
    assert.equal(all.json.log.broken_at, null)
    assert.deepEqual(await documentsIn('all'), ['w1.txt', 'w2.txt', 'w3.txt'])
    const moment = await restore('moment', '--until', between)
    assert.equal(moment.code, 0, moment.stdout + moment.stderr)
    assert.equal(moment.json.at, between)
    assert.deepEqual(await documentsIn('moment'), ['w1.txt'])
    const whole = await restore('whole', '--snapshot', run)
    assert.equal(whole.code, 0, whole.stdout + whole.stderr)
    assert.deepEqual(await documentsIn('whole'), [])
  })

  test('a moment that was never saved is refused, and what can be had is said', async () => {
    for (const until of ['2020-01-01T00:00:00Z', new Date(Date.now() + 3_600_000).toISOString()]) {
      const said = await restore('never', '--until', until)
      assert.deepEqual([said.code, said.json.code], [20, 'no_such_snapshot'], said.stdout)
      assert.match(said.json.message, /moments from \d{4}-.* to \d{4}-/)
    }
    assert.equal((await restore('never', '--until', 'gestern')).json.code, 'usage')
    assert.equal((await restore('never', '--until', between, '--snapshot', run)).json.code, 'usage')
  })

  test('a segment that is missing in the middle, or damaged: refused, with the moment that is still to be had', async () => {
    const copy = join(folder, 'target.copy')
    cpSync(target, copy, { recursive: true })
    const changes: [string, (folder: string, segments: string[]) => void][] = [
      ['missing', (out, segments) => rmSync(join(out, segments.at(-2) ?? ''))],
      [
        'damaged',
        (out, segments) => {
          const file = join(out, segments.at(-2) ?? '')
          const bytes = readFileSync(file)
          bytes.fill(0xa5, 8_192, 8_192 + 400)
          writeFileSync(file, bytes)
        }
      ]
    ]
    for (const [what, change] of changes) {
      replaceWal(change)
      const said = await restore('hole')
      assert.deepEqual([said.code, said.json.code], [24, 'damaged'], `${what}: ${said.stdout}`)
      assert.ok(!existsSync(join(folder, 'hole')), 'nothing half restored is left')
      const until = /--until (\S+Z) /.exec(said.json.message)?.[1] ?? ''
      assert.ok(until >= between.slice(0, 19), `${what}: ${said.json.message}`)
      const moment = await restore('hole', '--until', until)
      assert.equal(moment.code, 0, `${what}: ${moment.stdout}`)
      assert.deepEqual(await documentsIn('hole'), ['w1.txt'])
      rmSync(target, { recursive: true })
      cpSync(copy, target, { recursive: true })
    }
    rmSync(join(target, 'wal'), { recursive: true })
    const gone = await restore('hole')
    assert.deepEqual([gone.code, gone.json.code], [24, 'damaged'])
    assert.match(gone.json.message, new RegExp(`--snapshot ${run}`))
    assert.equal((await restore('hole', '--list')).json.runs.at(-1)?.run, run)
    rmSync(target, { recursive: true })
    renameSync(copy, target)
  })

  test('killed while it saves, and the server killed after: what was acknowledged is there', async () => {
    let killed = 0
    for (const pause of [350, 700, 1_000]) {
      const running = startPortico(['backup', '--recent', '--data', data, '--json'])
      await wait(pause)
      try {
        process.kill(running.pid, 'SIGKILL')
        killed += 1
      } catch {
        // It had ended.
      }
      await running.said
    }
    assert.ok(killed > 0)
    await send('w4.txt')
    const saved = await save()
    const server = Number(readFileSync(join(data, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])
    process.kill(server, 'SIGKILL')
    const said = await restore('after-kill')
    assert.equal(said.code, 0, said.stdout)
    assert.equal(said.json.at, saved.at)
    assert.ok((await documentsIn('after-kill')).includes('w4.txt'))
    for (let i = 0; ; i += 1, await wait(500))
      try {
        await send('w5.txt')
        break
      } catch (error) {
        if (i > 60) throw error
      }
    const again = await save()
    assert.ok(again.at > saved.at, 'the server’s log is still all there after it was killed')
    assert.ok((await restore('after-kill')).json.at === again.at)
  })

  test('what was erased since is there again at a moment before, also after the next whole backup', async () => {
    const early = await send('w6.txt')
    await save()
    const late = await send('w7.txt')
    const moment = new Date().toISOString()
    await save()
    await erase(early)
    await save()
    await erase(late)
    await save()
    const back = async () => {
      const said = await restore('erased', '--until', moment)
      assert.deepEqual([said.code, names(said)], [0, []], said.stdout)
      assert.deepEqual((await documentsIn('erased')).slice(-2), ['w6.txt', 'w7.txt'])
    }
    await back()
    assert.equal((await backup()).code, 0)
    await back()
    const newest = await restore('newest')
    assert.deepEqual([newest.code, names(newest)], [0, []], newest.stdout)
  })

  test('a target that is away for a while: it catches up; for longer: no disk is filled, and a whole backup is due', async () => {
    setSettings({ wal_megabytes: 64 })
    const second = await backup()
    assert.equal(second.code, 0, second.stdout)
    renameSync(target, `${target}.away`)
    const away = await backup('--recent')
    assert.deepEqual([away.code, away.json.code], [11, 'target_away'], away.stdout)
    assert.equal((await ask<{ problem: string }>('select problem from backup_recent')).problem, 'target_away')
    await turn()
    await send('w8.txt')
    renameSync(`${target}.away`, target)
    const caught = await save()
    assert.ok(caught.bytes >= 2 * 16 * 1024 * 1024)
    renameSync(target, `${target}.away`)
    for (let i = 0; i < 12; i += 1) {
      await turn()
      await ask('checkpoint')
    }
    const kept = readdirSync(join(data, 'postgres/pg_wal'))
      .map((name) => statSync(join(data, 'postgres/pg_wal', name)))
      .reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0)
    figures.push(`with 64 MB allowed ${Math.round(kept / 1e6)} MB of log were kept`)
    assert.ok(kept < 64e6 + 8 * 16 * 1024 * 1024, `${kept} bytes of log are kept`)
    renameSync(`${target}.away`, target)
    const lost = await backup('--recent')
    assert.deepEqual([lost.code, lost.json.code], [25, 'wal_lost'], lost.stdout)
    assert.ok(!existsSync(join(data, 'backup/wal.json')), 'the next whole one is due at once')
    // What was saved before is what a restore gives, and it says up to when.
    assert.equal((await restore('before-gap')).json.at, caught.at)
    const third = await backup()
    assert.equal(third.code, 0, third.stdout)
    assert.equal(third.json.drill.problem, null)
    await save()
  })

  test('switched off, the server keeps nothing for it and nothing is late', async () => {
    setSettings({ recent_seconds: 0 })
    assert.equal((await backup()).code, 0)
    const found = await ask<{ slots: number; rows: number }>(
      'select (select count(*)::int from pg_replication_slots) as slots, (select count(*)::int from backup_recent) as rows'
    )
    assert.deepEqual(found, { slots: 0, rows: 0 })
    assert.equal((await backup('--recent')).json.code, 'not_set_up')
  })

  test('the names of segments count as the server counts them', () => {
    assert.deepEqual(segmentsBetween('0000000100000000000000FE', '000000010000000100000001'), [
      '0000000100000000000000FE',
      '0000000100000000000000FF',
      '000000010000000100000000',
      '000000010000000100000001'
    ])
    assert.deepEqual(segmentsBetween('000000010000000000000001', '000000020000000000000002'), [])
  })
})
