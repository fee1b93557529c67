/** The running parts of an installation, as the doctor finds them: store and buckets, pages, gateway, each function. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { missingIn } from '../minio/look.ts'
import { ownerOf } from '../runner/pids.ts'
import { readStack } from '../runner/stack.ts'
import { ROOT_USER } from '../runner/store.ts'
import { type Finding, found, look, well } from './finding.ts'
import { storeSecretsIn } from './running.ts'

/** Milliseconds that a part may take to answer; a function that rests is started first. */
const PATIENCE = 5_000
const START = 40_000

export async function services(data: string): Promise<Finding[]> {
  const runs = ownerOf(join(data, 'runner.pid'), 'infra/runner/main.ts')
  if (runs === null) return [look('portal', `does not run: npm start -- --data ${data}.`)]
  const ports = JSON.parse(readFileSync(join(data, 'ports.json'), 'utf8'))
  const answers = (part: string, url: string, otherwise: string) =>
    found(part, async () =>
      (await isThere(url, PATIENCE)) ? well(part, 'answers.') : look(part, `does not answer: ${otherwise}`)
    )
  const saysWhy = (log: string) => `${join(data, 'logs', log)} says why.`
  const store = `http://127.0.0.1:${ports.store}`
  const gateway = `http://127.0.0.1:${ports.gateway}`
  return [
    well('portal', `runs (process ${runs}).`),
    await answers('object store', `${store}/minio/health/ready`, saysWhy('minio.log')),
    ...(existsSync(join(data, 'store/objects')) ? [await found('buckets', () => buckets(data, store))] : []),
    await answers('pages', `http://127.0.0.1:${ports.web}/robots.txt`, saysWhy('web.log')),
    await answers('gateway', `${gateway}/healthz`, 'start Portico again.'),
    await found('functions', () => functions(data, gateway))
  ]
}

const isThere = (url: string, patience: number): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(patience) }).then(
    (answer) => answer.status < 500,
    () => false
  )

async function buckets(data: string, endpoint: string): Promise<Finding> {
  const password = storeSecretsIn(data).root_password
  const missing = await missingIn(endpoint, { user: ROOT_USER, password }, true)
  return missing.length === 0
    ? well('buckets', 'are as they were made: versions, lock, encryption, events.')
    : look('buckets', `${missing.join(', ')}: start Portico again, which makes them ready.`)
}

/** One after the other: those that rest are started by it, and each takes a second of work. */
async function functions(data: string, gateway: string): Promise<Finding> {
  const specs = readStack(new URL('../../stack.yml', import.meta.url), {})
  const silent = []
  for (const { name } of specs)
    if (!(await isThere(`${gateway}/function/${name}/_/ready`, START))) silent.push(name)
  return silent.length === 0
    ? well('functions', `all ${specs.length} answer.`)
    : look('functions', `${silent.join(', ')} do not answer: ${join(data, 'logs')} says why.`)
}
