/**
 * After an installation of containers was restored: points the database at the objects that were copied back, then reads
 * every document and counts the log. Run it while nothing but database and store runs, with prepare's secrets (db-owner,
 * provision.json). Exit 1: something is missing, by name.
 */
import pg from 'pg'
import { secret } from '../../functions/_shared/config.ts'
import { storeClient } from '../../functions/_shared/storage/client.ts'
import { checkLog, checkObjects } from '../backup/check.ts'
import { repin } from '../backup/repin.ts'
import { Provision } from '../minio/provision.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const { endpoint, region, root } = Provision.parse(JSON.parse(secret('provision.json')))
const store = storeClient({ endpoint, public_endpoint: endpoint, region, ...root })
const client = new pg.Client({ connectionString: secret('db-owner') })
await client.connect()
try {
  const { documents, drops } = await repin(client, store)
  say(`Pointed at the copies: ${documents} documents' files, ${drops} files as machines sent them.`)
  const { versions, bytes, missing } = await checkObjects(client, store)
  say(`Read ${versions} files of documents, ${bytes} bytes.`)
  for (const one of missing)
    say(`${one.why}: version ${one.no} of "${one.name}" (document ${one.document_id})`)
  const log = await checkLog(client, 0)
  say(
    log.broken_at === null
      ? `The log is whole: ${log.rows} acts.`
      : `The log is broken at number ${log.broken_at} of ${log.last}.`
  )
  process.exitCode = missing.length > 0 || log.broken_at !== null ? 1 : 0
} finally {
  await client.end()
  store.destroy()
}
