import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { setStage } from '../support/functions.ts'
import { type Connector, put, seedUpload, startConnector, startGateway, until } from '../support/pipeline.ts'
import { findMinio, startStore } from '../support/store.ts'
import { startStoreRelay } from '../support/store-relay.ts'

const skip = findMinio() ? false : 'no minio binary: npm start builds one'
if (skip) {
  test('a store that falls silent', { skip }, () => undefined)
} else {
  const store = await startStore()
  const relay = await startStoreRelay(store.secret.endpoint)
  const secret = { ...store.secret, endpoint: relay.endpoint }
  const stage = await setStage({ secrets: { 'store-pipeline': JSON.stringify(secret) } })
  const { storeClient } = await import('../../functions/_shared/storage/client.ts')
  const { getObject } = await import('../../functions/_shared/storage/objects.ts')
  const gateway = await startGateway(stage.secrets)
  let connector: Connector
  let person_id: string
  let project_id: string

  before(async () => {
    project_id = await stage.seedProject()
    person_id = (await stage.seedPerson()).id
    await stage.seedGrant({ person_id, node_id: project_id, level: 4 })
    connector = startConnector(stage.secrets, gateway.url)
  })
  after(async () => {
    await connector.stop('SIGKILL')
    await gateway.stop()
  })

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows

  /** Something arrives, and the store's event tells of it. */
  async function arrives(name: string) {
    const up = await seedUpload(stage, store, { person_id, project_id, name, bytes: Buffer.from(name) })
    await query('select inbox_record($1, $2, $3, $4, $5, $6)', [
      ...['portico-documents', up.key, up.object_version_id, 'created', 'event'],
      1
    ])
    return up
  }

  test('a look that is never answered is given up, and the document arrives', async () => {
    relay.heads('swallow')
    const up = await arrives('silent.txt')
    await until(
      'received in spite of it',
      async () => (await query('select from version where id = $1', [up.version_id])).length === 1,
      25
    )
    assert.equal(relay.met(), 1)
  })

  test('a long body that flows may take longer than an answer may', async () => {
    const bytes = Buffer.alloc(24 * 1024 * 1024, 'a')
    const object_version_id = await put(store, 'portico-drops', 'long', bytes)
    const body = await getObject(
      storeClient(secret),
      { bucket: 'portico-drops', key: 'long', object_version_id },
      AbortSignal.timeout(60_000)
    )
    let size = 0
    const until = Date.now() + 12_000
    for await (const chunk of body) {
      size += chunk.length
      if (Date.now() < until) await wait(200)
    }
    assert.ok(Date.now() >= until, 'it took longer')
    assert.equal(size, bytes.length)
  })
}
