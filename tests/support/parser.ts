/**
 * A parsing function as its container starts it, a token for it, and a small HTTP server in the store's place: files by
 * GET, what is PUT is kept. The function runs in a process of its own, so that its memory can be looked at.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { after } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { z } from 'zod'
import { jobKey } from '../../functions/_shared/auth/job-key.ts'
import { signJobToken } from '../../functions/_shared/auth/job-token.ts'
import type { PageText } from '../../functions/_shared/contract/document.ts'
import { readStack } from '../../infra/runner/stack.ts'
import {
  PAGES_OF_FIRST_CALL,
  PAGES_PER_CALL,
  PreviewAnswer,
  type PreviewCursor
} from '../../functions/_shared/contract/job.ts'

export const CORPUS = resolve(process.env.PORTICO_CORPUS ?? '../shared/corpus')
/** For a test's `skip`: one line that says why, or false. */
export const noCorpus = existsSync(CORPUS) ? false : `no corpus at ${CORPUS}`

const KEY = randomBytes(32)

/** Files by name to be fetched, and what was put. `put` answers 503 while `away`. */
export async function startStore() {
  const files = new Map<string, Buffer>()
  const put = new Map<string, { type: string; body: Buffer }>()
  const state = { away: false, reads: 0 }
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(request.url?.slice(1) ?? '')
    if (state.away) return response.writeHead(503).end()
    if (request.method === 'PUT') {
      const body = Buffer.concat(await Array.fromAsync(request))
      put.set(name, { type: request.headers['content-type'] ?? '', body })
      return response.writeHead(200).end()
    }
    const file = files.get(name)
    state.reads += 1
    return file ? response.end(file) : response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  after(() => server.close().closeAllConnections())
  return { files, put, state, url: (name: string) => `${origin}/${encodeURIComponent(name)}` }
}
export type FileStore = Awaited<ReturnType<typeof startStore>>

export type ParserProcess = {
  url: string
  process: ChildProcess
  peak: () => number
  stop: () => Promise<void>
}

/** Starts a function and waits until it is ready. `peak` is the most resident memory so far, in MB (Linux). */
export async function startParser(
  name: string,
  env: Record<string, string> = {},
  options: { cpus?: string } = {}
): Promise<ParserProcess> {
  const secrets = mkdtempSync(join(tmpdir(), 'portico-parser-'))
  writeFileSync(join(secrets, `job-key-${name}`), Buffer.from(jobKey(KEY, name)).toString('base64'))
  const args = ['--no-warnings', 'functions/_shared/serve.ts']
  const command = options.cpus
    ? ['taskset', '-c', options.cpus, process.execPath, ...args]
    : [process.execPath, ...args]
  const child = spawn(command[0] ?? '', command.slice(1), {
    env: {
      PATH: process.env.PATH,
      FUNCTION: name,
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      PORTICO_STDIN: 'watch',
      secret_mount_path: secrets,
      ...environmentOf(name),
      ...env
    },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const url = await readyAt(child)
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      await gone
    }
    rmSync(secrets, { recursive: true, force: true })
  }
  after(stop)
  return { url, process: child, peak: () => peakOf(child.pid ?? 0), stop }
}

/** What stack.yml gives the function besides, as far as it decides about memory. */
function environmentOf(name: string): Record<string, string> {
  const spec = readStack(new URL('../../stack.yml', import.meta.url), {}).find((one) => one.name === name)
  const arenas = spec?.environment.MALLOC_ARENA_MAX
  return arenas ? { MALLOC_ARENA_MAX: arenas } : {}
}

/** The address in the log line "ready". */
function readyAt(child: ChildProcess): Promise<string> {
  let said = ''
  return new Promise((done, fail) => {
    child.once('exit', (code) => fail(new Error(`the function ended with ${code}: ${said}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-20_000)
      const port = /"event":"ready".*?"port":(\d+)/.exec(said)?.[1]
      if (port) done(`http://127.0.0.1:${port}`)
    })
  })
}

function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

/** Files that a process has open below /tmp. */
export function openFiles(pid: number, fds: string[]): string[] {
  return fds.flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    } catch {
      return []
    }
  })
}

