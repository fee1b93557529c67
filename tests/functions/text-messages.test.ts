/** Text messages through a real HTTP gateway that the test starts; loopback is allowed by configuration, as for an office. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, describe, test } from 'node:test'
import { setStage } from '../support/functions.ts'

type Got = { method: string; url: string; type: string; key: string; body: string }
const got: Got[] = []
/** What the gateway answers. */
let status = 202
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += String(chunk)))
  request.on('end', () => {
    const { method = '', url = '', headers } = request
    got.push({ method, url, type: headers['content-type'] ?? '', key: String(headers['x-key'] ?? ''), body })
    response.writeHead(status).end()
  })
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const at = server.address()
const url = `http://127.0.0.1:${typeof at === 'object' ? at?.port : 0}/send`
after(() => {
  server.closeAllConnections()
  server.close()
})

const stage = await setStage({
  env: { OUTGOING_ALLOW: '127.0.0.1/32', SMS_GATEWAY: 'on' },
  secrets: {
    'sms-gateway': JSON.stringify({
      url,
      headers: { 'x-key': 'of-the-gateway' },
      body: '{"recipient":"{to}","message":"{text}"}'
    })
  }
})
const notify = await stage.handler('notify')
const { signJobToken } = await import('../../functions/_shared/auth/job-token.ts')
const { secret, secretKey } = await import('../../functions/_shared/config.ts')
const { seal } = await import('../../functions/_shared/auth/sealed.ts')
const { openDatabase } = await import('../../functions/_shared/db/database.ts')
const { notify: kind } = await import('../../functions/_shared/pipeline/notify.ts')
const { requestOf, sendText } = await import('../../functions/_shared/mail/text-message.ts')
const { addressList, outgoing } = await import('../../functions/_shared/http-out.ts')

const SMS = { to: '+491701234567', firm: 'Lindqvist "&" Partner', code: 'ABCD-EFGH', locale: 'de' as const }
async function send(sms: object = SMS) {
  const job = randomUUID()
  const token = await signJobToken(secretKey('job-signing-key'), 'notify', job, 30)
  const answer = await notify.fetch(
    new Request('http://function.local/', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ job, kind: 'notify', attempt: 1, sms })
    })
  )
  return (await answer.json()) as { outcome: string; reason?: string; after_seconds?: number }
}

describe('a text message', () => {
  test('reaches the gateway with its headers, the number and the words in their places', async () => {
    assert.equal((await send()).outcome, 'done')
    const one = got.at(-1)
    assert.deepEqual(
      [one?.method, one?.url, one?.type, one?.key],
      ['POST', '/send', 'application/json', 'of-the-gateway']
    )
    const { recipient, message } = JSON.parse(one?.body ?? '{}') as { recipient: string; message: string }
    assert.equal(recipient, '+491701234567')
    assert.equal(
      message,
      'Lindqvist "&" Partner: Ihr Code für das Portal ist ABCD-EFGH. Er gilt 10 Minuten. Geben Sie ihn niemandem weiter.'
    )
  })

  test('what may pass is tried again, what stays wrong is not', async () => {
    for (const [answer, outcome] of [
      [503, 'retry'],
      [429, 'retry'],
      [400, 'refused'],
      [302, 'refused']
    ] as const) {
      status = answer
      const said = await send()
      assert.deepEqual([said.outcome, said.reason], [outcome, `sms_${answer}`])
    }
    status = 202
  })

  test('goes to no private address that the configuration does not name, and no reason names a number', async () => {
    const before = got.length
    const said = await sendText(SMS, outgoing(addressList([])))
    assert.deepEqual(said, { sent: false, later: true, after_seconds: 20, reason: 'sms_address_refused' })
    assert.equal(got.length, before)
  })

  test('nothing that is filled in leaves its place, in JSON, in a form, in an address', () => {
    const text = 'a"b\\c&d=e {to}'
    const base = { url: 'https://g.example/?n={to}', headers: {}, method: 'POST' as const }
    const asJson = requestOf({ ...base, type: 'application/json', body: '{"t":"{text}"}' }, '+49', text)
    assert.deepEqual([asJson.url, JSON.parse(asJson.body ?? '')], ['https://g.example/?n=%2B49', { t: text }])
    const type = 'application/x-www-form-urlencoded' as const
    const form = requestOf({ ...base, type, body: 'to={to}&text={text}' }, '+49', text)
    assert.deepEqual(
      [...new URLSearchParams(form.body ?? '')],
      [
        ['to', '+49'],
        ['text', text]
      ]
    )
    assert.equal(requestOf({ ...base, method: 'GET', type, body: 'x' }, '+49', text).body, null)
  })
})

describe('what the connector prepares', () => {
  test('is the number and the code, unsealed at the last moment; nothing once the code was used', async () => {
    const person = await stage.seedPerson({ locale: 'de' })
    const cookie = await stage.signIn(person, 1)
    assert.ok(cookie)
    const { rows } = await stage.owner.query<{ id: string }>(
      `insert into door_code (session_id, kind, purpose, hash, expires_at)
       select id, 'sms', 'enter', 'x', now() + interval '10 minutes' from session where person_id = $1 returning id`,
      [person.id]
    )
    const database = openDatabase(secret('db-pipeline'))
    after(() => database.close())
    const data = {
      template: 'sms_code',
      person_id: person.id,
      code_id: rows[0]?.id,
      sealed: await seal('ABCD-EFGH'),
      to: await seal('+491701234567')
    }
    const job = { id: randomUUID(), kind: 'notify', data, attempt: 1 }
    const prepared = await kind.prepare(job as never, { database } as never)
    assert.deepEqual('call' in prepared && prepared.call.body, {
      job: job.id,
      kind: 'notify',
      attempt: 1,
      sms: { to: '+491701234567', code: 'ABCD-EFGH', locale: 'de', firm: 'Kanzlei Test' }
    })
    await stage.owner.query('delete from door_code')
    assert.deepEqual(await kind.prepare(job as never, { database } as never), {
      answer: { outcome: 'done', result: null }
    })
  })
})
