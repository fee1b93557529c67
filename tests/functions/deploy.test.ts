/** What compose and the chart start, with real database, store and functions, but as plain processes: no images here. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import pg from 'pg'
import { parse } from 'yaml'
import { createRouter } from '../../infra/deploy/front.ts'
import { made } from '../../infra/deploy/generate.ts'
import { type DeployWish, deploySecrets, writeSecrets } from '../../infra/deploy/secrets.ts'
import { createEdge } from '../../infra/edge/edge.ts'
import { findInstalled } from '../../infra/minio/find.ts'
import { startStore } from '../../infra/minio/server.ts'
import { migrations } from '../../infra/postgres/migrate.ts'
import { startPostgres } from '../../infra/postgres/server.ts'
import { close, listen } from '../../infra/runner/listen.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { readStack } from '../../infra/runner/stack.ts'
import { type Container, startContainer } from '../support/container.ts'
import { noStore } from '../support/real-store.ts'

const COMPOSE = new URL('../../infra/deploy/compose/', import.meta.url)
const specs = readStack(new URL('../../stack.yml', import.meta.url), {})
const ORIGIN = 'https://portal.example.com'

const read = (file: string) => parse(readFileSync(new URL(file, COMPOSE), 'utf8'), { merge: true })
const whole = () => {
  const [main, functions] = [read('compose.yml'), read('functions.yml')]
  return { ...main, services: { ...main.services, ...functions.services } }
}

test('compose and chart have the functions of stack.yml', () => {
  for (const [file, text] of made())
    assert.equal(
      readFileSync(file, 'utf8'),
      text,
      `node infra/deploy/generate.ts writes ${file.pathname} anew`
    )
})

test('in compose each secret is made, and nobody is given one that stack.yml does not name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-deploy-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const wish = {
    folder,
    origin: ORIGIN,
    postgres: 'postgres:5432',
    store: 'http://store:9000',
    gateway: 'http://front:8080'
  }
  const values = deploySecrets(wish)
  const { secrets, services } = whole()
  assert.deepEqual(Object.keys(secrets).toSorted(), Object.keys(values).toSorted())
  for (const spec of specs) assert.deepEqual(services[spec.name].secrets, spec.secrets, spec.name)
  assert.deepEqual(deploySecrets(wish), values, 'made once')
})

test('in compose only Caddy has doors to the world, and what reads strangers’ bytes reaches neither database nor internet', () => {
  const { services, networks } = whole()
  for (const [name, service] of Object.entries<{ ports?: string[]; networks: string[] | object }>(services)) {
    const on = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks)
    for (const network of on) assert.ok(network in networks, `${name}: ${network}`)
    if (name !== 'caddy') assert.equal(service.ports, undefined, name)
  }
  for (const { name } of specs.filter((spec) => spec.sandbox !== 'false'))
    assert.deepEqual(services[name].networks, ['parsers'])
  assert.equal(networks.parsers.internal, true)
  assert.ok(!services.postgres.networks.includes('parsers'))
})

test('in the chart each function that stack.yml gives the gateway’s address may reach it, whatever it is called', () => {
  const chart = (file: string) => readFileSync(new URL(`../helm/portico/${file}`, COMPOSE), 'utf8')
  const callers = specs.flatMap(({ name, environment }) => ('GATEWAY_URL' in environment ? [name] : []))
  assert.ok(callers.includes('automations'))
  const values: { name: string; gateway: boolean }[] = parse(chart('files/functions.yaml'))
  assert.deepEqual(
    values.flatMap(({ name, gateway }) => (gateway ? [name] : [])),
    callers
  )
  for (const engine of ['deployment', 'knative', 'openfaas'])
    assert.match(
      chart(`templates/functions-${engine}.yaml`),
      /portico\/gateway: \{\{ \.gateway \| quote \}\}/
    )
  const policies = chart('templates/networkpolicies.yaml')
  const ways = policies
    .split('\n---\n')
    .filter((one) => /port: 8080/.test(one) && /portico\/gateway/.test(one))
  assert.equal(ways.length, 2, 'out of the functions, and into the front')
  assert.doesNotMatch(
    policies,
    /portico\/function, operator: In/,
    'a list of names that somebody has to keep'
  )
})

test('what the images copy is there', () => {
  const text = readFileSync(new URL('../Dockerfile', COMPOSE), 'utf8')
  for (const [, sources = ''] of text.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
    for (const source of sources.split(' ').filter((one) => !one.includes('$')))
      assert.ok(existsSync(new URL(`../../${source}`, import.meta.url)), source)
})

describe('an installation of containers', { skip: noStore }, async () => {
  if (noStore) return
  const folder = mkdtempSync(join(tmpdir(), 'portico-deploy-'))
  chmodSync(folder, 0o711) // as root the database runs as another user
  const [database, store, gateway] = [await freePort(), await freePort(), await freePort()]
  const wish: DeployWish = {
    folder: join(folder, 'kept'),
    origin: ORIGIN,
    postgres: `127.0.0.1:${database}`,
    store: `http://127.0.0.1:${store}`,
    gateway: `http://127.0.0.1:${gateway}`
  }
  writeSecrets(wish)
  const files = join(wish.folder, 'files')
  const secret = (name: string) => readFileSync(join(files, name), 'utf8').trim()
  const closers: (() => Promise<unknown>)[] = []
  after(async () => {
    for (const stop of closers.toReversed()) await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const server = await startPostgres({
    data: join(folder, 'postgres'),
    port: database,
    passwords: JSON.parse(secret('passwords.json'))
  })
  closers.push(server.stop)
  const root = JSON.parse(secret('provision.json')).root
  const program = findInstalled()
  assert.ok(program)
  const objects = await startStore({
    program,
    folder: join(folder, 'store'),
    port: store,
    root_user: root.access_key_id,
    root_password: root.secret_access_key,
    kms_key: /MINIO_KMS_SECRET_KEY="portico:([^"]+)"/.exec(secret('store.env'))?.[1] ?? '',
    webhook: { url: `${wish.gateway}/function/intake`, token: secret('intake-token') }
  })
  closers.push(objects.stop)

  async function prepare(): Promise<{ code: number | null; said: string }> {
    const mount = join(folder, 'mount')
    for (const name of ['db-superuser', 'db-owner', 'passwords.json', 'provision.json'])
      cpSync(join(files, name), join(mount, name))
    const child = spawn(process.execPath, ['--no-warnings', 'infra/deploy/prepare.ts'], {
      env: { PATH: process.env.PATH, ORIGIN, FUNCTION: 'prepare', secret_mount_path: mount }
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    return { code: await new Promise((done) => child.once('exit', done)), said }
  }

  test('secrets lie in a folder of its owner’s, and can be read by whoever a container runs as', () => {
    assert.equal(statSync(wish.folder).mode & 0o777, 0o700)
    assert.equal(statSync(join(files, 'db-app')).mode & 0o777, 0o444)
  })

  test('an empty database and an empty store are made ready; once more changes nothing and says the link again', async () => {
    const first = await prepare()
    assert.equal(first.code, 0, first.said)
    assert.match(first.said, /https:\/\/portal\.example\.com\/setup\/[0-9a-f-]{36}#[\w-]{43}/)
    const again = await prepare()
    assert.equal(again.code, 0, again.said)
    assert.doesNotMatch(again.said, /applied/)
    const client = new pg.Client({ connectionString: secret('db-owner') })
    await client.connect()
    const { rows } = await client.query('select count(*)::int as count from migration')
    await client.end()
    assert.equal(rows[0].count, migrations().length)
  })

  test('front and functions work together: the edge’s rules, the gateway’s answers', async () => {
    const containers = new Map<string, Container>()
    for (const spec of specs.filter(({ name }) => ['auth', 'documents'].includes(name))) {
      const given = Object.fromEntries(spec.secrets.map((name) => [name, secret(name)]))
      const container = await startContainer(spec, given, { ORIGIN, GATEWAY_URL: wish.gateway })
      closers.push(container.remove)
      containers.set(spec.name, container)
    }
    const nobody = await freePort()
    const router = createRouter(
      specs,
      (name) =>
        new URL(
          containers.get(name)?.url ??
            (name === 'sharing' ? 'http://sharing.invalid:8080' : `http://127.0.0.1:${nobody}`)
        )
    )
    await listen(router, gateway, '127.0.0.1')
    closers.push(() => close(router, 0))
    const edgePort = await freePort()
    const edge = createEdge({
      origin: ORIGIN,
      gateway: wish.gateway,
      store: wish.store,
      web: `http://127.0.0.1:${nobody}`,
      edge_token: secret('edge-token'),
      is_public: (name) => specs.some((spec) => spec.name === name && spec.is_public),
      proxies: [],
      openapi: new URL('../../docs/openapi.json', import.meta.url)
    })
    await listen(edge, edgePort, '127.0.0.1')
    closers.push(() => close(edge, 0))

    const asked = async (url: string, headers: Record<string, string> = {}) =>
      (await fetch(url, { headers })).status
    const inside = (path: string) => asked(`${wish.gateway}${path}`)
    for (const name of containers.keys())
      for (let i = 0; i < 200 && (await inside(`/function/${name}/_/ready`)) !== 200; i += 1)
        await new Promise((done) => setTimeout(done, 50))
    assert.equal(await inside('/function/auth/session'), 401)
    assert.equal(await inside('/function/documents/projects'), 401)
    assert.equal(await inside('/function/nobody/'), 404)
    assert.equal(await inside('/function/admin/'), 503, 'a container that is away')
    assert.equal(
      await inside('/function/sharing/'),
      503,
      'and one that has no name any more: no fault of a job’s'
    )
    assert.equal(await inside('/healthz'), 200)

    const { request } = await import('node:http')
    const outside = (path: string) =>
      new Promise<number>((done, fail) =>
        request(
          { port: edgePort, host: '127.0.0.1', path, headers: { host: 'portal.example.com' } },
          (answer) => {
            answer.resume()
            done(answer.statusCode ?? 0)
          }
        )
          .on('error', fail)
          .end()
      )
    assert.equal(await outside('/api/v1/auth/session'), 401)
    assert.equal(await outside('/api/v1/scan/'), 404, 'people do not call the parsers')
    assert.equal(await outside('/portico-documents/a/b'), 403, 'not presigned')
    assert.equal(await outside('/_/health'), 200)
  })
})