export type TokenWish = { key?: Uint8Array; audience?: string; seconds?: number; job?: string | undefined }

/** A token for the function, or one that is wrong in the way that is wished. */
export const tokenFor = (name: string, wish: TokenWish = {}): Promise<string> =>
  signJobToken(wish.key ?? KEY, wish.audience ?? name, wish.job ?? randomUUID(), wish.seconds ?? 30)

const jobOf = (body: unknown): string | undefined =>
  typeof body === 'object' && body !== null && 'job' in body ? String(body.job) : undefined

/** POSTs a job. */
export async function post(
  parser: ParserProcess,
  name: string,
  body: unknown,
  wish: { token?: string | null; signal?: AbortSignal } = {}
): Promise<Response> {
  const token = wish.token === undefined ? await tokenFor(name, { job: jobOf(body) }) : wish.token
  return fetch(parser.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` })
    },
    body: JSON.stringify(body),
    ...(wish.signal && { signal: wish.signal })
  })
}

export type Job = { id: string; name: string; size: number }

/** Puts a file into the store's place. */
export function offer(store: FileStore, name: string, bytes: Buffer): Job {
  const id = randomUUID()
  store.files.set(`${id}/${name}`, bytes)
  return { id, name, size: bytes.length }
}

export const offerCorpus = (store: FileStore, path: string): Job =>
  offer(store, basename(path), readFileSync(join(CORPUS, path)))

export const inputOf = (store: FileStore, job: Job) => ({
  url: store.url(`${job.id}/${job.name}`),
  size: job.size,
  name: job.name,
  declared_type: 'application/octet-stream'
})

export type Cursor = z.infer<typeof PreviewCursor>

/** The body of a preview job, with slots as the connector makes them. */
export function previewJob(store: FileStore, job: Job, cursor: Cursor | null, pages: number) {
  const first = cursor?.next_page ?? 1
  const output = Array.from({ length: pages }, (_, index) => first + index).flatMap((page) =>
    (['image', 'thumbnail', 'text'] as const).map((role) => {
      const key = `${job.id}/${page}.${role}`
      return { page, role, key, url: store.url(key) }
    })
  )
  return { job: job.id, kind: 'preview', attempt: 1, input: inputOf(store, job), cursor, output }
}

/** One call of preview. */
export async function previewCall(
  parser: ParserProcess,
  store: FileStore,
  job: Job,
  cursor: Cursor | null = null,
  pages = PAGES_PER_CALL
): Promise<z.infer<typeof PreviewAnswer>> {
  const answer = await post(parser, 'preview', previewJob(store, job, cursor, pages))
  if (answer.status !== 200) throw new Error(`preview answered ${answer.status}: ${await answer.text()}`)
  return PreviewAnswer.parse(await answer.json())
}

/** Calls preview until it is done, as the connector would; pages of all calls, and how it ended. */
export async function previewAll(parser: ParserProcess, store: FileStore, job: Job) {
  const pages = []
  let cursor: Cursor | null = null
  for (let call = 0; call < 400; call += 1) {
    const answer: z.infer<typeof PreviewAnswer> = await previewCall(
      parser,
      store,
      job,
      cursor,
      call === 0 ? PAGES_OF_FIRST_CALL : PAGES_PER_CALL
    )
    if (answer.outcome === 'retry' || answer.outcome === 'refused')
      throw new Error(`${answer.outcome}: ${answer.reason}`)
    pages.push(...answer.result.pages)
    if (answer.outcome === 'done') return { ...answer.result, pages, calls: call + 1 }
    cursor = answer.cursor
  }
  throw new Error('it goes on for ever')
}

/** What was put at a key; throws when nothing was. */
export function putAt(store: FileStore, key: string | null): { type: string; body: Buffer } {
  const found = store.put.get(key ?? '')
  if (!found) throw new Error(`nothing was put at ${key}`)
  return found
}

export const wordsAt = (store: FileStore, key: string | null): z.infer<typeof PageText>['words'] =>
  key === null ? [] : JSON.parse(putAt(store, key).body.toString()).words

/** Waits until something holds. */
export async function until(holds: () => boolean, ms = 5_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await wait(20)) if (holds()) return true
  return holds()
}
