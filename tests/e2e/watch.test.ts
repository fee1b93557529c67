/** A scanner that goes on writing while what it wrote before is on its way over a slow line. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import {
  appendFileSync,
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
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { until } from '../support/pipeline.ts'
import { startPortico } from '../support/portico-command.ts'
import { type Stack, startStack } from '../support/stack.ts'

type Document = { id: string; name: string; version: { no: number; size: number; sha256: string | null } }

const MIB = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'portico-watch-'))
const at = (...parts: string[]) => join(folder, ...parts)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let stack: Stack
let jonas: ApiClient
let project: { id: string }

before(async () => {
  stack = await startStack()
  jonas = new ApiClient(stack.origin)
  await jonas.signIn(stack.person('Jonas'))
  project = await jonas.call('POST', '/documents/projects', { name: 'Scanner' })
  const wish = { name: 'scanner', scopes: ['read', 'upload'], days: 1, project_id: project.id }
  const { token } = await jonas.call<{ token: string }>('POST', '/admin/keys', wish)
  writeFileSync(at('key'), `${token}\n`, { mode: 0o600 })
})
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await stack?.stop()
})

const listed = async (): Promise<Document[]> =>
  (await jonas.call<{ items: Document[] }>('GET', `/documents/folders/${project.id}/documents`)).items

/** A way to portal and store on which each PUT takes its time; told of the first one. */
async function startSlowLine(on_first_put: () => void) {
  const { hostname, port, host } = new URL(stack.origin)
  let puts = 0
  const server = createServer((incoming, outgoing) => {
    const { url: path, method, headers } = incoming
    const onward = request(
      { hostname, port, path, method, headers: { ...headers, host, 'accept-encoding': 'identity' } },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          const { 'content-length': _, 'transfer-encoding': __, ...rest } = answer.headers
          const body = Buffer.concat(chunks).toString('utf8').replaceAll(stack.origin, line)
          outgoing.writeHead(answer.statusCode ?? 502, rest).end(body)
        })
      }
    )
    onward.on('error', () => outgoing.destroy())
    if (method !== 'PUT') return void incoming.pipe(onward)
    puts += 1
    if (puts === 1) on_first_put()
    void wait(300).then(() => incoming.pipe(onward))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const line = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return { line, stop, puts: () => puts }
}

for (const [kind, size] of [
  ['one PUT', 3 * MIB],
  ['parts', 40 * MIB]
] as const)
  test(`pages that come while a file is sent in ${kind} are sent too, and nothing is moved away unsent`, async (t) => {
    const name = `${kind}.bin`
    mkdirSync(at(kind))
    const [early, late] = [randomBytes(size), randomBytes(MIB)]
    writeFileSync(at(kind, name), early)
    const slow = await startSlowLine(() => appendFileSync(at(kind, name), late))
    t.after(slow.stop)
    const { code, stdout, stderr } = await startPortico(
      [...['watch', at(kind), '--project', project.id, '--settle', '1', '--once', '--json']],
      { env: { PORTICO_ADDRESS: slow.line, PORTICO_KEY_FILE: at('key') } }
    ).said
    assert.equal(code, 0, stderr)
    assert.ok(slow.puts() >= 2, 'what came later was sent too, over the slow line')
    const whole = Buffer.concat([early, late])
    assert.deepEqual(readdirSync(at(kind, 'sent')), [name])
    assert.equal(sha256(readFileSync(at(kind, 'sent', name))), sha256(whole))
    assert.ok(!existsSync(at(kind, name)))
    const [document] = await until('the whole is checked', async () => {
      const found = (await listed()).filter((one) => one.name.startsWith(kind))
      return found.every((one) => one.version.sha256 !== null && one.version.no === 2) && found
    })
    assert.equal(document?.version.sha256, sha256(whole))
    const outcomes = stdout.split('\n').flatMap((line) => /"outcome":"(\w+)"/.exec(line)?.[1] ?? [])
    assert.deepEqual(outcomes, ['failed', 'sent'])
  })
