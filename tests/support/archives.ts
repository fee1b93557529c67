/** ZIPs that a job makes, slice by slice: the connector's own steps, one at a time, so that things can happen between. */
import { spawnSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { after } from 'node:test'
import type { Settings } from '../../infra/connector/work.ts'
import type { DocumentsStage } from './documents.ts'

export async function setArchiveSteps(stage: DocumentsStage) {
  const { secretKey, storeSecret } = await import('../../functions/_shared/config.ts')
  const { openDatabase } = await import('../../functions/_shared/db/database.ts')
  const { KINDS } = await import('../../functions/_shared/pipeline/kinds.ts')
  const { storeClient } = await import('../../functions/_shared/storage/client.ts')
  const { openSigner } = await import('../../functions/_shared/storage/sign.ts')
  const { callFunction } = await import('../../infra/connector/gateway.ts')
  const { claimJobs } = await import('../../infra/connector/queue.ts')
  const { workOn } = await import('../../infra/connector/work.ts')

  const database = openDatabase(stage.database.url('portico_pipeline'), 4)
  after(() => database.close())
  const key = storeSecret('store-pipeline')
  const deps = {
    database,
    store: storeClient(key),
    signer: await openSigner(key, key.endpoint),
    job_signing_key: secretKey('job-signing-key')
  }
  const settings: Settings = { gateway_url: stage.gateway.url, deps }

  async function claim(name: string) {
    await stage.owner.query(
      `update job set run_at = now() where kind = $1 and state in ('ready', 'active')`,
      [name]
    )
    const kind = KINDS[name]
    if (!kind) throw new Error(`no kind ${name}`)
    const [job] = await claimJobs(database, kind, name, 1)
    return job ? { job, kind } : null
  }

  /** One call of the next job of a kind; false when none is due. */
  async function step(name = 'archive'): Promise<boolean> {
    const next = await claim(name)
    if (next) await workOn(next.job, next.kind, settings)
    return next !== null
  }

  return {
    step,
    /** All of them; how many there were. */
    finish: async (name = 'archive'): Promise<number> => {
      let steps = 0
      while (await step(name)) steps += 1
      return steps
    },
    /** The function does its part, and whoever asked dies before it is written down. */
    stepInVain: async (): Promise<void> => {
      const next = await claim('archive')
      const prepared = next && (await next.kind.prepare(next.job, deps))
      if (!next || !prepared || !('call' in prepared)) throw new Error('there is nothing to be called for')
      await callFunction(settings.gateway_url, deps.job_signing_key, next.job, prepared.call)
    },
    /** Slices of the smallest parts that the store takes, one of them (or `parts` less one) and few files a call. */
    inSmallSlices: (id: string, files = 3, parts = 2): Promise<unknown> =>
      Promise.all([
        stage.owner.query('update archive set part_size = 5242880 where id = $1', [id]),
        stage.owner.query(
          `update job set data = data || jsonb_build_object('parts', $3::int, 'files', $2::int)
            where kind = 'archive' and data->>'archive_id' = $1`,
          [id, files, parts]
        )
      ])
  }
}

/** A folder for ZIPs and the programs that judge them; it goes when the tests end. */
export function judges() {
  const folder = mkdtempSync(join(tmpdir(), 'portico-archives-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const run = (program: string, ...args: string[]) =>
    spawnSync(program, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  return {
    folder,
    run,
    missing: run('unzip', '-v').error ? 'no unzip on this machine' : false,
    fetchTo: async (url: string, name: string): Promise<void> => {
      const answer = await fetch(url)
      if (!answer.ok || !answer.body) throw new Error(`the store answered ${answer.status}`)
      await pipeline(
        Readable.fromWeb(answer.body as ReadableStream<Uint8Array>),
        createWriteStream(join(folder, name))
      )
    }
  }
}
