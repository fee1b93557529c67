/**
 * From the store's event to its record in the inbox: while all is well, and when a part was killed in the middle, whoever
 * records it then. And how soon intake answers the store, seen between the two.
 */
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Upload } from '../../functions/_shared/contract/upload.ts'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { close, listen } from '../../infra/runner/listen.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { type Installation, type Victim, lookInside } from '../faults/installation.ts'
import { startStack, untilQuiet } from '../support/stack.ts'
import { type Row, ms, percentile, printRows } from './row.ts'

/** Files a second, and how many: while all is well, and around each kill. */
const RATE = 20
const FILES = 1_000
const FILES_EACH = 200
/** Milliseconds after which a part is killed, and in which everything must have been recorded. */
const KILLED_AFTER = 3_000
const PATIENCE = 240_000
const VICTIMS: Victim[] = ['minio', 'postgres', 'intake', 'connector']

/** Stands between store and intake and notes milliseconds to each answer. */
async function startWatch(port: number, gateway: string) {
  const times: number[] = []
  const server = createServer(async (request, response) => {
    const started = performance.now()
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const { method = 'GET', url = '/', headers } = request
      const answer = await fetch(`${gateway}${url}`, {
        method,
        headers: { authorization: headers.authorization ?? '', 'content-type': 'application/json' },
        ...(method === 'POST' && { body: Buffer.concat(chunks) })
      })
      await answer.body?.cancel()
      if (method === 'POST' && answer.status === 204) times.push(performance.now() - started)
      response.writeHead(answer.status).end()
    } catch {
      response.destroy()
    }
  })
  await listen(server, port, '127.0.0.1')
  return { times, stop: () => close(server, 1_000) }
}

type Sender = { client: ApiClient; project_id: string; inside: Installation }

const BATCH = 500

async function uploadsFor({ client, project_id }: Sender, count: number): Promise<Upload[]> {
  const made: Upload[] = []
  while (made.length < count) {
    const files = Array.from({ length: Math.min(BATCH, count - made.length) }, () => ({
      name: `${randomUUID()}.txt`,
      size: 36
    }))
    const body = { folder_id: project_id, files }
    made.push(...(await client.call<{ uploads: Upload[] }>('POST', '/documents/uploads', body)).uploads)
  }
  return made
}

/** Sends to the store alone, nobody completes; keys with the moment from which the store had the file. */
async function send(uploads: Upload[]): Promise<Map<string, number>> {
  const there = new Map<string, number>()
  const one = async ({ id, url }: Upload) => {
    if (!url) throw new Error('a small file is sent in one PUT')
    const key = new URL(url).pathname.split('/').slice(2).join('/')
    for (let since = 0; ; await wait(300)) {
      const tried = Date.now()
      const answer = await fetch(url, { method: 'PUT', headers: { 'if-none-match': '*' }, body: id }).catch(
        () => null
      )
      // 412: an earlier try had arrived, and only its answer was lost.
      if (answer?.status === 200 || answer?.status === 412) {
        there.set(key, answer.status === 412 ? since : Date.now())
        return
      }
      if (answer === null || answer.status >= 500) since ||= tried
      else throw new Error(`PUT answered ${answer.status}`)
    }
  }
  const started = performance.now()
  const sending: Promise<void>[] = []
  for (const [no, upload] of uploads.entries()) {
    await wait(Math.max(0, started + (no * 1_000) / RATE - performance.now()))
    sending.push(one(upload))
  }
  await Promise.all(sending)
  return there
}

/** Milliseconds from each file to its record, once all have one; by whom they were written down. */
async function recorded(inside: Installation, there: Map<string, number>) {
  for (const end = Date.now() + PATIENCE; ; await wait(500)) {
    const rows = await inside.query<{ key: string; at: string; source: string }>(
      `select key, extract(epoch from received_at) * 1000 as at, source from inbox
        where kind = 'created' and key = any($1)`,
      [[...there.keys()]]
    )
    if (rows.length === there.size)
      return {
        times: rows.map(({ key, at }) => Math.max(0, Number(at) - (there.get(key) ?? 0))),
        events: rows.filter((row) => row.source === 'event').length
      }
    if (Date.now() > end) throw new Error(`${there.size - rows.length} of ${there.size} have no record`)
  }
}

const seconds = (value: number): string => `${(value / 1_000).toFixed(2)} s`

async function healthy(sender: Sender): Promise<Row> {
  const { times, events } = await recorded(sender.inside, await send(await uploadsFor(sender, FILES)))
  const p99 = percentile(times, 0.99)
  return {
    what: `event to record, ${FILES} files at ${RATE} a second`,
    figure: `p50 ${ms(percentile(times, 0.5))}, p99 ${ms(p99)}, most ${ms(Math.max(...times))}; ${events} by their event`,
    must: 'p99 ≤ 5 s',
    aim: 'p99 ≤ 500 ms',
    holds: p99 <= 5_000
  }
}

async function crashed(sender: Sender): Promise<Row> {
  const all: number[] = []
  const each: string[] = []
  for (const victim of VICTIMS) {
    const uploads = await uploadsFor(sender, FILES_EACH)
    const sending = send(uploads)
    await wait(KILLED_AFTER)
    if (!(await sender.inside.kill(victim))) throw new Error(`${victim} did not run`)
    const { times } = await recorded(sender.inside, await sending)
    each.push(`${victim} ${seconds(Math.max(...times))}`)
    all.push(...times)
  }
  const p99 = percentile(all, 0.99)
  return {
    what: `event to record, a part killed under ${FILES_EACH} files`,
    figure: `p99 ${seconds(p99)}; the longest: ${each.join(', ')}`,
    must: 'p99 ≤ 120 s',
    aim: 'p99 ≤ 60 s',
    holds: p99 <= 120_000
  }
}

export async function run(): Promise<Row[]> {
  const data = mkdtempSync(join(tmpdir(), 'portico-events-'))
  chmodSync(data, 0o711)
  const ports = {
    postgres: await freePort(),
    store: await freePort(),
    gateway: await freePort(),
    watch: await freePort()
  }
  writeFileSync(join(data, 'ports.json'), JSON.stringify(ports))
  const watch = await startWatch(ports.watch, `http://127.0.0.1:${ports.gateway}`)
  const stack = await startStack({
    data,
    keep: true,
    env: { PORTICO_DETOURS: JSON.stringify({ intake: ports.watch }) }
  })
  const inside = await lookInside(stack)
  try {
    await untilQuiet(data)
    const client = new ApiClient(stack.origin)
    await client.signIn(stack.person('Petra'))
    const { items } = await client.call<{ items: { id: string; name: string }[] }>(
      'GET',
      '/documents/projects'
    )
    const project = items.find(({ name }) => name.includes('Jahresabschluss'))
    if (!project) throw new Error('Petra does not see her project')
    const sender = { client, project_id: project.id, inside }
    watch.times.length = 0
    const rows = [await healthy(sender)]
    const p99 = percentile(watch.times, 0.99)
    rows.push({
      what: `intake’s answer to the store, ${watch.times.length} events`,
      figure: `p50 ${ms(percentile(watch.times, 0.5))}, p99 ${ms(p99)}`,
      must: 'p99 ≤ 50 ms',
      aim: 'p99 ≤ 20 ms',
      holds: p99 <= 50
    })
    rows.push(await crashed(sender))
    return rows
  } finally {
    await inside.close()
    await stack.stop()
    await watch.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}
