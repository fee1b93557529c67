/** Outgoing webhooks from the act to a real receiver: the real connector, functions, database and store. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { Webhook as Judge } from 'standardwebhooks'
import { PorticoEvent } from '../../functions/_shared/contract/event.ts'
import type { MadeWebhook, Webhook, WebhookDelivery } from '../../functions/_shared/contract/webhook.ts'
import { asCaller } from '../support/documents.ts'
import { type SeededPerson, setStage } from '../support/functions.ts'
import { type Connector, startConnector, startGateway, until } from '../support/pipeline.ts'
import { type Message, startReceiver } from '../support/receiver.ts'
import { findMinio, startStore } from '../support/store.ts'

type Made = (typeof MadeWebhook)['_output']

const skip = findMinio() ? false : 'no minio binary: npm start builds one'
if (skip) {
  test('outgoing webhooks', { skip }, () => undefined)
} else {
  const store = await startStore()
  const key = JSON.stringify(store.secret)
  const receiver = await startReceiver()
  const stage = await setStage({
    secrets: { 'store-app': key, 'store-download': key, 'store-pipeline': key, 'store-clock': key },
    env: { OUTGOING_ALLOW: '127.0.0.1' }
  })
  const admin = await stage.handler('admin')
  const documents = await stage.handler('documents')
  const auth = await stage.handler('auth')
  const gateway = await startGateway(stage.secrets)
  let connector: Connector
  let anna: SeededPerson
  let office: ReturnType<typeof asCaller>
  let files: ReturnType<typeof asCaller>

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows

  before(async () => {
    anna = await stage.seedPerson({ staff_role: 'administrator', password_hash: 'x' })
    await query('update person set joined_at = now() where id = $1', [anna.id])
    const cookie = await stage.signIn(anna)
    await query('update session set proved_at = now()')
    office = asCaller(admin, cookie)
    files = asCaller(documents, cookie)
    connector = startConnector(stage.secrets, gateway.url)
  })
  after(async () => {
    await connector.stop('SIGKILL')
    await gateway.stop()
  })

  let count = 0
  /** An endpoint with a path of its own. */
  async function endpoint(wish: { host?: string; types?: string[]; project_ids?: string[] } = {}) {
    const path = `/hook-${(count += 1)}`
    const { host, ...rest } = wish
    const body = {
      name: `Accounts ${count}`,
      url: receiver.url(path, host),
      types: ['project.created'],
      ...rest
    }
    const made = await office.ok<Made>('POST', '/webhooks', body)
    return { path, id: made.webhook.id, secret: made.secret, judge: new Judge(made.secret) }
  }
  /** Something happens: project.created, and access.granted to whoever made it. */
  const newProject = async (name = `Project ${randomUUID()}`) =>
    (await files.ok<{ id: string }>('POST', '/projects', { name })).id
  const told = (path: string, n = 1): Promise<Message[]> =>
    until(`${n} messages at ${path}`, async () => receiver.at(path).length >= n && receiver.at(path))
  const deliveries = async (id: string) =>
    (await office.ok<{ items: WebhookDelivery[] }>('GET', `/webhooks/${id}/deliveries`)).items
  const settled = (id: string, state: string, n = 1) =>
    until(`${n} ${state}`, async () => {
      const found = (await deliveries(id)).filter((one) => one.state === state)
      return found.length >= n && found
    })
  const read = (id: string) => office.ok<Webhook>('GET', `/webhooks/${id}`)
  /** The waiting time passes. */
  const later = (id: string) =>
    query(
      `with w as (update webhook set quiet_until = null where id = $1)
       update webhook_delivery set next_at = now() where webhook_id = $1 and state = 'waiting'`,
      [id]
    )
  /** Three days pass. */
  const daysLater = async (id: string) => {
    await query(`update webhook_delivery set due_since = now() - interval '4 days' where webhook_id = $1`, [
      id
    ])
    await later(id)
  }
  const unread = async () =>
    (await asCaller(auth, await stage.signIn(anna)).ok<{ unread: number }>('GET', '/notices/unread')).unread

  describe('what happens', () => {
    test('is told as a signed CloudEvent, with ids and without a name', async () => {
      const hook = await endpoint()
      const project = await newProject('Scheidung Bergmann')
      const [message] = await told(hook.path)
      assert.ok(message)
      const event = PorticoEvent.parse(hook.judge.verify(message.body, message.headers))
      assert.equal(event.type, 'project.created')
      assert.equal(event.id, message.headers['webhook-id'])
      assert.equal(event.data.project_id, project)
      assert.equal(event.data.actor_id, anna.id)
      assert.match(message.headers['content-type'] ?? '', /^application\/cloudevents\+json/)
      assert.ok(!message.body.includes('Bergmann') && !message.body.includes(anna.name))
      const [delivery] = await settled(hook.id, 'delivered')
      assert.deepEqual([delivery?.attempts, delivery?.status, delivery?.reason], [1, 204, null])
    })

    test('is told of the chosen types and projects only, and only what came after the endpoint', async () => {
      const before = await newProject()
      const hook = await endpoint({ types: ['folder.created', 'access.granted'], project_ids: [before] })
      const other = await newProject()
      await files.ok('POST', '/folders', { parent_id: other, name: 'Not told' })
      await files.ok('POST', '/folders', { parent_id: before, name: 'Told' })
      const [message] = await told(hook.path)
      assert.equal(JSON.parse(message?.body ?? '').data.project_id, before)
      const every = await endpoint()
      const last = await newProject()
      await told(every.path)
      assert.equal(receiver.at(hook.path).length, 1)
      assert.equal(JSON.parse(receiver.at(every.path)[0]?.body ?? '').data.project_id, last)
      assert.equal(receiver.at(every.path).length, 1)
    })

    test('in a project that nobody of the callers knows cannot be listened for', async () => {
      const body = {
        name: 'x',
        url: 'https://hooks.example.com',
        types: ['document.ready'],
        project_ids: [randomUUID()]
      }
      const answer = await office.send('POST', '/webhooks', body)
      assert.equal(answer.status, 422)
      assert.equal((await answer.json()).errors[0].field, 'project_ids')
    })
  })

  describe('an endpoint', () => {
    test('that fails is told again, by the same id and with the same words', async () => {
      const hook = await endpoint()
      receiver.does(hook.path, (response) => void response.writeHead(500).end('our own words'))
      await newProject()
      await told(hook.path)
      await until('the try counted', async () => (await deliveries(hook.id))[0]?.attempts === 1)
      const [waiting] = await deliveries(hook.id)
      assert.deepEqual([waiting?.attempts, waiting?.status, waiting?.reason], [1, 500, 'status'])
      assert.ok(waiting?.next_at)
      receiver.does(hook.path, null)
      await later(hook.id)
      const [first, second] = await told(hook.path, 2)
      assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id'])
      assert.equal(first?.body, second?.body)
      await settled(hook.id, 'delivered')
      const kept = await query(`select d::text as d from webhook_delivery d where webhook_id = $1`, [hook.id])
      assert.ok(!JSON.stringify(kept).includes('our own words'))
    })

    test('that hangs holds up no other', async () => {
      const slow = await endpoint()
      const quick = await endpoint()
      let hanging: (() => void) | undefined
      receiver.does(slow.path, (response) => void (hanging = () => void response.destroy()))
      await newProject()
      await told(slow.path)
      await settled(quick.id, 'delivered')
      assert.equal((await deliveries(slow.id))[0]?.state, 'waiting')
      hanging?.()
      await until('the try counted', async () => (await deliveries(slow.id))[0]?.reason === 'no_answer')
      receiver.does(slow.path, null)
    })

    test('that sends elsewhere is not followed', async () => {
      const hook = await endpoint()
      receiver.does(
        hook.path,
        (response) => void response.writeHead(302, { location: receiver.url('/trap') }).end()
      )
      await newProject()
      await until('the try counted', async () => (await deliveries(hook.id))[0]?.reason === 'redirect')
      assert.equal(receiver.at('/trap').length, 0)
      receiver.does(hook.path, null)
    })

    test('in the inner network is not called', async () => {
      const hook = await endpoint({ host: '127.0.0.2' })
      await newProject()
      await until('the try counted', async () => (await deliveries(hook.id))[0]?.reason === 'address_refused')
      assert.equal(receiver.at(hook.path).length, 0)
      await office.ok('DELETE', `/webhooks/${hook.id}`)
    })

    test('that says it is gone is left alone, and whoever made it is told', async () => {
      const had = await unread()
      const hook = await endpoint()
      receiver.does(hook.path, (response) => void response.writeHead(410).end())
      await newProject()
      await until('gone', async () => (await read(hook.id)).state === 'gone')
      assert.equal(await unread(), had + 1)
      assert.equal((await read(hook.id)).told, true)
      const mails = await query(
        `select data->>'person_id' as person_id from job where kind = 'notify' and data->>'webhook_id' = $1`,
        [hook.id]
      )
      assert.deepEqual(mails, [{ person_id: anna.id }])
      await newProject()
      await later(hook.id)
      assert.equal(receiver.at(hook.path).length, 1)
      await office.ok('DELETE', `/webhooks/${hook.id}`)
      assert.equal(await unread(), had)
    })

    test('that does not answer for three days rests; what it missed is sent when it is back', async () => {
      const hook = await endpoint()
      receiver.does(hook.path, (response) => void response.writeHead(503).end())
      const first = await newProject()
      await told(hook.path)
      await until('the try counted', async () => (await deliveries(hook.id))[0]?.status === 503)
      await daysLater(hook.id)
      await until('resting', async () => (await read(hook.id)).state === 'resting')
      const acts = await query(
        `select convert_from(body, 'UTF8')::jsonb->'facts'->>'state' as state from audit
          where action = 'webhook.rested' and subject_id = $1`,
        [hook.id]
      )
      assert.deepEqual(acts, [{ state: 'resting' }])

      const second = await newProject()
      const [missed] = (await settled(hook.id, 'failed', 2)).filter((one) => one.reason === 'resting')
      assert.ok(missed)
      assert.equal(
        (await office.send('POST', `/webhooks/${hook.id}/again`, { since: '2026-01-01T00:00:00Z' })).status,
        409
      )

      receiver.does(hook.path, null)
      const before = receiver.at(hook.path).length
      await office.ok('PATCH', `/webhooks/${hook.id}`, { state: 'on' })
      const again = await office.ok<{ count: number }>('POST', `/webhooks/${hook.id}/again`, {
        since: '2026-01-01T00:00:00Z'
      })
      assert.equal(again.count, 2)
      await settled(hook.id, 'delivered', 2)
      const late = receiver.at(hook.path).slice(before)
      assert.deepEqual(
        late.map((one) => JSON.parse(one.body).data.project_id),
        [first, second]
      )
    })

    test('gets one event again by hand, the same message; one of another endpoint it does not', async () => {
      const hook = await endpoint()
      const other = await endpoint()
      await newProject()
      const [delivery] = await settled(hook.id, 'delivered')
      const [foreign] = await settled(other.id, 'delivered')
      await office.ok('POST', `/webhooks/${hook.id}/deliveries/${delivery?.id}/again`)
      const [first, second] = await told(hook.path, 2)
      assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id'])
      const answer = await office.send('POST', `/webhooks/${hook.id}/deliveries/${foreign?.id}/again`)
      assert.equal(answer.status, 404)
    })

    test('is tried out by a test event, once', async () => {
      const hook = await endpoint()
      receiver.does(hook.path, (response) => void response.writeHead(500).end())
      const tried = await office.ok<WebhookDelivery>('POST', `/webhooks/${hook.id}/test`)
      const [message] = await told(hook.path)
      assert.equal(message?.headers['webhook-id'], tried.event_id)
      const event = PorticoEvent.parse(hook.judge.verify(message?.body ?? '', message?.headers ?? {}))
      assert.equal(event.type, 'webhook.test')
      const [failed] = await settled(hook.id, 'failed')
      assert.equal(failed?.status, 500)
      assert.equal((await read(hook.id)).state, 'on')
      receiver.does(hook.path, null)
    })

    test('that is switched off is told nothing, of that time neither when it is on again', async () => {
      const hook = await endpoint()
      const other = await endpoint()
      await office.ok('PATCH', `/webhooks/${hook.id}`, { state: 'off' })
      await newProject()
      await told(other.path)
      await office.ok('PATCH', `/webhooks/${hook.id}`, { state: 'on' })
      const project = await newProject()
      const [message] = await told(hook.path)
      assert.equal(JSON.parse(message?.body ?? '').data.project_id, project)
      assert.equal((await deliveries(hook.id)).length, 1)
    })
  })

  test('when notify is killed in the middle, the message comes again by the same id', async () => {
    const hook = await endpoint()
    let killed = false
    receiver.does(hook.path, (response) => {
      if (killed) return void response.writeHead(204).end()
      killed = gateway.kill('notify') // the answer has nobody to go to any more
    })
    await newProject()
    const [first, second] = await told(hook.path, 2)
    assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id'])
    assert.equal(first?.body, second?.body)
    await settled(hook.id, 'delivered')
  })

  test('a connector that is killed in the middle loses nothing either', async () => {
    const hook = await endpoint()
    receiver.does(hook.path, (response) => {
      receiver.does(hook.path, null)
      connector.child.kill('SIGKILL')
      setTimeout(() => response.writeHead(204).end(), 200)
    })
    await newProject()
    await told(hook.path)
    connector = startConnector(stage.secrets, gateway.url)
    const [first, second] = await told(hook.path, 2)
    assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id'])
    await settled(hook.id, 'delivered')
  })

  describe('a secret', () => {
    test('is in the answer that made it and nowhere else', async () => {
      const hook = await endpoint()
      for (const path of ['/webhooks', `/webhooks/${hook.id}`, `/webhooks/${hook.id}/deliveries`])
        assert.ok(!(await (await office.send('GET', path)).text()).includes('whsec_'), path)
      const kept = await query(`select w::text as w from webhook w where id = $1`, [hook.id])
      assert.ok(!JSON.stringify(kept).includes(hook.secret.slice(6)))
      assert.ok(!connector.log().includes(hook.secret.slice(6)))
    })

    test('that is renewed signs beside the old one for a day, then alone', async () => {
      const hook = await endpoint()
      const fresh = new Judge((await office.ok<Made>('POST', `/webhooks/${hook.id}/secret`)).secret)
      await newProject()
      const [message] = await told(hook.path)
      assert.ok(message)
      for (const judge of [hook.judge, fresh]) assert.ok(judge.verify(message.body, message.headers))
      await query('update webhook set old_until = now() where id = $1', [hook.id])
      await newProject()
      const later = (await told(hook.path, 2))[1]
      assert.ok(later)
      assert.ok(fresh.verify(later.body, later.headers))
      assert.throws(() => hook.judge.verify(later.body, later.headers))
    })
  })

  test('an address with a password in it, or of another kind, is not taken', async () => {
    for (const url of [
      'https://me:secret@hooks.example.com/',
      'ftp://hooks.example.com',
      'hooks.example.com',
      'file:///etc/passwd'
    ])
      assert.equal(
        (await office.send('POST', '/webhooks', { name: 'x', url, types: ['document.ready'] })).status,
        422,
        url
      )
  })
}
