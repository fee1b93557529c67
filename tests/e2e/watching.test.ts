/** What an operator's tools see of a portal at work: metrics at ports of their own, and spans that belong together. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { Upload } from '../../functions/_shared/contract/upload.ts'
import { type Collector, type CollectedSpan, startCollector } from '../support/collector.ts'
import { until } from '../support/pipeline.ts'
import { scrape } from '../support/prometheus.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { type Maker, startMaker } from './support/maker.ts'

const FOREIGN = '00-deadbeefdeadbeefdeadbeefdeadbeef-deadbeefdeadbeef-01'

let collector: Collector
let stack: Stack
let maker: Maker
let database: pg.Client
let ports: { metrics: number; connector_metrics: number }
before(async () => {
  collector = await startCollector()
  stack = await startStack({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
  ports = JSON.parse(readFileSync(join(stack.data, 'ports.json'), 'utf8'))
  database = new pg.Client({
    connectionString: readFileSync(join(stack.data, 'mounts/connector/db-pipeline'), 'utf8').trim()
  })
  await database.connect()
  maker = await startMaker(stack)
})
after(async () => {
  await database?.end()
  await stack?.stop()
  collector?.stop()
})

const upload = (bytes: Buffer, name: string) =>
  maker.client.call<{ uploads: Upload[] }>(
    'POST',
    '/documents/uploads',
    {
      folder_id: maker.project.id,
      files: [{ name, path: '', size: bytes.length, declared_type: 'text/plain', document_id: null }]
    },
    { traceparent: FOREIGN, 'x-call-id': 'of-somebody-else' }
  )

/** The caught mail to somebody that leads to a page, and when it came. */
async function mailAbout(to: string, link: string): Promise<{ at: number; text: string } | null> {
  const folder = join(stack.data, 'mail')
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.eml'))) {
    const text = readFileSync(join(folder, name), 'utf8')
      .replace(/=\r?\n/g, '')
      .replaceAll('=3D', '=')
    if (text.includes(`To: ${to}`) && text.includes(link))
      return { at: statSync(join(folder, name)).mtimeMs, text }
  }
  return null
}

/** The spans of a trace once all of these are there, by service and name. */
const spansOf = (trace: string, ...wanted: string[]): Promise<CollectedSpan[]> =>
  until(
    `spans ${wanted.join(', ')}`,
    async () => {
      const found = collector.spans.filter((span) => span.trace === trace)
      const names = new Set(found.map((span) => `${span.service} ${span.name}`))
      return wanted.every((name) => names.has(name)) && found
    },
    30
  ).catch((error) => {
    const there = collector.spans.filter((span) => span.trace === trace)
    throw new Error(
      `${error.message}; there are ${there.map((one) => `${one.service} ${one.name}`).join(', ')}`
    )
  })

/** One span begins it, and each other one was called by one of the others. */
function assertOneTree(spans: CollectedSpan[]): void {
  const ids = new Set(spans.map((span) => span.id))
  assert.equal(ids.size, spans.length, 'each step has an id of its own')
  const roots = spans.filter((span) => span.parent === null || !ids.has(span.parent))
  assert.deepEqual(
    roots.map((span) => [span.service, span.parent]),
    [['portico-edge', null]],
    'the edge begins, and everything follows from it'
  )
}

test('a document that arrives is counted: requests by their routes, jobs, and how long each took', async () => {
  const [before, jobsBefore] = [await scrape(ports.metrics), await scrape(ports.connector_metrics)]
  const route = { function: 'documents', method: 'POST', route: '/uploads/complete', status: '2xx' }
  const done = { kind: 'scan', outcome: 'done' }
  await maker.send('basicapi.pdf', 'Zähler.pdf')
  await until('the jobs are counted', async () => {
    const jobs = await scrape(ports.connector_metrics)
    return (
      jobs.sum('portico_jobs_ended_total', done) === jobsBefore.sum('portico_jobs_ended_total', done) + 1 &&
      jobs.sum('portico_jobs_ended_total', { kind: 'preview', outcome: 'done' }) >
        jobsBefore.sum('portico_jobs_ended_total', { kind: 'preview', outcome: 'done' })
    )
  })
  const [calls, jobs] = [await scrape(ports.metrics), await scrape(ports.connector_metrics)]
  assert.equal(
    calls.sum('portico_http_requests_total', route) - before.sum('portico_http_requests_total', route),
    1
  )
  const { status: _, ...timed } = route
  assert.ok(calls.sum('portico_http_request_duration_seconds_count', timed) >= 1)
  assert.ok(calls.sum('portico_http_requests_total', { function: 'store', method: 'PUT' }) >= 1)
  assert.ok(calls.sum('portico_function_memory_bytes', { function: 'documents' }) > 10_000_000)
  assert.equal(calls.sum('portico_function_running', { function: 'documents' }), 1)
  assert.ok(jobs.sum('portico_job_duration_seconds_count', { kind: 'scan', function: 'scan' }) >= 1)
  assert.ok(jobs.sum('portico_jobs_claimed_total', { kind: 'preview' }) >= 1)
  assert.equal(jobs.sum('portico_database_up'), 1)
  for (const name of ['portico_jobs', 'portico_jobs_oldest_due_seconds', 'portico_inbox_backlog'])
    assert.ok(jobs.names.includes(name), name)
})

