/** A running portal with the matrix's world in it, and a plain HTTP client that stands at its door as anybody. */
import { type IncomingMessage, request } from 'node:http'
import { after } from 'node:test'
import pg from 'pg'
import { databaseUrl } from '../../../infra/postgres/roles.ts'
import { openInside } from '../../support/inside.ts'
import { seedsOf } from '../../support/functions.ts'
import { type World, makeWorld } from '../../support/matrix/world.ts'
import { startStack } from '../../support/stack.ts'

export type Answer = { status: number; headers: IncomingMessage['headers']; body: Buffer; text: string }

export type Wish = {
  cookie?: string
  body?: string
  headers?: Record<string, string>
  /** Stops reading after the first piece: of a stream that never ends. */
  first?: boolean
}

/** The stack ends with the file's tests. */
export async function startGround() {
  const stack = await startStack({ demo: false })
  after(stack.stop)
  const inside = openInside(stack)
  const owner = new pg.Pool({
    connectionString: databaseUrl(
      inside.ports.postgres,
      'postgres',
      inside.read('password-postgres'),
      'portico'
    ),
    max: 6
  })
  owner.on('error', () => undefined)
  const ground = { ...seedsOf(owner), owner, store: { s3: inside.root } }
  const world: World = await makeWorld(ground)
  after(async () => {
    inside.root.destroy()
    await owner.end()
  })

  /** Nothing is added to what the test says but Host, and Origin where something is changed. */
  const ask = (method: string, path: string, wish: Wish = {}): Promise<Answer> =>
    send(method, stack.origin, path, {
      ...wish,
      headers: {
        accept: 'text/html',
        ...(method !== 'GET' && { origin: stack.origin }),
        ...(wish.cookie && { cookie: wish.cookie }),
        ...wish.headers
      }
    })
  return { stack, inside, ground, world, ask }
}
export type Ground = Awaited<ReturnType<typeof startGround>>

/** A stream that never says anything is no answer. */
const PATIENCE_MS = 60_000

/** A bare HTTP client: the path goes out as it stands, climbing and escaped as it may be. */
export function send(method: string, origin: string, path: string, wish: Wish): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const way = { hostname, port, path, method, headers: wish.headers, agent: false as const, signal }
    const asked = request(way, (answer) => {
      const chunks: Buffer[] = []
      const done = () => {
        const body = Buffer.concat(chunks)
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body, text: body.toString() })
      }
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (!wish.first || !answer.headers['content-type']?.startsWith('text/event-stream')) return
        done()
        asked.destroy()
      })
      answer.on('end', done)
      answer.on('error', done)
    })
    asked.on('error', reject)
    asked.end(wish.body)
  })
}

/** Does the work for each, some at a time. */
export async function forAll<T>(list: T[], work: (one: T) => Promise<void>, atOnce = 6): Promise<void> {
  const left = [...list]
  const next = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one)
  }
  await Promise.all(Array.from({ length: atOnce }, next))
}
