/** The command `portico` against a whole running portal, with a key as an office makes one. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { until } from '../support/pipeline.ts'
import { type Running, startPortico } from '../support/portico-command.ts'
import { noS3Tools, toolsAsking } from '../support/s3-tools.ts'
import { type Stack, startStack } from '../support/stack.ts'

type Line = Record<string, string | number | null>
type Document = { id: string; name: string; version: { size: number; sha256: string | null; state: string } }

const MIB = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'portico-command-'))
const at = (...parts: string[]) => join(folder, ...parts)

let stack: Stack
let jonas: ApiClient
let project: { id: string }

async function keyFile(name: string, scopes: string[], project_id: string | null = null): Promise<string> {
  const { token } = await jonas.call<{ token: string }>('POST', '/admin/keys', {
    name,
    scopes,
    days: 1,
    project_id
  })
  writeFileSync(at(name), `${token}\n`, { mode: 0o600 })
  return at(name)
}

before(async () => {
  stack = await startStack()
  jonas = new ApiClient(stack.origin)
  await jonas.signIn(stack.person('Jonas'))
  project = await jonas.call('POST', '/documents/projects', { name: 'Von der Kommandozeile' })
  process.env.PORTICO_ADDRESS = stack.origin
  process.env.PORTICO_KEY_FILE = await keyFile('key', ['read', 'upload', 'write'])
})
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await stack?.stop()
})

const linesOf = (stdout: string): Line[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Line => JSON.parse(line))

async function portico(args: string[], options: Parameters<typeof startPortico>[1] = {}) {
  const { code, stdout, stderr } = await startPortico([...args, '--json'], options).said
  return { code, lines: linesOf(stdout), stdout, stderr }
}
const outcomes = (lines: Line[]) => lines.map((line) => line.outcome)

const listed = async (path = ''): Promise<Document[]> => {
  const tree = await jonas.call<{
    id: string
    folders: { id: string; parent_id: string | null; name: string }[]
  }>('GET', `/documents/projects/${project.id}`)
  let id: string | undefined = tree.id
  let parent: string | null = null
  for (const name of path.split('/').filter(Boolean)) {
    id = tree.folders.find((one) => one.name === name && one.parent_id === parent)?.id
    parent = id ?? null
  }
  if (!id) return []
  return (await jonas.call<{ items: Document[] }>('GET', `/documents/folders/${id}/documents?limit=200`))
    .items
}
const checked = (path: string, count: number) =>
  until(
    `${count} checked in "${path}"`,
    async () => {
      const found = await listed(path)
      return found.length === count && found.every((one) => one.version.sha256 !== null) && found
    },
    60
  )
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('portico upload', () => {
  test('sends a file of 12 MB and one in parts; given again it sends neither', async () => {
    const [large, parts] = [randomBytes(12 * MIB), randomBytes(40 * MIB)]
    writeFileSync(at('12 MB.bin'), large)
    writeFileSync(at('parts.bin'), parts)
    const first = await portico([
      'upload',
      at('12 MB.bin'),
      at('parts.bin'),
      '--project',
      project.id,
      '--folder',
      'Groß'
    ])
    assert.equal(first.code, 0, first.stderr)
    assert.deepEqual(outcomes(first.lines), ['sent', 'sent'])
    const there = await checked('Groß', 2)
    assert.deepEqual(new Set(there.map((one) => one.version.sha256)), new Set([sha256(large), sha256(parts)]))
    const again = await portico([
      'upload',
      at('12 MB.bin'),
      at('parts.bin'),
      '--project',
      project.id,
      '--folder',
      'Groß'
    ])
    assert.deepEqual([again.code, outcomes(again.lines)], [0, ['there', 'there']])
    assert.equal((await listed('Groß')).length, 2)
  })

  test('sends a folder with what is below it, many small files, by the project’s name', async () => {
    mkdirSync(at('Belege/2025/Januar'), { recursive: true })
    for (let i = 0; i < 60; i += 1) writeFileSync(at('Belege/2025/Januar', `Beleg ${i}.txt`), `Beleg ${i}`)
    writeFileSync(at('Belege/Übersicht.txt'), 'oben')
    writeFileSync(at('Belege/.DS_Store'), 'not meant')
    const sent = await portico(['upload', at('Belege'), '--project', 'Von der Kommandozeile'])
    assert.equal(sent.code, 0, sent.stderr)
    assert.equal(sent.lines.length, 61)
    assert.equal((await listed('Belege/2025/Januar')).length, 60)
    assert.deepEqual(
      (await listed('Belege')).map((one) => one.name),
      ['Übersicht.txt']
    )
  })

  test('that is killed in the middle goes on where it was, and nothing is there twice', async () => {
    mkdirSync(at('Bruch'))
    for (let i = 0; i < 12; i += 1) writeFileSync(at('Bruch', `${i}.bin`), randomBytes(2 * MIB))
    writeFileSync(at('Bruch/large.bin'), randomBytes(50 * MIB))
    const args = ['upload', at('Bruch'), '--project', project.id, '--json']
    let running: Running = startPortico(args)
    await until('some are there', async () => (await listed('Bruch')).length >= 3)
    process.kill(running.pid, 'SIGKILL')
    assert.equal((await running.said).code, null, 'it was killed before it had ended')
    running = startPortico(args)
    const { code, stderr } = await running.said
    assert.equal(code, 0, stderr)
    const there = await checked('Bruch', 13)
    assert.equal(new Set(there.map((one) => one.version.sha256)).size, 13)
    const { uploads } = await jonas.call<{ uploads: object[] }>(
      'GET',
      `/documents/uploads?project_id=${project.id}`
    )
    assert.deepEqual(uploads, [])
  })

  test('with a wrong key, a key that may not, a foreign project, no address says so by its exit', async () => {
    writeFileSync(at('wrong'), `portico_${'x'.repeat(43)}`, { mode: 0o600 })
    writeFileSync(at('a.txt'), 'a')
    const upload = ['upload', at('a.txt'), '--project', project.id]
    const wrong = await portico([...upload, '--key-file', at('wrong')])
    assert.deepEqual([wrong.code, wrong.lines[0]?.code], [3, 'not_signed_in'])
    const blind = await portico([...upload, '--key-file', await keyFile('reader', ['read'])])
    assert.equal(blind.code, 3)
    const foreign = await portico([
      'upload',
      at('a.txt'),
      '--project',
      '01890000-0000-7000-8000-000000000000'
    ])
    assert.equal(foreign.code, 4)
    const away = await portico([...upload, '--address', 'http://127.0.0.1:9'])
    assert.equal(away.code, 5)
    const nowhere = await portico(upload, { env: { PORTICO_ADDRESS: '' } })
    assert.equal(nowhere.code, 2)
    const missing = await portico(['upload', at('not there.txt'), '--project', project.id])
    assert.equal(missing.code, 2)
    assert.ok(!`${wrong.stderr}${blind.stderr}`.includes('portico_'))
  })

  test('takes its settings from a file, unless others can read it', async () => {
    const key = readFileSync(at('key'), 'utf8').trim()
    writeFileSync(at('config.json'), JSON.stringify({ address: stack.origin, key }), { mode: 0o600 })
    const env = { PORTICO_ADDRESS: '', PORTICO_KEY_FILE: '', PORTICO_CONFIG: at('config.json') }
    const upload = ['upload', at('a.txt'), '--project', project.id]
    assert.equal((await portico(upload, { env })).code, 0)
    chmodSync(at('config.json'), 0o644)
    const open = await portico(upload, { env })
    assert.equal(open.code, 2)
    assert.match(open.stderr, /chmod 600/)
  })
})

describe('portico download', () => {
  test('saves whole files with the right checksum, and nothing twice', async () => {
    const to = at('down')
    const first = await portico(['download', '--project', project.id, '--to', to])
    assert.equal(first.code, 0, first.stderr)
    assert.equal(sha256(readFileSync(join(to, 'Groß/12 MB.bin'))), sha256(readFileSync(at('12 MB.bin'))))
    assert.equal(readFileSync(join(to, 'Belege/Übersicht.txt'), 'utf8'), 'oben')
    const again = await portico(['download', '--project', project.id, '--to', to])
    assert.ok(again.lines.length > 70 && outcomes(again.lines).every((one) => one === 'there'))
  })

  test('writes over nobody’s file', async () => {
    const [document] = (await listed('Groß')).filter((one) => one.name === '12 MB.bin')
    mkdirSync(at('taken'))
    writeFileSync(at('taken/12 MB.bin'), 'mine')
    await portico(['download', document?.id ?? '', '--to', at('taken')])
    assert.equal(readFileSync(at('taken/12 MB.bin'), 'utf8'), 'mine')
    assert.equal(readFileSync(at('taken/12 MB (2).bin')).length, 12 * MIB)
  })

  test('onto a full disk leaves nothing half, and says so', async () => {
    const [document] = (await listed('Groß')).filter((one) => one.name === '12 MB.bin')
    mkdirSync(at('full'))
    // The limit of a file's size stands for the disk's end: the same error at the same place.
    const { said } = startPortico(['download', document?.id ?? '', '--to', at('full'), '--json'], {
      before: ['prlimit', `--fsize=${4 * MIB}`]
    })
    const { code, stdout } = await said
    assert.equal(code, 6, stdout)
    assert.deepEqual(readdirSync(at('full')), [])
  })

  test('of what is not there fails and saves the rest', async () => {
    const [document] = (await listed('Groß')).filter((one) => one.name === 'parts.bin')
    const ids = ['01890000-0000-7000-8000-000000000000', document?.id ?? '']
    const { code, lines } = await portico(['download', ...ids, '--to', at('some')])
    assert.equal(code, 4)
    assert.deepEqual(outcomes(lines), ['failed', 'saved'])
  })
})

/** A way to the portal that can be cut. */
async function startCable() {
  let cut = false
  const { hostname, port } = new URL(stack.origin)
  const server = createServer((incoming, outgoing) => {
    if (cut) return void incoming.socket.destroy()
    const onward = request(
      {
        host: hostname,
        port,
        path: incoming.url,
        method: incoming.method,
        headers: { ...incoming.headers, host: `${hostname}:${port}` }
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      }
    )
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: (now: boolean) => {
      cut = now
      if (now) server.closeAllConnections()
    }
  }
}

describe('portico share', () => {
  test('makes a link of what its person manages; its address opens it, within the key and by its scope only', async () => {
    const [document] = (await listed('Groß')).filter((one) => one.name === 'parts.bin')
    const args = ['share', document?.id ?? '', '--for', 'Sparkasse', '--days', '3', '--level', 'download']
    const key = await keyFile('sharer', ['share'], project.id)
    const { code, lines, stderr } = await portico([...args, '--key-file', key])
    assert.equal(code, 0, stderr)
    const url = new URL(String(lines[0]?.url))
    const answer = await fetch(
      `${stack.origin}/api/v1/sharing${url.pathname.replace('/l/', '/links/')}/open`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ secret: url.hash.slice(1), name: 'Frau Braun' })
      }
    )
    assert.equal(answer.status, 204, await answer.text())
    const days = (Date.parse(String(lines[0]?.valid_until)) - Date.now()) / 86_400_000
    assert.ok(days > 2.9 && days <= 3)

    assert.equal((await portico(args)).code, 3, 'a key without the scope')
    const elsewhere = await jonas.call<{ id: string }>('POST', '/documents/projects', { name: 'Anderswo' })
    const other = await jonas.call<{ id: string }>('POST', '/documents/folders', {
      parent_id: elsewhere.id,
      name: 'x'
    })
    const outside = await portico(['share', other.id, '--for', 'X', '--key-file', key])
    assert.equal(outside.code, 4, 'a project that the key is not for')
  })
})

