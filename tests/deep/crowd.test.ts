/**
 * Much at once on two cores: what one client sends does not hold up another, a file that breaks its reader delays nobody,
 * and people at their pages do not notice that thousands of pages are drawn.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Document, Project } from '../../functions/_shared/contract/document.ts'
import type { Upload } from '../../functions/_shared/contract/upload.ts'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { percentile } from '../bench/row.ts'
import { manyPaths } from '../support/bombs.ts'
import { type Stack, startStack } from '../support/stack.ts'

const corpus = process.env.PORTICO_CORPUS ?? '../shared/corpus'
const FILES = 10_000
const PAGES = 2_000

let stack: Stack
let owner: pg.Client
let petra: Sender
let elin: Sender
before(async () => {
  stack = await startStack()
  owner = new pg.Client({
    connectionString: readFileSync(join(stack.data, 'mounts/connector/db-pipeline'), 'utf8').trim()
  })
  await owner.connect()
  petra = await senderAs('Petra')
  elin = await senderAs('Elin')
})
after(async () => {
  await owner?.end()
  await stack?.stop()
})

type Sender = { client: ApiClient; project: Project }

async function senderAs(name: string): Promise<Sender> {
  const client = new ApiClient(stack.origin)
  await client.signIn(stack.person(name))
  const { items } = await client.call<{ items: Project[] }>('GET', '/documents/projects')
  const project = items.find((one) => one.level === 'contribute' || one.level === 'manage')
  assert.ok(project, `${name} may send somewhere`)
  return { client, project }
}

/** Sends one and waits until it is ready; seconds from its receipt. */
async function secondsToReady({ client, project }: Sender, name: string, bytes: Buffer): Promise<number> {
  const receipt = await client.upload(project.id, [{ name, type: 'application/octet-stream', bytes }])
  const id = receipt.outcomes[0]?.document?.id
  assert.ok(id)
  const started = performance.now()
  for (;;) {
    const { version } = await client.call<Document>('GET', `/documents/documents/${id}`)
    const seconds = (performance.now() - started) / 1_000
    if (version.state === 'ready' || version.state === 'held') return seconds
    assert.ok(seconds < 300, `${name} is not ready`)
    await wait(50)
  }
}

/** The middle of three. */
async function middle(sender: Sender, name: string, bytes: (no: number) => Buffer): Promise<number> {
  const took: number[] = []
  for (const no of [1, 2, 3]) took.push(await secondsToReady(sender, `${no} ${name}`, bytes(no)))
  return took.sort((a, b) => a - b)[1] ?? 0
}

/** Many small files, 500 in a call, 8 on their way at a time. */
async function flood({ client, project }: Sender, count: number, each: number): Promise<void> {
  for (let first = 0; first < count; first += each) {
    const texts = Array.from({ length: Math.min(each, count - first) }, (_, no) =>
      Buffer.from(`Beleg ${first + no}\n`)
    )
    const { uploads } = await client.call<{ uploads: Upload[] }>('POST', '/documents/uploads', {
      folder_id: project.id,
      files: texts.map((text, no) => ({ name: `Beleg ${first + no}.txt`, size: text.length }))
    })
    const queue = uploads.entries()
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (const [no, upload] of queue) await client.put(upload, texts[no] ?? Buffer.alloc(0))
      })
    )
    await client.call('POST', '/documents/uploads/complete', { ids: uploads.map((upload) => upload.id) })
  }
}

async function unfinished(client: string | undefined): Promise<number> {
  const { rows } = await owner.query<{ n: number }>(
    `select count(*)::int as n from job where state in ('ready', 'active') and fairness_key = $1`,
    [client ?? '']
  )
  return rows[0]?.n ?? 0
}

const letter = (no: number) => Buffer.from(`Sehr geehrte Damen und Herren, Nummer ${no} ${Math.random()}\n`)

test('a document that breaks its reader delays others by less than a second', async (t) => {
  const alone = await middle(elin, 'Notiz.txt', letter)
  const bomb = secondsToReady(petra, 'Bombe.pdf', Buffer.from(manyPaths()))
  await wait(1_000)
  const beside = await middle(elin, 'Notiz daneben.txt', letter)
  t.diagnostic(
    `alone ${alone.toFixed(2)} s, beside it ${beside.toFixed(2)} s; given up after ${(await bomb).toFixed(1)} s`
  )
  assert.ok(beside < alone + 1, `${beside} s instead of ${alone} s`)
})

test('two cores stay responsive while 2,000 pages are drawn', async (t) => {
  const paper = readFileSync(join(corpus, 'pdf', 'tracemonkey.pdf'))
  const PAGES_EACH = 14
  const { client, project } = petra
  const files = Array.from({ length: Math.ceil(PAGES / PAGES_EACH) }, (_, no) => ({
    name: `Band ${no}.pdf`,
    type: 'application/pdf',
    bytes: Buffer.concat([paper, Buffer.from(`\n% ${no}\n`)])
  }))
  for (let first = 0; first < files.length; first += 20)
    await client.upload(project.id, files.slice(first, first + 20))
  const started = performance.now()
  const took: number[] = []
  for (; (await unfinished(project.client?.id)) > 0; await wait(100)) {
    const asked = performance.now()
    await elin.client.call('GET', `/documents/projects/${elin.project.id}`)
    took.push(performance.now() - asked)
  }
  took.sort((a, b) => a - b)
  const p95 = percentile(took, 0.95)
  t.diagnostic(
    `${files.length * PAGES_EACH} pages in ${((performance.now() - started) / 1_000).toFixed(0)} s; ${took.length} calls, p50 ${percentile(took, 0.5).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`
  )
  assert.ok(took.length > 50, 'pages were drawn while it asked')
  assert.ok(p95 <= 300, `p95 ${p95} ms`)
})

// The last: thousands of jobs are left over.
test('10,000 files of one client do not hold up a file of another', async (t) => {
  const alone = await middle(elin, 'Brief.txt', letter)
  await flood(petra, FILES, 500)
  const waiting = await unfinished(petra.project.client?.id)
  const beside = await middle(elin, 'Brief daneben.txt', letter)
  const left = await unfinished(petra.project.client?.id)
  t.diagnostic(
    `alone ${alone.toFixed(2)} s, beside ${waiting} to ${left} jobs of another client ${beside.toFixed(2)} s`
  )
  assert.ok(left > 500, 'the other’s files were still on their way')
  assert.ok(beside < alone + 3, `${beside} s instead of ${alone} s`)
})
