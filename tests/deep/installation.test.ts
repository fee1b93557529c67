/**
 * The installation of infra/deploy/compose, every part of it a container: its own networks, secrets, limits and read-only
 * roots. The images are built by infra/deploy/Dockerfile; PostgreSQL, the store, clamd and Caddy are this machine's
 * programs in the place of their makers' images (tests/support/containers/beside.ts).
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Upload } from '../../functions/_shared/contract/upload.ts'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { type Demo, type DemoPerson, seedDemo } from '../../infra/demo/seed.ts'
import { mainJob, steps } from '../acceptance/main-job.ts'
import { launchBrowser } from '../e2e/support/browser.ts'
import { EICAR } from '../support/clamd.ts'
import { nothingBeside } from '../support/containers/beside.ts'
import { buildAll } from '../support/containers/build.ts'
import { type Installation, noCompose, startInstallation } from '../support/containers/compose.ts'
import { type Engine, noEngine, openEngine } from '../support/containers/engine.ts'
import { specs } from '../support/function-calls.ts'
import { until } from '../support/pipeline.ts'

const skip = noEngine || noCompose || nothingBeside

describe('an installation of containers', { skip }, () => {
  if (skip) return
  const folder = mkdtempSync(join(tmpdir(), 'portico-installation-'))
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  let engine: Engine
  let portal: Installation
  let demo: Demo
  let jonas: ApiClient
  const person = (name: string): DemoPerson =>
    demo.people.find((one) => one.name.includes(name)) ?? assert.fail(`no ${name}`)

  before(async () => {
    engine = await openEngine()
    closers.push(engine.stop)
    buildAll(engine)
    portal = await startInstallation(engine)
    closers.push(portal.stop)
    setDefaultCACertificates([...getCACertificates('default'), portal.authority])
  })
  after(async () => {
    for (const close of closers.toReversed()) await close()
  })

  test('the firm is set up by the link that `prepare` prints, and its people come in by mail', async () => {
    const said = portal.logs('prepare')
    const setup_link = /https:\/\/\S+\/setup\/\S+#[\w-]{43}/.exec(said)?.[0] ?? assert.fail(said)
    demo = await seedDemo({
      ...{ origin: portal.origin, data: folder, setup_link },
      messages: async () => portal.mails
    })
    assert.ok(demo.people.length > 5)
  })

  test('the main job passes at the portal’s own address', async (t) => {
    jonas = new ApiClient(portal.origin)
    await jonas.signIn(person('Jonas'))
    await mainJob(
      jonas,
      steps((line) => t.diagnostic(line))
    )
  })

  test('it passes at the front’s gateway too, as tests/acceptance/openfaas.sh does it', () => {
    const aylin = person('Aylin')
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 })
      return join(folder, name)
    }
    const run = spawnSync('tests/acceptance/openfaas.sh', [portal.gateway], {
      encoding: 'utf8',
      env: {
        ...process.env,
        ORIGIN: portal.origin,
        NODE_EXTRA_CA_CERTS: file('root.crt', portal.authority),
        PORTICO_EMAIL: aylin.email,
        PORTICO_PASSWORD_FILE: file('password', aylin.password),
        PORTICO_TOTP_FILE: file('totp', aylin.totp_secret)
      }
    })
    assert.equal(run.status, 0, run.stdout + run.stderr)
  })

  test('the store tells of what arrives, without anybody saying that it is there', async () => {
    const { items } = await jonas.call<{ items: { id: string; name: string }[] }>(
      'GET',
      '/documents/projects'
    )
    const folder_id = items.find(({ name }) => name === 'Lohnbuchhaltung')?.id
    const bytes = Buffer.from('Nobody says that this is there\n')
    const { uploads } = await jonas.call<{ uploads: Upload[] }>('POST', '/documents/uploads', {
      folder_id,
      files: [{ name: 'quiet.txt', size: bytes.length, declared_type: 'text/plain' }]
    })
    const [upload] = uploads
    assert.ok(upload?.url)
    await jonas.put(upload, bytes)
    const key = new URL(upload.url).pathname.split('/').slice(2).join('/')
    const found = await until(
      'an inbox row',
      async () => portal.rows(`select source from inbox where key = '${key}'`)[0],
      60
    )
    assert.deepEqual(found, { source: 'event' })
  })

  test('a virus is held back', async () => {
    const { items } = await jonas.call<{ items: { id: string; name: string }[] }>(
      'GET',
      '/documents/projects'
    )
    const project = items.find(({ name }) => name === 'Lohnbuchhaltung')?.id ?? ''
    const receipt = await jonas.upload(project, [{ name: 'eicar.com', type: 'text/plain', bytes: EICAR }])
    const id = receipt.outcomes[0]?.document?.id
    const state = await until(
      'a verdict',
      async () => {
        const { version } = await jonas.call<{ version: { state: string } }>(
          'GET',
          `/documents/documents/${id}`
        )
        return ['held', 'ready'].includes(version.state) && version.state
      },
      90
    )
    assert.equal(state, 'held')
  })

  test('what reads strangers’ bytes reaches store and scanner, no database and no other network', () => {
    /** Which of these answer a connection from inside a service's container. */
    const reached = (service: string, targets: string[]): string[] =>
      JSON.parse(
        portal.node(
          service,
          `process.env.UV_THREADPOOL_SIZE = '16' // names that nobody has are looked for long
           const { connect } = require('node:net')
           const reaches = (target) => new Promise((done) => {
             const [host, port] = target.split(' ')
             connect({ host, port: Number(port), timeout: 20_000 })
               .on('connect', () => done(true)).on('error', () => done(false)).on('timeout', () => done(false)) })
           const targets = ${JSON.stringify(targets)}
           Promise.all(targets.map(reaches)).then((found) => {
             console.log(JSON.stringify(targets.filter((_, index) => found[index])))
             process.exit(0) })`
        )
      )
    const targets = ['store 9000', 'clamd 3310', 'postgres 5432', 'web 3000', 'auth 8080', '1.1.1.1 443']
    for (const { name } of specs.filter((spec) => spec.sandbox !== 'false'))
      assert.deepEqual(reached(name, targets), ['store 9000', 'clamd 3310'], name)
    assert.deepEqual(reached('web', targets), ['postgres 5432', 'web 3000', 'auth 8080'])
    assert.deepEqual(reached('clock', targets).slice(0, 2), ['store 9000', 'postgres 5432'])
  })

  test('a browser shows the sign-in of the firm, with the styles and scripts of the image', async () => {
    const browser = await launchBrowser()
    try {
      const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'de-DE' })
      const page = await context.newPage()
      const faults: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text())
      })
      await page.goto(`${portal.origin}/sign-in`)
      await page.getByText('Lindqvist & Partner').first().waitFor()
      await page.locator('input[name=email]').fill(person('Jonas').email)
      assert.deepEqual(faults, [])
    } finally {
      await browser.close()
    }
  })

  test('nobody has died or been ended for its memory, nothing lies among the given-up tasks', () => {
    const states = engine
      .docker(
        'ps',
        '--all',
        '--filter',
        'label=com.docker.compose.project=portico-test',
        '--format',
        '{{.Names}}'
      )
      .trim()
      .split('\n')
      .map((name) => ({
        name,
        state: engine
          .docker(
            ...['inspect', '--format', '{{.State.Status}} {{.State.OOMKilled}} {{.RestartCount}}'],
            name
          )
          .trim()
      }))
    for (const { name, state } of states)
      assert.equal(state, name.includes('prepare') ? 'exited false 0' : 'running false 0', name)
    assert.deepEqual(portal.rows(`select kind, error from job where state = 'dead'`), [])
  })
})
