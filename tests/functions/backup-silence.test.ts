/** A target that takes connections and says nothing more: what waits for it ends, is written down, and holds up nothing. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'minio'
import pg from 'pg'
import { unlessHeld } from '../../functions/_shared/db/hold.ts'
import { connect, superuserUrl } from '../../infra/backup/running.ts'
import { watchSilence } from '../../infra/backup/silence.ts'
import { findStore } from '../../infra/minio/find.ts'
import { type StoreServer, startStore } from '../../infra/minio/server.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { noRestic, portico } from '../support/portico-command.ts'
import { noStore } from '../support/real-store.ts'
import { type Stack, startStack } from '../support/stack.ts'

test('who moves bytes, or says that it comes further, is left alone; who does neither is not', async (t) => {
  const written = `setInterval(() => require('fs').writeFileSync('/dev/null', Buffer.alloc(200_000)), 100)`
  const start = (script: string, step: () => string) => {
    const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
    const seen = { silent: false }
    const stop = watchSilence(
      child.pid ?? 0,
      2_000,
      () => ({ said: 0, step: step() }),
      () => (seen.silent = true)
    )
    t.after(() => {
      stop()
      child.kill('SIGKILL')
    })
    return seen
  }
  const busy = start(written, () => '')
  const walking = start('setInterval(() => {}, 1_000)', () => String(Date.now()))
  const silent = start('setInterval(() => {}, 1_000)', () => '')
  await wait(4_000)
  const isKnown = existsSync('/proc/self/io')
  assert.deepEqual([busy.silent, walking.silent, silent.silent], [false, false, isKnown])
})

describe('a target that falls silent', { skip: noStore || noRestic }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-silence-'))
  const data = join(folder, 'data')
  const root_password = randomBytes(18).toString('hex')
  const env = { AWS_ACCESS_KEY_ID: 'elsewhere', AWS_SECRET_ACCESS_KEY: root_password }
  let stack: Stack
  let target: StoreServer
  let database: pg.Client
  const backup = (...more: string[]) => portico(['backup', '--data', data, ...more], { env })
  const hold = (signal: 'SIGSTOP' | 'SIGCONT') => process.kill(target.pid, signal)

  before(async () => {
    spawnSync('chmod', ['711', folder])
    stack = await startStack({ data, demo: false, keep: true })
    target = await startStore({
      program: await findStore(() => undefined),
      folder: join(folder, 'target'),
      port: await freePort(),
      root_user: 'elsewhere',
      root_password,
      kms_key: randomBytes(32).toString('base64'),
      webhook: null
    })
    const { hostname, port } = new URL(target.endpoint)
    const key = { accessKey: 'elsewhere', secretKey: root_password }
    await new Client({ endPoint: hostname, port: Number(port), useSSL: false, ...key }).makeBucket('backups')
    database = await connect(data)
    const first = await backup('--to', `s3:${target.endpoint}/backups/portico`)
    assert.equal(first.code, 0, first.stdout + first.stderr)
    // The portal's own tries stay out of the way.
    const file = join(data, 'backup/backup.json')
    const settings: object = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...settings, patience_seconds: 8, recent_seconds: 3_600 }))
  })
  after(async () => {
    if (target) hold('SIGCONT')
    await target?.stop()
    await database?.end()
    await stack?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('in the middle of a whole backup', { timeout: 120_000 }, async () => {
    const locks = join(folder, 'target/objects/backups/portico/data/locks')
    const begun = Date.now()
    const running = backup()
    while (!existsSync(locks) || readdirSync(locks).length === 0) {
      assert.ok(Date.now() - begun < 30_000, 'it has begun')
      await wait(10)
    }
    hold('SIGSTOP')
    const { code, json, stdout } = await running
    hold('SIGCONT')
    assert.deepEqual([code, json.code], [11, 'target_away'], stdout)
    assert.match(json.message, /fell silent/)
    const { rows } = await database.query('select problem from backup order by begun_at desc limit 1')
    assert.deepEqual(rows, [{ problem: 'target_away' }])
    const pool = new pg.Pool({ connectionString: superuserUrl(data), max: 1 })
    assert.equal(await unlessHeld(pool, async () => 'deleted'), 'deleted')
    await pool.end()
    const again = await backup()
    assert.equal(again.code, 0, again.stdout)
  })

  test('while the log is saved', { timeout: 120_000 }, async () => {
    hold('SIGSTOP')
    const { code, json, stdout } = await backup('--recent')
    const { rows } = await database.query('select problem from backup_recent')
    hold('SIGCONT')
    assert.deepEqual([code, json.code], [11, 'target_away'], stdout)
    assert.deepEqual(rows, [{ problem: 'target_away' }])
    const again = await backup('--recent')
    assert.equal(again.code, 0, again.stdout)
  })
})
