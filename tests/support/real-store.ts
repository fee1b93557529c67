/** A real object store exactly as the runner starts it: users with their policies, locked and encrypted buckets. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { StoreSecret } from '../../functions/_shared/config.ts'
import { findInstalled } from '../../infra/minio/find.ts'
import { openSecrets } from '../../infra/runner/secrets.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { planStore } from '../../infra/runner/store.ts'
import type { StoreKey } from '../../infra/minio/policies.ts'

/** Why these tests cannot run here; false when they can. */
export const noStore: string | false = findInstalled() === null && 'no minio: npm start builds one'

/** Started, provisioned, and gone after the file's tests. */
export async function realStore(origin: string, gateway = 'http://127.0.0.1:9') {
  const data = join(tmpdir(), `portico-real-store-${randomBytes(6).toString('hex')}`)
  mkdirSync(join(data, 'logs'), { recursive: true })
  const secrets = openSecrets(data)
  const part = planStore({
    data,
    port: await freePort(),
    secrets,
    logs: join(data, 'logs'),
    origin,
    gateway,
    external: null,
    say: () => {},
    on_return: () => {}
  })
  const { stop } = await part.start()
  after(async () => {
    await stop()
    rmSync(data, { recursive: true, force: true })
  })
  return {
    endpoint: part.endpoint,
    /** What the store signs its session tokens with, too. */
    root_password: secrets.get('store-root'),
    secret: (name: StoreKey): StoreSecret => JSON.parse(part.secrets[name])
  }
}
