/** What came out of a backup, started beside whatever else runs: PostgreSQL and the store on ports of their own. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { S3Client } from '@aws-sdk/client-s3'
import { storeClient } from '../../functions/_shared/storage/client.ts'
import { findStore } from '../minio/find.ts'
import { startStore } from '../minio/server.ts'
import { postgresUser } from '../postgres/binaries.ts'
import { SUPERUSER } from '../postgres/roles.ts'
import { freePort } from '../runner/ports.ts'
import type { Choice } from './choose.ts'
import { BackupProblem } from './problem.ts'
import { startRecovered } from './recover.ts'
import { type Repository, startRestic } from './restic.ts'
import { storeSecretsIn } from './running.ts'
import { DATABASE_FILE } from './runs.ts'
import { chownAll } from './scratch-files.ts'

/** Makes the folder that restored parts lie in. As root the database runs as another user, who must pass through. */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, process.getuid?.() === 0 ? 0o711 : 0o700)
}

/** Puts a database's archive from a snapshot into `<folder>/postgres`. */
export async function unpackDatabase(
  repository: Repository,
  snapshot: string,
  folder: string
): Promise<void> {
  const target = join(folder, 'postgres')
  mkdirSync(target, { recursive: true, mode: 0o700 })
  const { child, done, kill } = startRestic(
    repository,
    ['dump', '--no-lock', snapshot, `/${DATABASE_FILE}`],
    { raw: true }
  )
  const tar = spawn('tar', ['-x', '-f', '-', '-C', target], { stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  tar.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  tar.stdin.on('error', () => undefined)
  child.stdout?.pipe(tar.stdin)
  const code = await new Promise<number | null>((resolve, reject) =>
    tar.once('error', reject).once('close', resolve)
  )
  if (code !== 0) {
    // What restic has to say is the cause, if it ended first; else it waits for a reader that is gone.
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 500))])
    kill()
    throw new BackupProblem(
      /no space|quota/i.test(said) ? 'disk_full' : 'damaged',
      `The database could not be unpacked: ${said.trim().slice(0, 300)}`
    )
  }
  await done
  chmodSync(target, 0o700)
  const user = postgresUser()
  if (user.uid !== undefined && user.gid !== undefined) chownAll(target, user.uid, user.gid)
}

/**
 * Starts `<folder>/postgres` with the passwords of `<folder>/secrets`, gives a connection, and ends both.
 *
 * @param choice whose log it is brought forward by; null: as it is
 */
export async function withDatabase<T>(
  folder: string,
  choice: Choice | null,
  work: (client: pg.Client) => Promise<T>
): Promise<T> {
  const server = await startRecovered(folder, choice)
  try {
    const client = new pg.Client({ connectionString: server.url(SUPERUSER, 'portico') })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  } finally {
    await server.stop()
  }
}

/** Starts `<folder>/store` and gives a client that may read everything. It tells nobody of what happens in it. */
export async function withStore<T>(folder: string, work: (store: S3Client) => Promise<T>): Promise<T> {
  const secrets = storeSecretsIn(folder)
  const root_user = 'portico-root'
  const server = await startStore({
    program: await findStore(() => undefined),
    folder: join(folder, 'store'),
    port: await freePort(),
    root_user,
    ...secrets,
    webhook: null
  }).catch((cause: unknown) => {
    throw new BackupProblem(
      'damaged',
      `The object store of this backup does not start: ${cause instanceof Error ? cause.message : String(cause)}`,
      {},
      cause
    )
  })
  const client = storeClient({
    endpoint: server.endpoint,
    public_endpoint: server.endpoint,
    region: 'us-east-1',
    access_key_id: root_user,
    secret_access_key: secrets.root_password
  })
  try {
    return await work(client)
  } finally {
    client.destroy()
    await server.stop()
  }
}
