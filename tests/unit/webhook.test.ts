/** Signatures as the specification has them, and what an endpoint's answer means. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { newWebhookSecret, webhookHeaders } from '../../functions/_shared/auth/webhook-signature.ts'
import { ACTIONS } from '../../functions/_shared/contract/activity.ts'
import { EVENT_TYPES, PorticoEvent } from '../../functions/_shared/contract/event.ts'
import { TOLD_ACTS, TOLD_TYPES, actsOf, eventOf, testEvent } from '../../functions/_shared/rules/event.ts'
import { type Told, WEBHOOK_PATIENCE, afterAnswer } from '../../functions/_shared/rules/webhook.ts'

describe('a signature', () => {
  test("is the one of the specification's own example", () => {
    const headers = webhookHeaders(
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      new Date(1_614_265_330_000),
      '{"test": 2432232314}',
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']
    )
    assert.deepEqual(headers, {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    })
  })

  test('by two secrets is believed by whoever knows either, and by nobody else', () => {
    const [old, fresh, foreign] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()]
    const body = '{"größe":"ä"}'
    const headers = webhookHeaders('evt_1', new Date(), body, [fresh, old])
    assert.ok(new Webhook(old).verify(body, headers))
    assert.ok(new Webhook(fresh).verify(body, headers))
    assert.throws(() => new Webhook(foreign).verify(body, headers))
    assert.throws(() => new Webhook(fresh).verify(body.replace('ä', 'a'), headers))
  })

  test('is made by a secret of 24 to 64 bytes', () => {
    const bytes = Buffer.from(newWebhookSecret().replace(/^whsec_/, ''), 'base64').length
    assert.ok(bytes >= 24 && bytes <= 64, String(bytes))
    assert.notEqual(newWebhookSecret(), newWebhookSecret())
  })
})

const told = (change: Partial<Told> = {}): Told => ({
  attempts: 1,
  age: 0,
  is_test: false,
  answered_since: false,
  failures: 0,
  ...change
})
const status = (code: number, retry_after: number | null = null) => ({
  status: code,
  failure: null,
  retry_after
})
const silence = { status: null, failure: 'no_answer', retry_after: null }

describe('an answer', () => {
  test('of the two hundreds is taken', () => {
    for (const code of [200, 202, 204])
      assert.deepEqual(afterAnswer(status(code), told(), 0.5).delivery, { state: 'delivered' })
  })

  test('of any other kind is tried again, a redirect too', () => {
    for (const code of [301, 307, 400, 401, 404, 429, 500, 503])
      assert.equal(afterAnswer(status(code), told(), 0.5).delivery.state, 'waiting', String(code))
    assert.equal(afterAnswer(status(302), told(), 0.5).reason, 'redirect')
    assert.equal(
      afterAnswer({ ...silence, failure: 'address_refused' }, told(), 0.5).reason,
      'address_refused'
    )
  })

  test('that never comes is waited for about three days, ever more rarely, and then the endpoint rests', () => {
    for (const chance of [0, 0.5, 1]) {
      let age = 0
      const waits: number[] = []
      let plan = afterAnswer(silence, told(), chance)
      while (plan.delivery.state === 'waiting') {
        waits.push(plan.delivery.after)
        age += plan.delivery.after
        plan = afterAnswer(silence, told({ attempts: waits.length + 1, age, failures: waits.length }), chance)
      }
      assert.ok(waits.length >= 8 && waits.length <= 10, String(waits))
      assert.deepEqual(
        waits,
        waits.toSorted((a, b) => a - b)
      )
      assert.ok(age > WEBHOOK_PATIENCE * 0.6 && age <= WEBHOOK_PATIENCE, String(age / 3600))
      assert.deepEqual(plan.endpoint, { does: 'rests', state: 'resting' })
    }
  })

  test('that never comes for one event alone gives up that event, not the endpoint', () => {
    const plan = afterAnswer(
      status(500),
      told({ attempts: 9, age: WEBHOOK_PATIENCE, answered_since: true }),
      0.5
    )
    assert.deepEqual([plan.delivery.state, plan.endpoint.does], ['failed', 'nothing'])
  })

  test('410 ends it at once', () => {
    const plan = afterAnswer(status(410), told(), 0.5)
    assert.deepEqual([plan.delivery.state, plan.endpoint], ['failed', { does: 'rests', state: 'gone' }])
  })

  test('that asks for time gets it, but not for ever', () => {
    const after = (asked: number) => {
      const { delivery } = afterAnswer(status(429, asked), told(), 0.5)
      return delivery.state === 'waiting' ? delivery.after : 0
    }
    assert.equal(after(90), 90)
    assert.equal(after(10 ** 9), 36_000)
  })

  test('to a test is the only one', () => {
    assert.equal(afterAnswer(status(500), told({ is_test: true }), 0.5).delivery.state, 'failed')
  })

  test('after an outage means that it is back; an endpoint in trouble is left alone for a minute at most', () => {
    const back = afterAnswer(status(200), told({ failures: 3 }), 0.5).endpoint
    assert.deepEqual(back, { does: 'answers', is_back: true })
    assert.deepEqual(afterAnswer(status(200), told({ failures: 1 }), 0.5).endpoint, {
      does: 'answers',
      is_back: false
    })
    const { endpoint } = afterAnswer(silence, told({ failures: 1_000 }), 1)
    assert.deepEqual(endpoint, { does: 'fails', quiet: 60 })
  })
})

describe('an event', () => {
  const act = {
    seq: 7,
    at: '2026-11-28T10:00:00.000Z',
    actor_id: '01890000-0000-7000-8000-000000000001',
    project_id: '01890000-0000-7000-8000-000000000002',
    document_id: '01890000-0000-7000-8000-000000000003',
    subject_id: '01890000-0000-7000-8000-000000000004',
    facts: { size: 12, name: 'Secret.pdf', key_id: 'x' }
  }

  test('is CloudEvents, and of its act tells only what is named', () => {
    const event = eventOf({ ...act, action: 'document.received' }, 'https://portal.example')
    assert.deepEqual(PorticoEvent.parse(event), event)
    assert.deepEqual(event, {
      specversion: '1.0',
      id: 'evt_7',
      source: 'https://portal.example/api/v1',
      type: 'document.arrived',
      subject: `documents/${act.document_id}`,
      time: act.at,
      datacontenttype: 'application/json',
      data: {
        project_id: act.project_id,
        document_id: act.document_id,
        subject_id: act.subject_id,
        actor_id: act.actor_id,
        facts: { size: 12 },
        href: `https://portal.example/api/v1/documents/documents/${act.document_id}`
      }
    })
  })

  test('is made of every act that is listed, and every type has one', () => {
    assert.deepEqual([...new Set(TOLD_TYPES)].toSorted(), [...EVENT_TYPES].toSorted())
    for (const action of ACTIONS) {
      const event = eventOf({ ...act, action }, 'https://portal.example')
      assert.equal(event !== null, TOLD_ACTS.includes(action), action)
      if (event) PorticoEvent.parse(event)
    }
    assert.deepEqual(actsOf(['document.arrived']), ['document.received', 'document.adopted'])
  })

  test('about the firm itself or about access leads nowhere that is not there', () => {
    const firm = eventOf(
      {
        ...act,
        action: 'grant.given',
        project_id: null,
        document_id: null,
        facts: { thing_id: act.project_id }
      },
      'https://portal.example'
    )
    assert.deepEqual([firm?.subject, firm?.data.href], ['firm', null])
    const project = eventOf(
      { ...act, action: 'grant.given', document_id: null, facts: { thing_id: act.project_id } },
      'https://portal.example'
    )
    assert.equal(project?.subject, `projects/${act.project_id}`)
    assert.equal(PorticoEvent.safeParse(testEvent('a', 'b', act.at, 'https://portal.example')).success, false)
    PorticoEvent.parse(testEvent('a', act.actor_id, act.at, 'https://portal.example'))
  })
})
