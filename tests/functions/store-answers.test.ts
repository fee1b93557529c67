import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { setStage } from '../support/functions.ts'
import { type Connector, put, seedUpload, startConnector, startGateway, until } from '../support/pipeline.ts'
import { findMinio, startStore } from '../support/store.ts'
import { startStoreRelay } from '../support/store-relay.ts'

const skip = findMinio() ? false : 'no minio binary: npm start builds one'
if (skip) {
  test('what the store answers, and does not', { skip }, () => undefined)
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
  let administrator: string

  before(async () => {
    project_id = await stage.seedProject()
    person_id = (await stage.seedPerson()).id
    administrator = (await stage.seedPerson({ staff_role: 'administrator' })).id
    await stage.seedGrant({ person_id, node_id: project_id, level: 4 })
    connector = startConnector(stage.secrets, gateway.url)
  })
  after(async () => {
    await connector.stop('SIGKILL')
    await gateway.stop()
  })

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows

  /** The store's event. */
  const tell = (bucket: string, key: string, object_version_id: string) =>
    query(`select inbox_record($1, $2, $3, 'created', 'event', 1)`, [bucket, key, object_version_id])
  async function arrives(name: string) {
    const up = await seedUpload(stage, store, { person_id, project_id, name, bytes: Buffer.from(name) })
    await tell('portico-documents', up.key, up.object_version_id)
    return up
  }
  const isReceived = async (version_id: string) =>
    (await query('select from version where id = $1', [version_id])).length === 1
  const incidents = async (key: string) =>
    (await query(`select kind from incident where detail->>'key' = $1`, [key])).map((one) => one.kind)

  test('a look that is never answered is given up, and the document arrives', async () => {
    relay.heads('swallow')
    const up = await arrives('silent.txt')
    await until('received in spite of it', () => isReceived(up.version_id), 25)
    assert.equal(relay.met(), 1)
  })

  test('an object that the store does not know for a moment is received when it does', async () => {
    relay.heads({ status: 404 }, { status: 404 })
    const up = await arrives('healed.txt')
    await until('received after all', () => isReceived(up.version_id), 25)
    assert.deepEqual(await incidents(up.key), [])
  })

  test('a drop that cannot be adopted is a dead letter that administrators are told of', async () => {
    const drop = `${project_id}/Huge.iso`
    const object_version_id = await put(store, 'portico-drops', drop, Buffer.from('in truth small'))
    relay.heads({
      status: 200,
      headers: { 'content-length': 5 * 1024 ** 3 + 1, 'x-amz-version-id': object_version_id }
    })
    await tell('portico-drops', drop, object_version_id)
    const lost = '01890000-0000-7000-8000-000000000000/a.txt'
    await tell('portico-drops', lost, await put(store, 'portico-drops', lost, Buffer.from('x')))
    const stray = 'nowhere/a.txt'
    await tell('portico-drops', stray, await put(store, 'portico-drops', stray, Buffer.from('x')))
    const dead = await until('three dead letters', async () => {
      const found = await query(
        `select data->>'key' as key, error from job where kind = 'adopt' and state = 'dead'`
      )
      return found.length === 3 && found
    })
    const reasons = new Map(dead.map(({ key, error }) => [key, error]))
    assert.equal(reasons.get(drop), 'too_large_to_adopt')
    assert.equal(reasons.get(lost), 'unknown_project')
    assert.equal(reasons.get(stray), 'foreign_key')
    assert.deepEqual(await incidents(drop), ['too_large_to_adopt'])
    const noticed = await query(`select from audit where action = 'incident.noticed' and project_id = $1`, [
      project_id
    ])
    assert.equal(noticed.length, 1)
    await until(
      'a mail to the administrator',
      async () =>
        (
          await query(
            `select from job where kind = 'notify' and data->>'template' = 'given_up' and data->>'person_id' = $1`,
            [administrator]
          )
        ).length > 0
    )
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
