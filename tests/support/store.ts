/** A real MinIO for tests: a folder and a port of its own, the three buckets as a start of Portico makes them. */
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketVersioningCommand,
  S3Client
} from '@aws-sdk/client-s3'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { StoreSecret } from '../../functions/_shared/config.ts'

export type TestStore = {
  /** The secret of a store key, as mounted for a function. Endpoint and public endpoint are the same here. */
  secret: StoreSecret
  /** The same store, asked directly. */
  s3: S3Client
  process: ChildProcess
  stop: () => Promise<void>
}

/** Where a MinIO binary is, or null: then tests that need it skip in one line. */
export function findMinio(): string | null {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const places = [
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'minio')),
    ...globSync(join(cache, 'portico', 'minio-*', 'minio'))
  ]
  return places.find((place) => existsSync(place)) ?? null
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Starts MinIO and makes the buckets; ends with the file's tests. Throws when there is no binary. */
export async function startStore(): Promise<TestStore> {
  const binary = findMinio()
  if (!binary) throw new Error('no minio binary: npm start builds one')
  const folder = mkdtempSync(join(tmpdir(), 'portico-store-'))
  const port = await freePort()
  const secret: StoreSecret = {
    endpoint: `http://127.0.0.1:${port}`,
    public_endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    access_key_id: 'portico-test',
    secret_access_key: randomBytes(16).toString('hex')
  }
  const child = spawn(binary, ['server', folder, '--address', `127.0.0.1:${port}`, '--quiet'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      MINIO_ROOT_USER: secret.access_key_id,
      MINIO_ROOT_PASSWORD: secret.secret_access_key,
      MINIO_KMS_SECRET_KEY: `portico:${randomBytes(32).toString('base64')}`,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off'
    }
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const s3 = clientOf(secret)
  const stop = async () => {
    s3.destroy()
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', () => child.kill('SIGKILL'))
  after(stop)
  await isUp(secret.endpoint)
  await makeBuckets(s3)
  return { secret, s3, process: child, stop }
}

/** A plain client, as any S3 tool would be one. */
export const clientOf = (secret: StoreSecret): S3Client =>
  new S3Client({
    endpoint: secret.endpoint,
    region: secret.region,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    credentials: { accessKeyId: secret.access_key_id, secretAccessKey: secret.secret_access_key }
  })

async function isUp(endpoint: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await wait(50)) {
    const answer = await fetch(`${endpoint}/minio/health/ready`).catch(() => null)
    if (answer?.ok) return
  }
  throw new Error('the store did not come up within 20 s')
}

async function makeBuckets(s3: S3Client): Promise<void> {
  const sse = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }
  for (const Bucket of ['portico-documents', 'portico-derived', 'portico-drops']) {
    await s3.send(
      new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: Bucket === 'portico-documents' })
    )
    if (Bucket === 'portico-drops')
      await s3.send(
        new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })
      )
    await s3.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [sse] } })
    )
  }
}
