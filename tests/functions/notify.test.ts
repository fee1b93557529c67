import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { SMTPServer } from 'smtp-server'
import { setStage } from '../support/functions.ts'

type Received = { to: string[]; raw: string }
const received: Received[] = []
/** What the server answers to the next recipient; null: takes it. */
let refusal: number | null = null

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onRcptTo: (_address, _session, done) => {
    if (refusal === null) return done()
    done(Object.assign(new Error('not now'), { responseCode: refusal }))
  },
  onData: (stream, session, done) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      received.push({
        to: session.envelope.rcptTo.map((one) => one.address),
        raw: Buffer.concat(chunks).toString('utf8')
      })
      done()
    })
  }
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.server.address() as AddressInfo
after(() => new Promise<void>((resolve) => server.close(() => resolve())))

const stage = await setStage({
  env: { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'portal@kanzlei.example' }
})
const notify = await stage.handler('notify')
const { signJobToken } = await import('../../functions/_shared/auth/job-token.ts')
const { secret, secretKey } = await import('../../functions/_shared/config.ts')
const { seal } = await import('../../functions/_shared/auth/sealed.ts')
const { openDatabase } = await import('../../functions/_shared/db/database.ts')
const { notify: kind } = await import('../../functions/_shared/pipeline/notify.ts')

