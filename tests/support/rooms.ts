/** A pool of functions in rooms, as the runner keeps one, with a real store behind the way that leads to it. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { DERIVED, DOCUMENTS } from '../../functions/_shared/storage/buckets.ts'
import { openSigner } from '../../functions/_shared/storage/sign.ts'
import { FunctionPool } from '../../infra/runner/functions.ts'
import { createGateway } from '../../infra/runner/gateway.ts'
import { close, listen } from '../../infra/runner/listen.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { type RoomWish, openRooms, tryRooms } from '../../infra/runner/room.ts'
import type { FunctionSpec } from '../../infra/runner/stack.ts'
import { noStore, realStore } from './real-store.ts'

/** For a test's `skip`: why there are no rooms here, or false. */
export const noRooms: string | false = (await tryRooms()) ?? noStore

export type RoomsWish = {
  specs: FunctionSpec[]
  /** Secrets that a function is given, by its name. */
  secrets?: Record<string, Record<string, string>>
  script?: string
  rooms: RoomWish
}

/** Its gateway listens; gone after the file's tests. */
export async function startRooms(wish: RoomsWish) {
  const folder = mkdtempSync(join(tmpdir(), 'portico-test-rooms-'))
  mkdirSync(join(folder, 'logs'))
  const rooms = await openRooms(wish.rooms)
  if ('missing' in rooms) throw new Error(rooms.missing)
  for (const spec of wish.specs) {
    const mount = join(folder, 'mounts', spec.name)
    mkdirSync(mount, { recursive: true, mode: 0o700 })
    for (const [name, value] of Object.entries(wish.secrets?.[spec.name] ?? {}))
      writeFileSync(join(mount, name), value, { mode: 0o600 })
  }
  const pool = new FunctionPool(wish.specs, {
    logs: join(folder, 'logs'),
    rooms,
    ...(wish.script && { script: wish.script }),
    env: (spec) => ({
      secret_mount_path: join(folder, 'mounts', spec.name),
      NODE_COMPILE_CACHE: join(folder, 'cache', spec.name)
    })
  })
  const gateway = createGateway({ pool, password: 'the-password' })
  const port = await freePort()
  await listen(gateway, port, '127.0.0.1')
  after(async () => {
    await close(gateway, 0)
    await pool.stop()
    await rooms.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder, pool, url: `http://127.0.0.1:${port}/function` }
}

/** A real store, and presigned URLs as documents and connector make them. */
export async function storeForRooms() {
  const store = await realStore('http://127.0.0.1:9')
  const [app, pipeline] = [store.secret('store-app'), store.secret('store-pipeline')]
  const [uploads, inner] = [
    await openSigner(app, store.endpoint),
    await openSigner(pipeline, pipeline.endpoint)
  ]
  return {
    endpoint: store.endpoint,
    /** Puts a file there; the body of a job's input. */
    offer: async (name: string, bytes: Buffer<ArrayBuffer>) => {
      const key = `${randomUUID()}/${randomUUID()}`
      const sent = await fetch(await uploads.put({ bucket: DOCUMENTS, key, size: bytes.length }), {
        method: 'PUT',
        body: bytes
      })
      if (!sent.ok) throw new Error(`the store answered ${sent.status}: ${await sent.text()}`)
      const url = await inner.get({ bucket: DOCUMENTS, key })
      return { url, size: bytes.length, name, declared_type: 'application/octet-stream' }
    },
    slot: (key: string) => inner.put({ bucket: DERIVED, key }),
    derived: async (key: string) =>
      Buffer.from(await (await fetch(await inner.get({ bucket: DERIVED, key }))).arrayBuffer())
  }
}
