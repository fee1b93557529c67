/** Parts of the runner by themselves: caught mail, the bell board, secrets, logs, locks. */
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createTransport } from 'nodemailer'
import { startStore } from '../../infra/minio/server.ts'
import { LogFile } from '../../infra/runner/log-file.ts'
import { startCatcher } from '../../infra/runner/mail/catcher.ts'
import { AlreadyRunning, commandOf, takeLock } from '../../infra/runner/pids.ts'
import { freePort, keptPorts } from '../../infra/runner/ports.ts'
import { openSecrets } from '../../infra/runner/secrets.ts'
import { parseStack, substitute } from '../../infra/runner/stack.ts'
import { processesOf } from '../support/processes.ts'
import { findMinio } from '../support/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-parts-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('a mail that nobody sends on can be read, with its umlauts and its link', async () => {
  const catcher = await startCatcher(join(folder, 'mail'), await freePort(), await freePort())
  try {
    const link = 'http://localhost:8480/invitation/1#abcdefghijklmnopqrstuvwxyz_-=ABC'
    const text = `Guten Tag, Frau Krämer,\n\n${link}\n\n${'lang '.repeat(60)}`
    const transport = createTransport(catcher.smtp_url)
    const mail = { from: 'portico@localhost', to: 'a@example.org', subject: 'Einladung für Åsa – 中', text }
    await transport.sendMail({ ...mail, html: '<p>Guten Tag</p>' })
    transport.close()
    const [caught] = catcher.messages()
    assert.equal(caught?.to, 'a@example.org')
    assert.equal(caught?.subject, mail.subject)
    assert.ok(caught?.text.includes(link))
    assert.ok(caught?.text.includes('Krämer'))
    const listed: unknown = await (await fetch(`${catcher.page}/messages.json`)).json()
    assert.deepEqual(listed, catcher.messages())
    const page = await (await fetch(`${catcher.page}/messages/${caught?.id}`)).text()
    assert.ok(page.includes(`<a href="${link}">`))
    assert.equal(await statusByName(catcher.page, 'evil.example'), 421)
  } finally {
    await catcher.stop()
  }
})

test('a mail for which there is no room is refused for now, and the next one is caught', async () => {
  const place = join(folder, 'full')
  const catcher = await startCatcher(place, await freePort(), await freePort())
  const transport = createTransport(catcher.smtp_url)
  const mail = { from: 'portico@localhost', to: 'a@example.org', subject: 'x', text: 'x' }
  try {
    rmSync(place, { recursive: true })
    await assert.rejects(transport.sendMail(mail), { responseCode: 452 })
    mkdirSync(place)
    await transport.sendMail(mail)
    assert.equal(catcher.messages().length, 1)
  } finally {
    transport.close()
    await catcher.stop()
  }
})

test('a store whose process id cannot be written down is not left behind', async (t) => {
  const minio = findMinio()
  if (!minio) return t.skip('no minio binary: npm start builds one')
  const place = join(folder, 'store')
  mkdirSync(join(place, 'minio.pid'), { recursive: true })
  await assert.rejects(
    startStore({
      program: { kind: 'binary', path: minio },
      folder: place,
      port: await freePort(),
      root_user: 'portico-root',
      root_password: 'portico-root-password',
      kms_key: Buffer.alloc(32).toString('base64'),
      webhook: null
    }),
    { code: 'EISDIR' }
  )
  for (let i = 0; i < 50 && processesOf((line) => line.includes(place)).length > 0; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(
    processesOf((line) => line.includes(place)),
    []
  )
})

test('secrets that are there are not written again: a full disk would leave them empty', () => {
  const { mount } = openSecrets(join(folder, 'again'))
  const file = join(mount('scan', { key: 'value' }), 'key')
  const before = statSync(file, { bigint: true }).mtimeNs
  mount('scan', { key: 'value' })
  assert.equal(statSync(file, { bigint: true }).mtimeNs, before)
  mount('scan', { key: 'other' })
  assert.equal(readFileSync(file, 'utf8'), 'other')
})

/** What is answered to a browser that was led here by another name. */
function statusByName(page: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${page}/messages.json`, { headers: { host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('error', reject).end()
  })
}

test('stack.yml’s variables are set, kept at their default, or empty', () => {
  const text = '${ORIGIN:-http://localhost:8480} ${SMTP_URL:-} ${REGISTRY}'
  assert.equal(substitute(text, { ORIGIN: 'https://a.example' }), 'https://a.example  ')
  assert.equal(substitute(text, { ORIGIN: '' }), 'http://localhost:8480  ')
})

test('a bell board with a mistake names its place', () => {
  const entry = '{ environment: { exec_timeout: soon }, limits: { memory: 64Mi }, annotations: {} }'
  assert.throws(() => parseStack(`functions: { auth: ${entry} }`, {}))
  assert.throws(() => parseStack('functions: { Auth: {} }', {}), /Auth/)
})

test('a secret is made once, and a mount holds only what was named', () => {
  const data = join(folder, 'secrets-test')
  const first = openSecrets(join(data)).get('data-key')
  const again = openSecrets(join(data))
  assert.equal(again.get('data-key'), first)
  assert.equal(Buffer.from(first, 'base64').length, 32)
  const mount = again.mount('auth', { 'data-key': first })
  assert.deepEqual(readdirSync(mount), ['data-key'])
  assert.equal(statSync(join(mount, 'data-key')).mode & 0o777, 0o600)
})

test('ports stay the same while they are free', async () => {
  const file = join(folder, 'ports.json')
  const first = await keptPorts(file, ['a', 'b'])
  assert.deepEqual(await keptPorts(file, ['a', 'b']), first)
  writeFileSync(file, '{"a":')
  assert.notEqual((await keptPorts(file, ['a', 'b'])).a, 0)
})

test('a log does not grow for ever', async () => {
  const path = join(folder, 'a.log')
  const log = new LogFile(path)
  const line = Buffer.alloc(1024 * 1024, 'x')
  for (let i = 0; i < 20; i += 1) log.write(line)
  await log.close()
  const sizes = readdirSync(folder)
    .filter((name) => name.startsWith('a.log'))
    .map((name) => statSync(join(folder, name)).size)
  assert.equal(sizes.length, 2)
  assert.ok(Math.max(...sizes) <= 8 * 1024 * 1024)
})

test('a lock is taken once; one whose owner is gone is taken over', () => {
  const file = join(folder, 'pid')
  const release = takeLock(file, 'runner-parts')
  writeFileSync(file, `${process.ppid}\n`)
  const parent = commandOf(process.ppid).slice(0, 8)
  assert.throws(() => takeLock(file, parent), AlreadyRunning)
  takeLock(file, 'a command line that nobody has')()
  assert.ok(!existsSync(file))
  release()
})