describe('portico watch', () => {
  test('sends what a scanner has put there when it is whole, moves it away, and survives kill -9', async () => {
    mkdirSync(at('scan'))
    const args = [
      'watch',
      at('scan'),
      '--project',
      project.id,
      '--folder',
      'Scans',
      '--settle',
      '2',
      '--json'
    ]
    let running = startPortico(args)
    writeFileSync(at('scan/slow.txt'), 'first half, ')
    writeFileSync(at('scan/empty.txt'), '')
    for (let i = 0; i < 4; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 800))
      appendFileSync(at('scan/slow.txt'), `part ${i}, `)
    }
    assert.equal((await listed('Scans')).length, 0, 'it was not whole')
    await until('moved', async () => existsSync(at('scan/sent/slow.txt')))
    assert.deepEqual(
      (await listed('Scans')).map((one) => one.name),
      ['slow.txt']
    )
    assert.ok(existsSync(at('scan/empty.txt')))

    for (let i = 0; i < 6; i += 1) writeFileSync(at('scan', `page ${i}.bin`), randomBytes(3 * MIB))
    await until('one is there', async () => (await listed('Scans')).length >= 2)
    process.kill(running.pid, 'SIGKILL')
    await running.said
    running = startPortico(args)
    await until('all moved', async () => readdirSync(at('scan/sent')).length === 7, 40)
    assert.equal((await checked('Scans', 7)).length, 7)

    // The same page once more, under another name: known by its checksum.
    writeFileSync(at('scan/copy.bin'), readFileSync(at('scan/sent/page 0.bin')))
    await until('moved too', async () => existsSync(at('scan/sent/copy.bin')))
    process.kill(running.pid, 'SIGTERM')
    const { code, stdout } = await running.said
    assert.equal(code, 0)
    assert.equal(linesOf(stdout).at(-1)?.outcome, 'there')
    assert.equal((await listed('Scans')).length, 7)
  })

  test('with --keep leaves files where they are and remembers them', async () => {
    mkdirSync(at('kept'))
    writeFileSync(at('kept/one.txt'), 'kept')
    const args = [
      'watch',
      at('kept'),
      '--project',
      project.id,
      '--folder',
      'Behalten',
      '--settle',
      '0',
      '--keep',
      '--once'
    ]
    assert.deepEqual(outcomes((await portico(args)).lines), ['sent'])
    assert.deepEqual((await portico(args)).lines, [])
    assert.ok(existsSync(at('kept/one.txt')))
  })

  test('with a key that is refused ends loudly, before anything is there to be sent', async () => {
    const args = ['watch', at('kept'), '--project', project.id, '--key-file', at('wrong')]
    assert.equal((await portico(args)).code, 3)
  })
})

