/** The object store as a part of the running portal: ours, or one that runs elsewhere (S3_ENDPOINT). */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findStore } from '../minio/find.ts'
import { STORE_KEYS, type StoreKey } from '../minio/policies.ts'
import type { Provision } from '../minio/provision.ts'
import { ACCESS_WEBHOOK_ARN, WEBHOOK_ARN, startStore } from '../minio/server.ts'
import { LogFile } from './log-file.ts'
import type { ExternalStore } from './options.ts'
import { keepRunning, launch } from './process.ts'
import type { Secrets } from './secrets.ts'

export const REGION = 'us-east-1'
export const ROOT_USER = 'portico-root'
const PROVISION = fileURLToPath(new URL('../minio/provision.ts', import.meta.url))

export type StorePart = {
  endpoint: string
  /** The secrets store-app, store-download, … as their readers expect them (functions/_shared/config.ts). */
  secrets: Record<StoreKey, string>
  /** Resolves when it takes requests and is provisioned. Throws NoStore or what the store said. */
  start: () => Promise<{ stop: () => Promise<void> }>
}

type Key = { access_key_id: string; secret_access_key: string }

export type StoreWish = {
  data: string
  port: number
  /** The port by which others reach it; its own unless something stands between. */
  detour?: number | undefined
  secrets: Secrets
  logs: string
  /** The origin by which browsers reach it, through the edge. */
  origin: string
  gateway: string
  external: ExternalStore | null
  say: (line: string) => void
  /** It died and is back: what it was telling then may be lost. */
  on_return: () => void
}

/** Where the store will be and who gets which key; nothing is started yet. */
export function planStore(wish: StoreWish): StorePart {
  if (wish.external) return externalStore(wish, wish.external)
  const keys = storeKeys(wish.secrets)
  const endpoint = `http://127.0.0.1:${wish.detour ?? wish.port}`
  return {
    endpoint,
    secrets: secretsOf(endpoint, REGION, wish.origin, (name) => keys[name]),
    start: () => startOwnStore(wish, endpoint, keys)
  }
}

/** The keys of the store's users. */
export const storeKeys = (secrets: Secrets): Record<StoreKey, Key> =>
  Object.fromEntries(
    STORE_KEYS.map((name) => [
      name,
      {
        access_key_id: name.replace('store-', 'portico-'),
        secret_access_key: secrets.get(`key-${name}`)
      }
    ])
  ) as Record<StoreKey, Key>

async function startOwnStore(wish: StoreWish, endpoint: string, keys: Record<StoreKey, Key>) {
  const { secrets } = wish
  const log = new LogFile(join(wish.logs, 'minio.log'))
  const folder = join(wish.data, 'store')
  const program = await findStore(wish.say)
  const root = { access_key_id: ROOT_USER, secret_access_key: secrets.get('store-root') }
  const kept = await keepRunning(
    () =>
      startStore({
        program,
        folder,
        port: wish.port,
        root_user: root.access_key_id,
        root_password: root.secret_access_key,
        kms_key: secrets.get('store-kms'),
        webhook: { url: `${wish.gateway}/function/intake`, token: secrets.get('intake-token') },
        on_line: (line) => log.write(`${line}\n`)
      }),
    (reason) => log.write(`runner: the store ended: ${JSON.stringify(reason)}\n`),
    wish.on_return
  )
  const stop = async () => {
    await kept.stop()
    await log.close()
  }
  try {
    const provision = {
      endpoint,
      region: REGION,
      root,
      keys,
      webhook_arn: WEBHOOK_ARN,
      access_arn: ACCESS_WEBHOOK_ARN
    }
    await provisionOnce(provision, join(folder, 'provisioned'), log)
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}

/** One key for all, the one that was given: what it may do is its owner's business. Nobody tells us of events. */
function externalStore(wish: StoreWish, external: ExternalStore): StorePart {
  const { endpoint, region, ...key } = external
  const start = async () => {
    const log = new LogFile(join(wish.logs, 'store.log'))
    await runProvision({ endpoint, region, root: key, keys: null, webhook_arn: null, access_arn: null }, log)
    return { stop: () => log.close() }
  }
  return { endpoint, secrets: secretsOf(endpoint, region, wish.origin, () => key), start }
}

/** The secrets by which functions find the store, as config.ts reads them. */
export function secretsOf(
  endpoint: string,
  region: string,
  origin: string,
  keyOf: (name: StoreKey) => Key
): Record<StoreKey, string> {
  const entries = STORE_KEYS.map((name) => [
    name,
    JSON.stringify({ endpoint, public_endpoint: origin, region, ...keyOf(name) })
  ])
  return Object.fromEntries(entries)
}

/** Buckets, keys and rights stay in the store: they are made again only when something about them has changed. */
async function provisionOnce(wish: Provision, mark: string, log: LogFile): Promise<void> {
  const sources = ['provision.ts', 'policies.ts', 'admin.ts'].map((file) =>
    readFileSync(new URL(`../minio/${file}`, import.meta.url))
  )
  const { endpoint: _, ...lasting } = wish
  const hash = createHash('sha256')
    .update(JSON.stringify(lasting))
    .update(Buffer.concat(sources))
    .digest('hex')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return
  await runProvision(wish, log)
  writeFileSync(mark, hash, { mode: 0o600 })
}

async function runProvision(wish: Provision, log: LogFile): Promise<void> {
  const child = launch({ args: [PROVISION], env: {} }, log)
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  child.stdin?.end(JSON.stringify(wish))
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0)
    throw new Error(`The object store could not be made ready: ${/^\w*Error:? .*/m.exec(said)?.[0] ?? said}`)
}
