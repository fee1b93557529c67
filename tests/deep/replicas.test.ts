/**
 * Two of every function, of connector and of web, as containers of one installation: they share work, sessions, limits and
 * news, do nothing twice, and one of each may die in the middle.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { PDFDocument } from 'pdf-lib'
import type { Receipt, Upload } from '../../functions/_shared/contract/upload.ts'
import { ApiClient, ApiError, type OutgoingFile } from '../../infra/demo/api-client.ts'
import { seedDemo } from '../../infra/demo/seed.ts'
import { nothingBeside } from '../support/containers/beside.ts'
import { buildAll } from '../support/containers/build.ts'
import { type Installation, noCompose, startInstallation } from '../support/containers/compose.ts'
import { type Engine, noEngine, openEngine } from '../support/containers/engine.ts'
import { specs } from '../support/function-calls.ts'
import { until } from '../support/pipeline.ts'

const skip = noEngine || noCompose || nothingBeside
const COUNT = 60
const SERVICES = [...specs.map(({ name }) => name), 'connector', 'web']

describe('two of each', { skip }, () => {
  if (skip) return
  const folder = mkdtempSync(join(tmpdir(), 'portico-replicas-'))
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  let engine: Engine
  let portal: Installation
  let jonas: ApiClient
  let project: string

  before(async () => {
    engine = await openEngine()
    closers.push(engine.stop)
    buildAll(engine)
    portal = await startInstallation(engine, Object.fromEntries(SERVICES.map((name) => [name, 2])))
    closers.push(portal.stop)
    setDefaultCACertificates([...getCACertificates('default'), portal.authority])
    const setup_link = /https:\/\/\S+\/setup\/\S+#[\w-]{43}/.exec(portal.logs('prepare'))?.[0] ?? ''
    const demo = await seedDemo({
      ...{ origin: portal.origin, data: folder, setup_link },
      messages: async () => portal.mails
    })
    jonas = new ApiClient(portal.origin)
    await jonas.signIn(demo.people.find(({ name }) => name.includes('Jonas')) ?? assert.fail('no Jonas'))
    project = (await jonas.call<{ id: string }>('POST', '/documents/projects', { name: 'Zwei von jedem' })).id
  })
  after(async () => {
    for (const close of closers.toReversed()) await close()
  })

  test('there are two of each', () => {
    for (const name of SERVICES) assert.equal(portal.boxes(name).length, 2, name)
  })

  test('a session that one began is known to the other, at once', async () => {
    for (let i = 0; i < 40; i += 1) await jonas.call('GET', '/auth/session')
  })

  test('tries at the door are counted by both together', async () => {
    const codes: string[] = []
    for (let i = 0; i < 24; i += 1)
      await new ApiClient(portal.origin)
        .call('POST', '/auth/sign-in', { email: 'nobody@example.com', password: 'wrong' })
        .catch((error: unknown) => codes.push(error instanceof ApiError ? error.code : String(error)))
    assert.equal(codes.filter((code) => code === 'sign_in_failed').length, 10, codes.join(', '))
    assert.equal(codes.length, 24)
  })

  test('while one of each is killed documents come in: each is there once, nothing was done twice', async (t) => {
    const listeners = Array.from({ length: 10 }, () => new Listener(portal.origin, jonas.cookie, project))
    closers.push(() => listeners.forEach((one) => one.close()))
    await until('all listen', async () => listeners.every((one) => one.open), 60)
    const heardBy = [0, 1].map((index) => connections(portal, 'web', index, 3000))
    t.diagnostic(`listeners at either web: ${heardBy.join(' and ')}`)
    assert.ok(heardBy.every((count) => count > 0))

    const files = await papers()
    const sent: string[] = []
    const send = async (some: OutgoingFile[]): Promise<void> => {
      sent.push(...(await sendOnce(jonas, project, some)))
    }
    const batches = Array.from({ length: COUNT / 5 }, (_, index) => files.slice(index * 5, index * 5 + 5))
    for (const batch of batches.slice(0, 6)) await send(batch)
    const early = portal.rows(`select count(*)::int as n from version where state = 'ready'`)[0]
    const worked = [0, 1].map((index) => jobsOf(portal, index))
    t.diagnostic(`${early?.n} ready, jobs done by either connector: ${worked.join(' and ')}`)
    for (const name of SERVICES) engine.docker('kill', '--signal', 'KILL', portal.boxes(name)[0] ?? '')
    const killed = Date.now()
    for (const batch of batches.slice(6)) await send(batch)
    assert.equal(new Set(sent).size, COUNT)

    const states = () =>
      portal.rows(
        `select state, count(*)::int as n from version v join document d on d.id = v.document_id
          where d.project_id = '${project}' group by 1`
      )
    await until('all are ready', async () => states().every(({ state }) => state === 'ready'), 300)
    t.diagnostic(`all ready ${Math.round((Date.now() - killed) / 1000)} s after the kill`)
    assert.deepEqual(states(), [{ state: 'ready', n: COUNT }])
    assert.ok(
      worked.every((count) => count > 0),
      'both connectors worked'
    )

    const twice = portal.rows(
      `select action, subject_id, count(*)::int as n from audit
        where project_id = '${project}' and action in ('version.received', 'version.checked', 'version.ready')
        group by 1, 2 having count(*) <> 1`
    )
    assert.deepEqual(twice, [])
    const acts = portal.rows(
      `select count(*)::int as n from audit where project_id = '${project}' and action = 'version.ready'`
    )
    assert.deepEqual(acts, [{ n: COUNT }])
    assert.deepEqual(portal.rows(`select kind, error from job where state = 'dead'`), [])
    await until('all listen again', async () => listeners.every((one) => one.open), 60)
    const before = listeners.map((one) => one.heard)
    await patiently(() => jonas.call('POST', '/documents/folders', { parent_id: project, name: 'Neuigkeit' }))
    await until(
      'all hear, whichever web they were at',
      async () => listeners.every((one, index) => one.heard > (before[index] ?? 0)),
      60
    )
  })

  test('what is due by the clock was done once each minute', async () => {
    await wait(70_000)
    const acts = portal.rows(
      `select data->>'act' as act, date_trunc('minute', created_at) as minute, count(*)::int as n
         from job where kind = 'clock' and created_at > (select min(created_at) + interval '1 minute' from job where kind = 'clock')
        group by 1, 2`
    )
    assert.ok(acts.some(({ act }) => act === 'empty_trash'))
    for (const act of acts) assert.equal(act.n, 1, JSON.stringify(act))
  })
})

/** As a browser's EventSource: comes back when its stream ends. */
class Listener {
  heard = 0
  open = false
  readonly #leaving = new AbortController()

