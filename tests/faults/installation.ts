/** A running portal seen from below: its database above all walls, its store as root, its processes by their names. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client
} from '@aws-sdk/client-s3'
import pg from 'pg'
import { databaseAway } from '../../functions/_shared/answer-error.ts'
import { databaseUrl } from '../../infra/postgres/roles.ts'
import type { Stack } from '../support/stack.ts'
import { processesOf } from '../support/processes.ts'
import { clientOf } from '../support/store.ts'

export type Victim =
  | 'preview'
  | 'scan'
  | 'intake'
  | 'sharing'
  | 'notify'
  | 'connector'
  | 'minio'
  | 'postgres'
  /** One of the database's processes that serve functions: all others end with it, and the log is read again. */
  | 'backend'

/** Milliseconds that a question of ours waits for a database that was killed. */
const PATIENCE = 60_000

export type Installation = Awaited<ReturnType<typeof lookInside>>

export async function lookInside(stack: Stack) {
  const read = (name: string) => readFileSync(join(stack.data, 'secrets', name), 'utf8').trim()
  const ports = JSON.parse(readFileSync(join(stack.data, 'ports.json'), 'utf8'))
  const pool = new pg.Pool({
    connectionString: databaseUrl(ports.postgres, 'postgres', read('password-postgres'), 'portico'),
    max: 4
  })
  pool.on('error', () => undefined) // it is one of the victims
  const store = (access_key_id: string, secret_access_key: string): S3Client => {
    const endpoint = `http://127.0.0.1:${ports.store}`
    return clientOf({
      endpoint,
      public_endpoint: endpoint,
      region: 'us-east-1',
      access_key_id,
      secret_access_key
    })
  }
  const root = store('portico-root', read('store-root'))

  const query = async <T>(text: string, values: unknown[] = []): Promise<T[]> => {
    for (const end = Date.now() + PATIENCE; ; await wait(200))
      try {
        return (await pool.query(text, values)).rows
      } catch (error) {
        if (!databaseAway(error) || Date.now() > end) throw error
      }
  }

  async function pidOf(victim: Victim): Promise<number | null> {
    if (victim === 'connector')
      return processesOf((line) => line.includes('infra/connector/main.ts'), stack.process.pid)[0] ?? null
    if (victim === 'minio')
      return processesOf((line) => line.includes('minio') && line.includes(stack.data))[0] ?? null
    const postmaster = () =>
      Number(readFileSync(join(stack.data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
    if (victim === 'postgres') return postmaster()
    if (victim === 'backend')
      return processesOf((line) => /^postgres: .*portico_app/.test(line), postmaster())[0] ?? null
    const answer = await fetch(`http://127.0.0.1:${ports.gateway}/system/functions`, {
      headers: { authorization: `Basic ${btoa(`admin:${read('gateway-password')}`)}` }
    })
    const list: { name: string; pid: number | null }[] = await answer.json()
    return list.find((one) => one.name === victim)?.pid ?? null
  }

  return {
    query,
    root,
    drops: store('portico-drops', read('key-store-drops')),

    /** kill -9. False: it was not running. */
    kill: async (victim: Victim): Promise<boolean> => {
      try {
        const pid = await pidOf(victim)
        if (pid === null) return false
        process.kill(pid, 'SIGKILL')
        return true
      } catch {
        return false
      }
    },

    /** Every version of every object of a bucket: `key version`. */
    listed: async (bucket: string): Promise<Set<string>> => {
      const found = new Set<string>()
      let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | null = {}
      while (next) {
        const page: ListObjectVersionsCommandOutput = await root.send(
          new ListObjectVersionsCommand({ Bucket: bucket, ...next })
        )
        for (const one of page.Versions ?? []) found.add(`${one.Key} ${one.VersionId}`)
        next = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
          : null
      }
      return found
    },

    /** The bytes that the store gives out for a version. */
    sha256Of: async (bucket: string, key: string, version_id: string): Promise<string> => {
      const { Body } = await root.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: version_id })
      )
      const hash = createHash('sha256')
      if (Body instanceof Readable) for await (const chunk of Body) hash.update(chunk)
      return hash.digest('hex')
    },

    /** The store's events reach nobody (intake answers 503, so the store keeps them) until they are heard again. */
    deafen: () => query('revoke execute on function inbox_record from portico_intake'),
    hear: () => query('grant execute on function inbox_record to portico_intake'),

    /** Reconciliation stands still: a job that seems to run keeps every other one of its kind out. */
    stopReconciling: async (): Promise<void> => {
      for (let held = 0; held < 2; await wait(100))
        held += (
          await query(
            `insert into job (kind, data, unique_key, state, run_at, token)
             select 'clock', '{}', act, 'active', '2099-01-01', gen_random_uuid()
               from unnest(array['reconcile_recent', 'reconcile_all']) act
             on conflict do nothing returning id`
          )
        ).length // one that runs right now ends first
    },
    reconcileAgain: async () => {
      await query(`delete from job where kind = 'clock' and run_at = '2099-01-01'`)
      await query(`select job_add('clock', '{"act": "reconcile_recent"}', '', 'reconcile_recent')`)
    },
    close: async () => {
      await pool.end()
      root.destroy()
    }
  }
}