const requestOf = (job: string, change: object = {}) => ({
  job,
  kind: 'notify',
  attempt: 1,
  to: 'petra@bergmann.example',
  mail: {
    template: 'invitation',
    locale: 'de',
    firm: 'Lindqvist & Pärtner',
    link: 'http://localhost:8480/invitation/018f#abc',
    expires_at: '2026-11-29T13:05:00.000Z',
    time_zone: 'Europe/Berlin'
  },
  ...change
})
async function send(
  body: { job: string },
  wish: { token?: string; audience?: string } = {}
): Promise<Response> {
  const key = secretKey('job-signing-key')
  const token = wish.token ?? (await signJobToken(key, wish.audience ?? 'notify', body.job, 30))
  return notify.fetch(
    new Request('http://function.local/', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
  )
}
const headersOf = (raw: string) => raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ')

describe('sending', () => {
  test('one mail, both forms, marked as automatic, from the firm', async () => {
    const job = randomUUID()
    const answer = await send(requestOf(job))
    assert.deepEqual(await answer.json(), { outcome: 'done', result: { message_id: `<${job}@localhost>` } })
    const mail = received.at(-1)
    assert.deepEqual(mail?.to, ['petra@bergmann.example'])
    const headers = headersOf(mail?.raw ?? '')
    assert.match(headers, /^Auto-Submitted: auto-generated$/m)
    assert.match(headers, new RegExp(`^Message-ID: <${job}@localhost>$`, 'm'))
    assert.match(headers, /^From: =\?UTF-8\?.+ <portal@kanzlei\.example>$/m)
    assert.match(headers, /^To: petra@bergmann\.example$/m)
    assert.match(mail?.raw ?? '', /text\/plain/)
    assert.match(mail?.raw ?? '', /text\/html/)
  })

  test('a job that is repeated is the same message', async () => {
    const job = randomUUID()
    await send(requestOf(job))
    await send({ ...requestOf(job), attempt: 2 } as { job: string })
    const ids = received.slice(-2).map((mail) => /^Message-ID: (.+)$/m.exec(headersOf(mail.raw))?.[1])
    assert.equal(ids[0], ids[1])
  })

  test('a server that says later is asked later, one that says no is believed', async () => {
    refusal = 451
    const later = (await (await send(requestOf(randomUUID()))).json()) as {
      outcome: string
      after_seconds: number
    }
    assert.equal(later.outcome, 'retry')
    assert.ok(later.after_seconds > 0)
    refusal = 550
    const no = (await (await send(requestOf(randomUUID()))).json()) as { outcome: string; reason: string }
    assert.deepEqual([no.outcome, no.reason], ['refused', 'smtp_550'])
    refusal = null
  })

  test('only with a token of ours, for this function and this job', async () => {
    const body = requestOf(randomUUID())
    const key = secretKey('job-signing-key')
    const count = received.length
    for (const wish of [
      { token: 'nonsense' },
      { audience: 'scan' },
      { token: await signJobToken(key, 'notify', randomUUID(), 30) },
      { token: await signJobToken(new Uint8Array(32), 'notify', body.job, 30) },
      { token: await signJobToken(key, 'notify', body.job, -120) }
    ])
      assert.equal((await send(body, wish)).status, 401)
    assert.equal((await send({ ...body, to: '' } as { job: string })).status, 400)
    assert.equal((await notify.fetch(new Request('http://function.local/'))).status, 405)
    assert.equal(received.length, count)
  })
})

describe('what the connector prepares', () => {
  const deps = () => ({
    database: openDatabase(secret('db-pipeline'), 2),
    job_signing_key: new Uint8Array(32)
  })
  const jobOf = (data: object) => ({
    id: randomUUID(),
    kind: 'notify',
    data,
    cursor: null,
    fairness_key: '',
    attempt: 1,
    max_attempts: 12,
    token: randomUUID()
  })
  /** notify asks only for the database; the store is none of its business. */
  async function prepare(data: object) {
    const own = deps()
    const prepared = await kind.prepare(jobOf(data), own as unknown as Parameters<typeof kind.prepare>[1])
    await own.database.close()
    return prepared
  }
  async function invitation(lasts: string) {
    const person = await stage.seedPerson({ password_hash: null, locale: 'sv' })
    const { rows } = await stage.owner.query<{ id: string }>(
      `insert into one_time_link (secret_hash, purpose, person_id, expires_at)
       values (sha256('x'), 'invitation', $1, now() + $2::interval) returning id`,
      [person.id, lasts]
    )
    const link = await seal('http://localhost:8480/invitation/x#secret')
    return { person, data: { template: 'invitation', person_id: person.id, link_id: rows[0]?.id, link } }
  }

  test('address, language and link, looked up at the last moment', async () => {
    const { person, data } = await invitation('7 days')
    const prepared = await prepare(data)
    assert.ok('call' in prepared)
    const body = prepared.call.body as { to: string; mail: { locale: string; link: string; firm: string } }
    assert.equal(body.to, person.email)
    assert.equal(body.mail.locale, 'sv')
    assert.equal(body.mail.firm, 'Kanzlei Test')
    assert.equal(body.mail.link, 'http://localhost:8480/invitation/x#secret')
  })

  test("the firm's imprint goes along, in the reader's language where there is one", async () => {
    const imprintIn = async () => {
      const prepared = await prepare((await invitation('7 days')).data)
      assert.ok('call' in prepared)
      return (prepared.call.body as { mail: { imprint: unknown } }).mail.imprint
    }
    assert.equal(await imprintIn(), null)
    await stage.owner.query(`update firm set imprint = '{"de": "Wir", "sv": "Vi"}'`)
    assert.deepEqual(await imprintIn(), { text: 'Vi', lang: 'sv', page: 'http://localhost:8480/imprint' })
  })

  test('nothing is sent for a link that has ended, or to somebody deactivated', async () => {
    const late = await invitation('-1 second')
    assert.deepEqual(await prepare(late.data), { answer: { outcome: 'done', result: null } })
    const gone = await invitation('7 days')
    await stage.owner.query('update person set valid_until = now() where id = $1', [gone.person.id])
    assert.deepEqual(await prepare(gone.data), { answer: { outcome: 'done', result: null } })
  })

  test('a held file: a link to it, and not its name', async () => {
    const person = await stage.seedPerson()
    const document_id = randomUUID()
    const prepared = await prepare({
      template: 'held',
      person_id: person.id,
      document_id,
      project_id: randomUUID()
    })
    assert.ok('call' in prepared)
    const body = prepared.call.body as { mail: { link: string } }
    assert.equal(body.mail.link, `http://localhost:8480/documents/${document_id}`)
  })

  test('what was sent is written down without the address', async () => {
    const person = await stage.seedPerson()
    const acts: Parameters<typeof kind.apply>[3] = []
    const answer = { outcome: 'done', result: { message_id: '<x@y>' } } as const
    const session = await stage.owner.connect()
    await kind.apply(session, jobOf({ template: 'access', person_id: person.id }), answer, acts)
    session.release()
    assert.equal(acts[0]?.action, 'mail.sent')
    assert.equal(acts[0]?.subject_id, person.id)
    assert.ok(!JSON.stringify(acts).includes(person.email))
  })
})