describe('portico events', () => {
  test('follows what happens, through a break, without passing anything over', async (t) => {
    const cable = await startCable()
    t.after(cable.stop)
    const wish = ['--types', 'folder.created', '--place', at('place'), '--json']
    const running = startFollowing(['events', '--follow', ...wish, '--address', cable.url])
    t.after(running.stop)
    const made: string[] = []
    const make = async () => {
      const name = `Folge ${made.length}`
      const { id } = await jonas.call<{ id: string }>('POST', '/documents/folders', {
        parent_id: project.id,
        name
      })
      made.push(`folders/${id}`)
    }
    const told = () => running.lines().map((line) => String(line.subject))
    // It follows from when it has begun, which nobody outside sees.
    await until('it follows', async () => {
      await make()
      await new Promise((resolve) => setTimeout(resolve, 500))
      return told().length > 0
    })
    const first = made.indexOf(told()[0] ?? '')
    cable.cut(true)
    await make()
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    cable.cut(false)
    await make()
    await until('all is told', async () => told().includes(made.at(-1) ?? ''), 60)
    assert.deepEqual([...new Set(told())], made.slice(first))
    await running.stop()

    await make()
    const rest = await portico(['events', ...wish])
    assert.deepEqual([rest.code, rest.lines.map((line) => line.subject)], [0, made.slice(-1)])
    assert.deepEqual((await portico(['events', ...wish])).lines, [])
  })
})