  constructor(origin: string, cookie: string, project: string) {
    void this.#listen(`${origin}/events?topic=project:${project}`, cookie)
  }

  async #listen(url: string, cookie: string): Promise<void> {
    for (; !this.#leaving.signal.aborted; await wait(500))
      try {
        const answer = await fetch(url, { headers: { cookie }, signal: this.#leaving.signal })
        this.open = answer.status === 200
        for await (const chunk of answer.body ?? [])
          this.heard += Buffer.from(chunk).toString().split('event: changed').length - 1
      } catch {
        this.open = false
      }
  }

  close(): void {
    this.#leaving.abort()
  }
}

/** Connections that somebody has with a replica at this moment. */
const connections = (portal: Installation, service: string, index: number, port: number): number =>
  Number(
    portal.node(
      service,
      `const port = ':' + (${port}).toString(16).toUpperCase().padStart(4, '0')
       const lines = ['tcp', 'tcp6'].flatMap((name) => require('node:fs').readFileSync('/proc/net/' + name, 'utf8').split('\\n'))
       console.log(lines.map((line) => line.trim().split(/\\s+/)).filter((one) => one[1]?.endsWith(port) && one[3] === '01').length)`,
      index
    )
  )

/** Jobs that one of the connectors has brought to their end, by its own metrics. */
const jobsOf = (portal: Installation, index: number): number =>
  Number(
    portal.node(
      'connector',
      `fetch('http://127.0.0.1:9464/metrics').then((answer) => answer.text()).then((text) => console.log(
        [...text.matchAll(/^portico_jobs_ended_total\\{[^}]*outcome="done"[^}]*\\} (\\d+)/gm)].reduce((sum, one) => sum + Number(one[1]), 0)))`,
      index
    )
  )

/** Every fifth a PDF, the others text, none like another. */
async function papers(): Promise<OutgoingFile[]> {
  return Promise.all(
    Array.from({ length: COUNT }, async (_, index) => {
      if (index % 5 > 0)
        return { name: `${index}.txt`, type: 'text/plain', bytes: Buffer.from(`Blatt ${index}\n`) }
      const document = await PDFDocument.create()
      document.addPage([420, 595]).drawText(`Blatt ${index}`, { x: 40, y: 480 })
      return { name: `${index}.pdf`, type: 'application/pdf', bytes: await document.save() }
    })
  )
}

/** As a browser's upload does it: what was not answered is asked again, and is nevertheless one document. */
async function sendOnce(client: ApiClient, folder_id: string, files: OutgoingFile[]): Promise<string[]> {
  const wish = {
    folder_id,
    files: files.map(({ name, type, bytes }) => ({ name, size: bytes.length, declared_type: type }))
  }
  const key = { 'idempotency-key': randomUUID() }
  const { uploads } = await patiently(() =>
    client.call<{ uploads: Upload[] }>('POST', '/documents/uploads', wish, key)
  )
  for (const [index, upload] of uploads.entries())
    await patiently(() => client.put(upload, files[index]?.bytes ?? assert.fail('nothing to send')))
  const ids = uploads.map(({ id }) => id)
  const receipt = await patiently(() => client.call<Receipt>('POST', '/documents/uploads/complete', { ids }))
  return receipt.outcomes.flatMap(({ document }) => document?.id ?? [])
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1)
    try {
      return await work()
    } catch (error) {
      if (tries === 40 || (error instanceof ApiError && error.status < 500)) throw error
      await wait(500)
    }
}
