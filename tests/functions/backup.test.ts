/** portico backup and restore, and what each says when something is not as it should be. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync
} from 'node:fs'
import { statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Client } from 'minio'
import pg from 'pg'
import { holdDeletions } from '../../functions/_shared/db/hold.ts'
import { problemIn, unreadIn } from '../../infra/backup/restic.ts'
import { connect } from '../../infra/backup/running.ts'
import { isWhole, runsIn } from '../../infra/backup/runs.ts'
import { chooseRun } from '../../infra/backup/choose.ts'
import { setTimeout as wait } from 'node:timers/promises'
import { until } from '../support/pipeline.ts'
import { noRestic, portico, startPortico } from '../support/portico-command.ts'
import { processesOf } from '../support/processes.ts'
import { noStore } from '../support/real-store.ts'
import { type Stack, startStack } from '../support/stack.ts'

const skip = noStore || noRestic

test("restic's words become a problem with a name", () => {
  const cases: [string, string][] = [
    ['Fatal: wrong password or no key found', 'wrong_password'],
    ['Fatal: unable to save snapshot: write /mnt/x: no space left on device', 'target_full'],
    ['Fatal: unable to create lock in backend: repository is already locked by PID 12', 'busy'],
    ['Fatal: unable to open config file: Stat: Get "http://h/": dial tcp: connection refused', 'target_away'],
    ['subprocess ssh: Host key verification failed.', 'target_away'],
    ['unable to start the sftp session, error: read |0: file already closed', 'target_away'],
    ['client.BucketExists: The request signature we calculated does not match', 'target_away'],
    ['The Access Key Id you provided does not exist in our records.', 'target_away'],
    ['Fatal: something that nobody has seen', 'failed']
  ]
  for (const [said, code] of cases) assert.equal(problemIn([said], 1).code, code, said)
  assert.match(problemIn(['Fatal: something that nobody has seen'], 1).message, /something that nobody/)
})

test('a file that restic could not read is told of, in the words of older and newer versions', () => {
  const old =
    '{"message_type":"error","error":{"Op":"lstat","Path":"/a","Err":2},"during":"archival","item":"/a"}'
  const newer = '{"message_type":"error","error":{"message":"open /a: permission denied"},"item":"/a"}'
  assert.deepEqual(unreadIn(old), { path: '/a', why: 'ENOENT' })
  assert.deepEqual(unreadIn(newer), { path: '/a', why: 'unreadable' })
  assert.equal(unreadIn('{"message_type":"status"}'), null)
  assert.equal(unreadIn('Fatal: {'), null)
})

test('a backup is whole only with all three of its parts, and is chosen by how its name begins', () => {
  const snapshot = (run: string, part: string) => ({
    id: `${part}${run}`,
    short_id: part,
    time: '2026-11-28T12:00:00Z',
    tags: [`run:${run}`, `part:${part}`, 'seq:7', 'server:18']
  })
  const whole = ['database', 'objects', 'secrets'].map((part) => snapshot('2026-11-28T10-00-00Z', part))
  const torn = ['database', 'objects'].map((part) => snapshot('2026-11-28T12-00-00Z', part))
  const stranger = { id: 'x', short_id: 'x', time: '', tags: [] }
  const runs = runsIn([...torn, ...whole, stranger])
  assert.deepEqual(
    runs.map((run) => [run.run, isWhole(run), run.seq]),
    [
      ['2026-11-28T10-00-00Z', true, 7],
      ['2026-11-28T12-00-00Z', false, 7]
    ]
  )
  const offered = runs.filter(isWhole)
  assert.equal(chooseRun(offered, 'latest').run, '2026-11-28T10-00-00Z')
  assert.equal(chooseRun(offered, '2026-11-28').run, '2026-11-28T10-00-00Z')
  assert.throws(() => chooseRun(offered, '2026-11-28T12'), /There is no backup/)
})

describe('portico backup', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-backup-'))
  const data = join(folder, 'data')
  const target = join(folder, 'target')
  const keys = join(folder, 'keys')
  let stack: Stack
  const backup = (...more: string[]) => portico(['backup', '--data', data, ...more])
  const restore = (to: string, ...more: string[]) =>
    portico([
      ...['restore', '--from', target, '--data', to],
      ...['--password-file', join(keys, 'password')],
      ...['--secrets-password-file', join(keys, 'secrets-password'), ...more]
    ])

  /** The steps that a backup told the database of while it was made, in the order they came; nothing stays of it. */
  async function stepsSeen(making: Promise<unknown>): Promise<string[]> {
    const client = await connect(data)
    const seen = new Set<string>()
    let going = true
    void making.finally(() => (going = false))
    for (; going; await wait(50)) {
      const { rows } = await client.query<{ step: string }>('select step from backup_running')
      for (const { step } of rows) seen.add(step)
    }
    const { rowCount } = await client.query('select from backup_running')
    await client.end()
    assert.equal(rowCount, 0)
    return [...seen]
  }

  before(async () => {
    // As root the database runs as another user, who must pass through.
    spawnSync('chmod', ['711', folder])
    stack = await startStack({ data, demo: false, keep: true })
  })
  after(async () => {
    await stack?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('without a target it says which words are missing', async () => {
    const said = await backup()
    assert.deepEqual([said.code, said.json.code], [17, 'not_set_up'])
    assert.match(said.json.message, /--to TARGET/)
  })

  test('without restic one sentence says what to install', async () => {
    const said = await portico(['backup', '--data', data, '--to', target], { env: { PATH: folder } })
    assert.deepEqual([said.code, said.json.code], [10, 'restic_missing'])
    assert.match(said.json.message, /apt-get install restic/)
    const named = await portico(['backup', '--data', data, '--to', target], {
      env: { PORTICO_RESTIC: 'no-such-program' }
    })
    assert.equal(named.code, 10)
    assert.ok(!existsSync(target), 'nothing was begun')
  })

  test('a target that cannot be made leaves nothing behind that would look like one', async () => {
    writeFileSync(join(folder, 'file'), '')
    const said = await backup('--to', join(folder, 'file/target'))
    assert.deepEqual([said.code, said.json.code], [11, 'target_away'], said.stdout)
    assert.equal((await backup()).json.code, 'not_set_up')
  })

  test('a full target is named; the settings stay', async () => {
    const small = join(folder, 'small')
    mkdirSync(small)
    const args = ['backup', '--data', data, '--to', small]
    const said = await portico(args, {
      before: ['bwrap', '--dev-bind', '/', '/', '--size', '2500000', '--tmpfs', small]
    })
    assert.deepEqual([said.code, said.json.code], [12, 'target_full'], said.stdout + said.stderr)
  })

  test('the first one makes the target ready, with two passwords that differ', async () => {
    const making = backup('--to', target)
    const steps = await stepsSeen(making)
    const said = await making
    assert.equal(said.code, 0, said.stdout + said.stderr)
    assert.equal(said.json.kept, 1)
    assert.ok(steps.length > 1 && steps.at(-1) === 'drill', steps.join())
    const order = ['database', 'objects', 'recent', 'drill']
    assert.deepEqual(
      steps,
      order.filter((step) => steps.includes(step))
    )
    assert.equal(said.json.recent?.run, said.json.run, 'the log goes on from it, and was tried out with it')
    assert.ok(said.json.database.bytes > 1e6 && said.json.objects.bytes > 0)
    assert.deepEqual([said.json.drill.problem, said.json.drill.says], [null, null])
    assert.ok(!existsSync(join(data, 'drill')), 'nothing of the trial is left')
    mkdirSync(keys)
    for (const name of ['password', 'secrets-password']) {
      cpSync(join(data, 'backup', name), join(keys, name))
      assert.equal(statSync(join(data, 'backup', name)).mode & 0o777, 0o600)
    }
    const read = (name: string) => readFileSync(join(keys, name), 'utf8')
    assert.notEqual(read('password'), read('secrets-password'))
  })

  test('no secret lies at the target, and the password of the data does not open the secrets', () => {
    for (const name of readdirSync(join(data, 'secrets'))) {
      const secret = readFileSync(join(data, 'secrets', name), 'utf8').trim()
      assert.equal(spawnSync('grep', ['-rqF', secret, target]).status, 1, name)
    }
    const open = (part: string) =>
      spawnSync('restic', ['-r', join(target, part), 'cat', 'config'], {
        env: { ...process.env, RESTIC_PASSWORD_FILE: join(keys, 'password') }
      }).status
    assert.equal(open('data'), 0)
    assert.notEqual(open('secrets'), 0)
    // What the password of the data does open holds none of them either.
    const list = spawnSync('restic', ['-r', join(target, 'data'), 'ls', '--tag', 'part:objects', 'latest'], {
      env: { ...process.env, RESTIC_PASSWORD_FILE: join(keys, 'password') },
      encoding: 'utf8'
    }).stdout
    assert.match(list, /format\.json/)
    assert.doesNotMatch(list, /secret|password/)
  })

  test('two at once: one is made, the other says that it is not needed', async () => {
    const said = await Promise.all([backup(), backup()])
    assert.deepEqual(said.map((one) => one.code).toSorted(), [0, 14])
    assert.match(said.find((one) => one.code === 14)?.json.message ?? '', /under way/)
  })

  test('new documents go out while a whole one is made', async () => {
    const client = await connect(data)
    const release = await holdDeletions(client)
    const said = await backup('--recent')
    await release()
    await client.end()
    assert.equal(said.code, 0, said.stdout)
    assert.equal(said.json.documents_at, said.json.at)
  })

  test('a target that was there before and is gone is never begun anew', async () => {
    renameSync(target, `${target}.away`)
    const said = await backup()
    assert.deepEqual([said.code, said.json.code], [11, 'target_away'])
    assert.ok(!existsSync(target))
    renameSync(`${target}.away`, target)
  })

  test('a password that is not the one of the target is named', async () => {
    const file = join(data, 'backup/password')
    writeFileSync(file, 'another\n')
    const said = await backup()
    assert.deepEqual([said.code, said.json.code], [13, 'wrong_password'])
    cpSync(join(keys, 'password'), file)
  })

  test('a folder that is no portal, a command that is none, a flag that is none', async () => {
    assert.deepEqual([(await portico(['backup', '--data', keys, '--to', target])).json.code], ['store_away'])
    assert.equal((await portico(['backups'])).code, 2)
    assert.equal((await portico(['backup', '--too', target])).code, 2)
    const plain = await startPortico(['backup', '--data', data, '--too', 'x']).said
    assert.equal(plain.code, 2)
    assert.match(plain.stderr, /Usage/)
  })

  test('the doctor looks at every part; a log that lost a number and a part that is gone are found', async () => {
    const examine = async () => {
      const said = await portico(['doctor', '--data', data])
      const ill = said.json.findings.filter((one) => !one.is_well)
      return { code: said.code, ill: ill.map((one) => one.part), says: ill.map((one) => one.says).join() }
    }
    const parts = (await portico(['doctor', '--data', data])).json.findings.map((one) => one.part)
    for (const part of [
      'restic',
      'sandbox',
      'disk',
      'portal',
      'object store',
      'buckets',
      'pages',
      'functions',
      'connector',
      'database',
      'log',
      'work',
      'backups'
    ])
      assert.ok(parts.includes(part), part)
    assert.deepEqual(await examine(), { code: 0, ill: [], says: '' })
    const url = new URL(readFileSync(join(data, 'mounts/connector/db-pipeline'), 'utf8').trim())
    url.username = 'postgres'
    url.password = readFileSync(join(data, 'secrets/password-postgres'), 'utf8').trim()
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    await client.query('update audit_counter set last = last + 1')
    const found = await examine()
    await client.query('update audit_counter set last = last - 1')
    const [connector = 0] = processesOf((line) => line.includes('infra/connector/main.ts'), stack.process.pid)
    process.kill(connector, 'SIGSTOP')
    await client.query(`update clock_mark set at = at - interval '10 minutes' where name = 'connector'`)
    const hung = await examine()
    process.kill(connector, 'SIGCONT')
    await client.end()
    assert.deepEqual([hung.code, hung.ill], [23, ['connector']])
    assert.match(hung.says, /has not told of itself for 1\d minutes/)
    assert.deepEqual([found.code, found.ill], [23, ['log']])
    assert.equal((await portico(['doctor', '--data', keys])).code, 2)
  })

  test('the doctor finds a function that hangs and a bucket that somebody changed', async () => {
    const ill = async () =>
      (await portico(['doctor', '--data', data])).json.findings.filter((one) => !one.is_well)
    const { store, gateway } = JSON.parse(readFileSync(join(data, 'ports.json'), 'utf8'))
    const secretKey = readFileSync(join(data, 'secrets/store-root'), 'utf8').trim()
    const s3 = new Client({
      endPoint: '127.0.0.1',
      port: store,
      useSSL: false,
      accessKey: 'portico-root',
      secretKey
    })
    await s3.removeBucketEncryption('portico-derived')
    const [bucket] = await ill()
    await s3.setBucketEncryption('portico-derived', {
      Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }]
    })
    assert.deepEqual(
      [bucket?.part, bucket?.says.split(':')[0]],
      ['buckets', 'portico-derived has lost encryption']
    )
    const password = readFileSync(join(data, 'secrets/gateway-password'), 'utf8').trim()
    const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
    const answer = await fetch(`http://127.0.0.1:${gateway}/system/functions`, { headers: { authorization } })
    const running = (await answer.json()) as { name: string; pid: number | null }[]
    process.kill(running.find((one) => one.name === 'auth')?.pid ?? 0, 'SIGSTOP')
    const [functions] = await ill()
    assert.deepEqual([functions?.part, functions?.says.split(' ')[0]], ['functions', 'auth'])
    await until('the gateway has ended what hung', async () => (await ill()).length === 0, 60)
  })

  test('a lock that a killed restic left holds up neither backup nor restore', async () => {
    const locks = join(target, 'data/locks')
    const killed = spawn('restic', ['-r', join(target, 'data'), 'prune'], {
      env: { ...process.env, RESTIC_PASSWORD_FILE: join(keys, 'password') },
      stdio: 'ignore'
    })
    while (!readdirSync(locks).some((name) => /^[0-9a-f]{64}$/.test(name))) await wait(5)
    killed.kill('SIGKILL')
    await new Promise((resolve) => killed.once('exit', resolve))
    assert.equal(readdirSync(locks).length, 1, 'it was killed in time')
    const listed = await restore(join(folder, 'nowhere'), '--list')
    assert.equal(listed.code, 0, listed.stdout)
    const said = await backup()
    assert.equal(said.code, 0, said.stdout)
    assert.equal(readdirSync(locks).length, 0)
  })

  test('killed in the middle, at any moment: the next one is whole, and no torn one is offered', async () => {
    let killed = 0
    for (const pause of [1_200, 2_400]) {
      const running = startPortico(['backup', '--data', data, '--json'])
      const ended = await Promise.race([running.said, wait(pause)])
      if (!ended) process.kill(running.pid, 'SIGKILL')
      killed += (await running.said).code === null ? 1 : 0
    }
    assert.ok(killed > 0)
    const said = await backup()
    assert.equal(said.code, 0, said.stdout)
    const { json } = await restore(join(folder, 'nowhere'), '--list')
    assert.equal(json.runs.at(-1)?.run, said.json.run)
    assert.equal(json.runs.length, said.json.kept)
  })

  test('a newest backup that cannot be read is not replaced by an older one unasked', async () => {
    const spoilt = join(folder, 'spoilt')
    cpSync(target, spoilt, { recursive: true })
    // An empty machine: what restic kept of the target would hide the damage.
    const from = (to: string, ...more: string[]) =>
      portico(
        [
          ...['restore', '--from', spoilt, '--data', to, '--password-file', join(keys, 'password')],
          ...['--secrets-password-file', join(keys, 'secrets-password'), ...more]
        ],
        { env: { XDG_CACHE_HOME: mkdtempSync(join(folder, 'cache-')) } }
      )
    const { json } = await from(join(folder, 'nowhere'), '--list')
    const list = spawnSync('restic', ['-r', join(spoilt, 'secrets'), 'snapshots', '--json'], {
      env: { ...process.env, RESTIC_PASSWORD_FILE: join(keys, 'secrets-password') },
      encoding: 'utf8'
    }).stdout
    const newest: { id: string } = JSON.parse(list).at(-1)
    const file = join(spoilt, 'secrets/snapshots', newest.id)
    const bytes = readFileSync(file)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    rmSync(file)
    writeFileSync(file, bytes)
    const to = join(folder, 'nowhere')
    const said = await from(to)
    assert.deepEqual([said.code, said.json.code], [24, 'damaged'], said.stdout)
    assert.match(said.json.message, /--snapshot/)
    assert.ok(!existsSync(to))
    const others = (await from(to, '--list')).json.runs
    assert.equal(others.length, json.runs.length - 1)
  })

  test('restore: not into a folder with something in it, not without the right passwords, not of what there is not', async () => {
    assert.deepEqual([(await restore(data)).json.code], ['folder_not_empty'])
    const to = join(folder, 'nowhere')
    assert.equal((await restore(to, '--snapshot', '1999-01')).json.code, 'no_such_snapshot')
    const wrong = ['--password-file', join(keys, 'secrets-password')]
    assert.equal((await restore(to, ...wrong)).json.code, 'wrong_password')
    const unasked = await portico(['restore', '--from', target, '--data', to])
    assert.deepEqual([unasked.code, unasked.json.code], [2, 'usage'])
    assert.match(unasked.json.message, /--password-file/)
    assert.ok(!existsSync(to), 'nothing was begun')
  })

  test('restored, it is a portal; half restored, none starts on it', async () => {
    const to = join(folder, 'back')
    const said = await restore(to)
    assert.equal(said.code, 0, said.stdout + said.stderr)
    assert.equal(said.json.log.broken_at, null)
    const again = await startStack({ data: to, demo: false, keep: true })
    assert.equal((await fetch(`${again.origin}/sign-in`)).status, 200)
    await again.stop()
    writeFileSync(join(to, 'restore-unfinished'), '')
    await assert.rejects(startStack({ data: to, demo: false, keep: true }), /did not come to its end/)
    assert.deepEqual([(await restore(to)).json.code], ['folder_not_empty'])
  })

  test('without its database running there is no backup, and it says what to start', async () => {
    await stack.stop()
    const said = await backup()
    assert.deepEqual([said.code, said.json.code], [15, 'database_away'])
    assert.match(said.json.message, /npm start/)
    const doctor = await portico(['doctor', '--data', data])
    assert.equal(doctor.code, 23)
    const ill = doctor.json.findings.filter((one) => !one.is_well)
    assert.deepEqual(ill.map((one) => one.part).toSorted(), ['database', 'portal'])
  })
})