describe('portico s3', () => {
  test(
    'lends the AWS CLI what it needs, by itself; the files are their person’s',
    { skip: noS3Tools },
    async () => {
      const key_file = await keyFile('s3', ['upload'], project.id)
      const asked = await startPortico([
        's3',
        '--project',
        project.id,
        '--key-file',
        key_file,
        '--seconds',
        '900'
      ]).said
      assert.equal(asked.code, 0, asked.stderr)
      const lent = JSON.parse(asked.stdout)
      assert.deepEqual([lent.Version, lent.Bucket], [1, 'portico-drops'])
      assert.ok(Date.parse(lent.Expiration) < Date.now() + 901_000)
      const where = { project_id: project.id, address: stack.origin, key_file }
      const { aws } = toolsAsking({ ...where, endpoint: lent.Endpoint, prefix: lent.Prefix })
      writeFileSync(at('dropped.txt'), 'dropped by a tool')
      const sent = await aws(
        's3',
        'cp',
        at('dropped.txt'),
        `s3://portico-drops/${lent.Prefix}Gescannt/dropped.txt`
      )
      assert.equal(sent.code, 0, sent.err)
      const found = await until('the document is there', async () => {
        const [one] = await listed('Gescannt').catch(() => [])
        return one
      })
      assert.equal(found.name, 'dropped.txt')
      const hour = await startPortico(['s3', '--project', project.id, '--key-file', key_file, '--rclone'])
        .said
      assert.match(
        hour.stdout,
        /^\[portico-s3\]\ntype = s3\n[^]*session_token = [\w.-]+\n[^]*\[portico\]\ntype = alias\n/
      )
      const reader = await keyFile('reader', ['read'])
      const refused = await startPortico(['s3', '--project', project.id, '--key-file', reader]).said
      assert.deepEqual([refused.code, refused.stdout], [3, ''])
    }
  )
})

function startFollowing(args: string[]) {
  const child = spawn(process.execPath, ['infra/portico.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    lines: () => linesOf(stdout),
    stop: async () => {
      child.kill('SIGTERM')
      assert.equal(await ended, 0)
    }
  }
}

test('without a command, with a wrong flag, or asked for help it says how it is used', async () => {
  const help = await startPortico(['upload', '--help']).said
  assert.deepEqual([help.code, /portico watch DIR/.test(help.stdout)], [0, true])
  const wrong = await startPortico(['upload', '--projekt', 'x']).said
  assert.deepEqual([wrong.code, /Usage/.test(wrong.stderr)], [2, true])
})
