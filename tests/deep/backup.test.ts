/**
 * A machine burns: the demo firm is backed up, gets more files, is backed up again (little goes over), everything is
 * killed and the folder deleted. From the target alone comes the same firm, to the byte; and what a damaged target has
 * lost is said by name.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { ApiClient } from '../../infra/demo/api-client.ts'
import type { DemoPerson } from '../../infra/demo/seed.ts'
import { type Said, noRestic, portico } from '../support/portico-command.ts'
import { processesOf } from '../support/processes.ts'
import { noStore } from '../support/real-store.ts'
import { type Stack, startStack } from '../support/stack.ts'

const skip = process.platform === 'linux' ? noStore || noRestic : 'looks processes up in /proc'

const sizeOf = (folder: string): number =>
  Number(execFileSync('du', ['-sb', folder], { encoding: 'utf8' }).split('\t')[0])

describe('a machine burns', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-burns-'))
  const [data, target, keys] = [join(folder, 'data'), join(folder, 'target'), join(folder, 'keys')]
  const figures: string[] = []
  const sent = { name: 'Beweisstück.bin', bytes: randomBytes(3_000_000) }
  let stack: Stack
  let person: DemoPerson
  let document_id: string

  before(() => spawnSync('chmod', ['711', folder]))
  after(async () => {
    await stack?.stop()
    rmSync(folder, { recursive: true, force: true })
    process.stdout.write(`backups: ${figures.join('; ')}\n`)
  })

  const backup = async (...more: string[]): Promise<Said> => {
    const said = await portico(['backup', '--data', data, ...more])
    assert.equal(said.code, 0, said.stdout + said.stderr)
    return said
  }
  const restore = (to: string, ...more: string[]): Promise<Said> =>
    portico([
      ...['restore', '--from', target, '--data', to],
      ...['--password-file', join(keys, 'password')],
      ...['--secrets-password-file', join(keys, 'secrets-password'), ...more]
    ])
  const signedIn = async (): Promise<ApiClient> => {
    const client = new ApiClient(stack.origin)
    await client.signIn(person)
    return client
  }

  test('the first backup', async () => {
    stack = await startStack({ data, keep: true })
    person = stack.person('Petra')
    const { json } = await backup('--to', target)
    mkdirSync(keys)
    for (const name of ['password', 'secrets-password']) cpSync(join(data, 'backup', name), join(keys, name))
    figures.push(
      `first ${json.seconds} s, ${json.database.added + json.objects.added} bytes new, target ${sizeOf(target)} bytes`
    )
  })

  test('the second one, after one more file, sends little', async () => {
    const client = await signedIn()
    const { items } = await client.call<{ items: { id: string; name: string }[] }>(
      'GET',
      '/documents/projects'
    )
    const project = items.find((one) => one.name.includes('Jahresabschluss'))
    assert.ok(project)
    const file = { name: sent.name, type: 'application/octet-stream', bytes: sent.bytes }
    const receipt = await client.upload(project.id, [file])
    document_id = receipt.outcomes[0]?.document?.id ?? ''
    await readyOf(client)
    const [before_, first] = [sizeOf(target), sizeOf(join(data, 'store/objects'))]
    const { json } = await backup()
    const grown = sizeOf(target) - before_
    figures.push(
      `second ${json.seconds} s, ${json.database.added + json.objects.added} bytes new, target grew by ${grown} bytes`
    )
    assert.deepEqual([json.drill.problem, json.drill.documents], [null, 13])
    assert.ok(json.objects.added >= sent.bytes.length && json.objects.added < sent.bytes.length + 500_000)
    assert.ok(first > json.objects.added, 'the objects of the first were not sent again')
    assert.ok(grown < sent.bytes.length + 4_000_000, `${grown} bytes`)
  })

  /** Until its bytes were looked at: only then the database has their hash. */
  async function readyOf(client: ApiClient): Promise<void> {
    for (let i = 0; i < 300; i += 1, await wait(200)) {
      const { version } = await client.call<{ version: { state: string } }>(
        'GET',
        `/documents/documents/${document_id}`
      )
      const { state } = version
      if (state === 'ready' || state === 'held') return
    }
    throw new Error('not ready in time')
  }

  test('everything is killed and gone; the restore brings it back and says that nothing is missing', async () => {
    stack.process.kill('SIGKILL')
    for (const pid of processesOf((line) => line.includes(data))) process.kill(pid, 'SIGKILL')
    while (processesOf((line) => line.includes(data)).length > 0) await wait(50)
    await wait(2_000) // functions end with their parent
    rmSync(data, { recursive: true, force: true })
    const said = await restore(data)
    assert.equal(said.code, 0, said.stdout + said.stderr)
    assert.equal(said.json.objects.versions, 13)
    assert.deepEqual(said.json.objects.missing, [])
    assert.equal(said.json.log.rows, said.json.log.last)
    figures.push(`restored in ${said.json.seconds} s`)
  })

  test('it starts, people sign in as before, and the file is the same to the byte', async () => {
    stack = await startStack({ data, demo: false, keep: true })
    const client = await signedIn()
    const answer = await client.fetch('GET', `/documents/documents/${document_id}/content`)
    assert.equal(answer.status, 302)
    const got = Buffer.from(await (await fetch(answer.headers.get('location') ?? '')).arrayBuffer())
    assert.equal(hashOf(got), hashOf(sent.bytes))
    // Not only read: it goes on where it was.
    const { items } = await client.call<{ items: { id: string; name: string }[] }>(
      'GET',
      '/documents/projects'
    )
    const file = { name: 'danach.txt', type: 'text/plain', bytes: Buffer.from('es geht weiter') }
    assert.equal((await client.upload(items[0]?.id ?? '', [file])).outcomes.length, 1)
    assert.equal((await portico(['backup', '--data', data])).json.code, 'not_set_up')
  })

  test('an older one is restored as well', async () => {
    const { json } = await restore(join(folder, 'older'), '--list')
    assert.equal(json.runs.length, 2)
    const said = await restore(join(folder, 'older'), '--snapshot', json.runs[0]?.run ?? '')
    assert.equal(said.code, 0, said.stdout)
    assert.equal(said.json.objects.versions, 12)
  })

  test('what a damaged target has lost is said by name, with another exit code', async () => {
    const packs = filesIn(join(target, 'data/data')).filter((one) => one.bytes > 1e6)
    const part = filesIn(join(data, 'store')).find(
      (one) => one.bytes > 2_900_000 && one.path.includes('part.')
    )
    assert.ok(part)
    const name = part.path.slice(join(data, 'store').length)
    assert.ok(
      packs.some(({ path }) => damages(path, name)),
      'a pack that holds the file'
    )
    rmSync(join(folder, 'damaged'), { recursive: true, force: true })
    const said = await restore(join(folder, 'damaged'))
    assert.equal(said.code, 19, said.stdout + said.stderr)
    assert.deepEqual(
      said.json.objects.missing.map(({ name, no }) => ({ name, no })),
      [{ name: sent.name, no: 1 }]
    )
    assert.equal(said.json.log.broken_at, null)
  })

  /** Damages a pack in its middle; taken back when the file comes out of the target all the same. */
  function damages(path: string, file: string): boolean {
    const bytes = readFileSync(path)
    const torn = Buffer.from(bytes)
    torn.fill(0, Math.floor(torn.length / 2), Math.floor(torn.length / 2) + 100)
    spawnSync('chmod', ['u+w', path])
    writeFileSync(path, torn)
    const args = ['-r', join(target, 'data'), 'dump', '--no-cache', '--tag', 'part:objects', 'latest', file]
    const dumped = spawnSync('restic', args, {
      env: { ...process.env, RESTIC_PASSWORD_FILE: join(keys, 'password') },
      stdio: 'ignore'
    })
    if (dumped.status !== 0) return true
    writeFileSync(path, bytes)
    return false
  }
})

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const filesIn = (folder: string): { path: string; bytes: number }[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, bytes: statSync(path).size }))