test('a job that fails is counted by its cause and, given up, among the dead; administrators have mail within a minute', async () => {
  const before = await scrape(ports.connector_metrics)
  assert.equal(before.sum('portico_jobs', { kind: 'webhook', state: 'dead' }), 0)
  await database.query(`select job_add('webhook', '{}', '', 'nobody', now(), 0, 2)`)
  const after = await until('the job is dead', async () => {
    const now = await scrape(ports.connector_metrics)
    return now.sum('portico_jobs', { kind: 'webhook', state: 'dead' }) === 1 && now
  })
  const cause = { kind: 'webhook', cause: 'ZodError' }
  assert.equal(after.sum('portico_job_failures_total', { ...cause, outcome: 'failed' }), 1)
  assert.equal(after.sum('portico_job_failures_total', { ...cause, outcome: 'dead' }), 1)
  assert.equal(after.sum('portico_jobs_ended_total', { kind: 'webhook', outcome: 'dead' }), 1)
  const { rows } = await database.query<{ done_at: Date }>(`select done_at from job where state = 'dead'`)
  const died = new Date(rows[0]?.done_at ?? '').getTime()
  const ingrid = stack.person('Ingrid').email
  const mail = await until(
    'the mail to the administrator',
    () => mailAbout(ingrid, `${stack.origin}/jobs`),
    60
  )
  assert.ok(mail.at - died < 60_000, `told after ${(mail.at - died) / 1000} s`)
  assert.doesNotMatch(mail.text, /webhook|nobody/, 'mail is read on the way')
})

test('the example alerts ask for metrics that there are', async () => {
  const { names } = await scrape(ports.connector_metrics)
  const known = new Set([...names, ...(await scrape(ports.metrics)).names])
  const rules = readFileSync('infra/deploy/prometheus-rules.yml', 'utf8').replace(/^\s*#.*$/gm, '')
  const asked = new Set(rules.match(/\bportico_\w+/g))
  assert.ok(asked.size >= 7)
  for (const name of asked) assert.ok(known.has(name), name)
})

test('metrics name nobody, and nobody outside gets them', async () => {
  for (const port of Object.values({ a: ports.metrics, b: ports.connector_metrics })) {
    const { text } = await scrape(port)
    assert.doesNotMatch(text, /[0-9a-f]{8}-[0-9a-f]{4}-|@|Zähler|Jahresabschluss|Bergmann|Jonas/)
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404)
  }
  for (const path of ['/metrics', '/api/v1/metrics', '/api/v1/documents/metrics', '/_/metrics']) {
    const answer = await fetch(stack.origin + path, { headers: { cookie: maker.client.cookie } })
    assert.doesNotMatch(await answer.text(), /portico_|process_cpu/, path)
    assert.equal(answer.headers.get('x-portico-route'), null, path)
  }
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one && !one.internal && one.family === 'IPv4')
  if (outside)
    for (const port of [ports.metrics, ports.connector_metrics])
      await assert.rejects(fetch(`http://${outside.address}:${port}/metrics`), 'it listens on loopback alone')
})

test('a file whose sender says no more is followed from the request over the store’s event to what its jobs call', async () => {
  const bytes = Buffer.from('what the store tells of')
  const { uploads } = await upload(bytes, 'Bote.txt')
  const [made] = uploads
  assert.ok(made)
  const { rows } = await database.query<{ trace: string }>('select trace from upload where id = $1', [
    made.id
  ])
  const trace = rows[0]?.trace.split('-')[1] ?? ''
  assert.match(trace, /^[0-9a-f]{32}$/)
  assert.ok(!FOREIGN.includes(trace), 'nobody outside chooses which trace it is')
  await maker.client.put(made, bytes)
  const spans = await spansOf(
    trace,
    'portico-edge POST /api/v1/documents/uploads',
    'portico-documents POST /uploads',
    'portico-intake store event',
    'portico-connector job arrive',
    'portico-connector job scan',
    'portico-scan POST scan',
    'portico-connector job preview',
    'portico-preview POST preview'
  )
  assertOneTree(spans)
  const call_id = trace.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  const log = readFileSync(join(stack.data, 'logs/connector.log'), 'utf8')
  const lines = log.split('\n').filter((line) => line.includes(call_id) && line.includes('"event":"job"'))
  assert.ok(lines.length >= 3, 'the log has the same id')
  const now = await scrape(ports.connector_metrics)
  assert.ok(now.sum('portico_event_record_lag_seconds_count') >= 1, 'how long the event took is known')
})

test('a form of a page is followed into the function behind it, its mail and what sends that', async () => {
  const person = stack.person('Aylin')
  const answer = await fetch(`${stack.origin}/forgot`, {
    method: 'POST',
    headers: {
      origin: stack.origin,
      'content-type': 'application/x-www-form-urlencoded',
      traceparent: FOREIGN
    },
    body: new URLSearchParams({ email: person.email })
  })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('x-portico-route'), null)
  const begun = await until('the page’s span', async () =>
    collector.spans.find((span) => span.name === 'POST /forgot' && span.service === 'portico-edge')
  )
  const spans = await spansOf(
    begun.trace,
    'portico-edge POST /forgot',
    'portico-auth POST /reset',
    'portico-connector job notify',
    'portico-notify POST notify'
  )
  assertOneTree(spans)
  assert.doesNotMatch(
    collector.text(),
    /@|Bote|Zähler|Jahresabschluss|Bergmann|deadbeef/,
    'spans name nobody'
  )
})
