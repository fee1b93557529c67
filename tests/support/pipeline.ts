/** The event pipeline for tests: a gateway's surface over real functions, and a real connector beside it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { setStage } from './functions.ts'
import type { TestStore } from './store.ts'

type Stage = Awaited<ReturnType<typeof setStage>>

/** What a test lets a function's place do instead: an answer, or the connection's end. */
export type Instead = (request: IncomingMessage, response: ServerResponse) => void

export type Gateway = {
  url: string
  /** Kills the function's process without warning; the next call starts it anew. */
  kill: (name: string) => boolean
  /** Something else stands at this function's address until it is set to null. */
  instead: (name: string, what: Instead | null) => void
  calls: Map<string, number>
  stop: () => Promise<void>
}

/** Answers /function/NAME[/path] from a process per function, started at its first call. */
export async function startGateway(secrets: string): Promise<Gateway> {
  const functions = new Map<string, Promise<{ child: ChildProcess; port: number }>>()
  const replaced = new Map<string, Instead>()
  const calls = new Map<string, number>()

  const start = (name: string) => {
    const one = startFunction(name, secrets)
    functions.set(name, one)
    one
      .then(({ child }) => child.once('exit', () => functions.delete(name)))
      .catch(() => functions.delete(name))
    return one
  }

  const server = createServer((incoming, outgoing) => {
    const [, , name = '', ...rest] = new URL(incoming.url ?? '/', 'http://gateway').pathname.split('/')
    calls.set(name, (calls.get(name) ?? 0) + 1)
    const other = replaced.get(name)
    if (other) return other(incoming, outgoing)
    ;(functions.get(name) ?? start(name))
      .then(({ port }) => pass(incoming, outgoing, port, `/${rest.join('/')}`))
      .catch(() => outgoing.writeHead(503).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kill: (name) => {
      const one = functions.get(name)
      void one?.then(({ child }) => child.kill('SIGKILL'))
      return one !== undefined
    },
    instead: (name, what) => void (what ? replaced.set(name, what) : replaced.delete(name)),
    calls,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      for (const one of functions.values()) (await one.catch(() => null))?.child.kill('SIGKILL')
    }
  }
}

/** 502 when the function dies over the call, as every gateway answers. */
function pass(incoming: IncomingMessage, outgoing: ServerResponse, port: number, path: string): void {
  const onward = request(
    { port, host: '127.0.0.1', path, method: incoming.method, headers: incoming.headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    }
  )
  onward.once('error', () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()))
  incoming.pipe(onward)
}

function startFunction(name: string, secrets: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['functions/_shared/serve.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      FUNCTION: name,
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      PORTICO_STDIN: 'watch',
      secret_mount_path: secrets
    }
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
    child.stdout.on('data', (chunk) => {
      const port = /"event":"ready","port":(\d+)/.exec(String(chunk))?.[1]
      if (port) resolve({ child, port: Number(port) })
    })
  })
}

export type Connector = {
  child: ChildProcess
  log: () => string
  stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** A connector as the runner starts it. */
export function startConnector(secrets: string, gateway_url: string): Connector {
  const child = spawn(process.execPath, ['infra/connector/main.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      FUNCTION: 'connector',
      GATEWAY_URL: gateway_url,
      LOG_LEVEL: 'info',
      PORTICO_STDIN: 'watch',
      secret_mount_path: secrets
    }
  })
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    child,
    log: () => said,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    }
  }
}

/** Waits until `look` gives something true, else throws with what was waited for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  seconds = 20
): Promise<T> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await wait(25)) {
    const found = await look()
    if (found) return found
  }
  throw new Error(`waited ${seconds} s in vain: ${what}`)
}

export type SeededUpload = { id: string; document_id: string; version_id: string; key: string }

/** An open upload of a person, as POST /uploads leaves it, and its bytes in the store when they are given. */
export async function seedUpload(
  stage: Stage,
  store: TestStore,
  of: { person_id: string; project_id: string; name: string; type?: string; bytes: Buffer; put?: boolean }
): Promise<SeededUpload & { object_version_id: string }> {
  const { rows } = await stage.owner.query<{ id: string; document_id: string; version_id: string }>(
    `insert into upload (person_id, project_id, folder_id, document_id, version_id, name, size, declared_type, part_size)
     values ($1, $2, $2, uuidv7(), uuidv7(), $3, $4, $5, 16777216) returning id, document_id, version_id`,
    [of.person_id, of.project_id, of.name, of.bytes.length, of.type ?? 'application/octet-stream']
  )
  const upload = rows[0]
  if (!upload) throw new Error('no upload was made')
  const key = `${upload.document_id}/${upload.version_id}`
  const object_version_id = of.put === false ? '' : await put(store, 'portico-documents', key, of.bytes)
  return { ...upload, key, object_version_id }
}

/** Writes an object as any S3 client would; the store's version of it. */
export async function put(store: TestStore, bucket: string, key: string, bytes: Buffer): Promise<string> {
  const made = await store.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }))
  return made.VersionId ?? randomUUID()
}
