/** Being told, from the act to the inbox and the mail: the real connector, functions, database, store and mail server. */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { SMTPServer } from 'smtp-server'
import type { Notice, NoticeSettings } from '../../functions/_shared/contract/notice.ts'
import { asCaller } from '../support/documents.ts'
import { type SeededPerson, call, setStage } from '../support/functions.ts'
import { type Connector, seedUpload, startConnector, startGateway, until } from '../support/pipeline.ts'
import { findMinio, startStore } from '../support/store.ts'

type Received = { to: string; raw: string; text: string }
const received: Received[] = []
let refusal: number | null = null

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onRcptTo: (_address, _session, done) =>
    refusal === null ? done() : done(Object.assign(new Error('not now'), { responseCode: refusal })),
  onData: (stream, session, done) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8')
      const text = raw.replace(/=\r?\n/g, '').replaceAll('=3D', '=')
      received.push({ to: session.envelope.rcptTo[0]?.address ?? '', raw, text })
      done()
    })
  }
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => new Promise<void>((resolve) => server.close(() => resolve())))

const skip = findMinio() ? false : 'no minio binary: npm start builds one'
if (skip) {
  test('being told', { skip }, () => undefined)
} else {
  const store = await startStore()
  const key = JSON.stringify(store.secret)
  const { port } = server.server.address() as AddressInfo
  const stage = await setStage({
    secrets: { 'store-pipeline': key, 'store-clock': key },
    env: { SMTP_URL: `smtp://127.0.0.1:${port}` }
  })
  const auth = await stage.handler('auth')
  const gateway = await startGateway(stage.secrets)
  let connector: Connector
  let petra: SeededPerson
  let jonas: SeededPerson
  let aylin: SeededPerson
  let stranger: SeededPerson
  let project_id: string

  before(async () => {
    project_id = await stage.seedProject({ name: 'Geheimer Vorgang' })
    const joined = { password_hash: 'x' }
    petra = await stage.seedPerson({ ...joined, locale: 'de' })
    jonas = await stage.seedPerson({ ...joined, staff_role: 'staff', locale: 'de' })
    aylin = await stage.seedPerson({ ...joined, staff_role: 'staff', locale: 'sv' })
    stranger = await stage.seedPerson({ ...joined, staff_role: 'staff' })
    for (const [person, level] of [
      [petra, 3],
      [jonas, 4],
      [aylin, 1]
    ] as const)
      await stage.seedGrant({ person_id: person.id, node_id: project_id, level })
    connector = startConnector(stage.secrets, gateway.url)
  })
  after(async () => {
    await connector.stop('SIGKILL')
    await gateway.stop()
  })

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows
  const as = async (person: SeededPerson) => asCaller(auth, await stage.signIn(person))
  const inboxOf = async (person: SeededPerson) =>
    (await (await as(person)).ok<{ items: Notice[] }>('GET', '/notices')).items
  const unreadOf = async (person: SeededPerson) =>
    (await (await as(person)).ok<{ unread: number }>('GET', '/notices/unread')).unread
  const mailTo = (person: SeededPerson) => received.filter((mail) => mail.to === person.email)
  const headerOf = (mail: Received | undefined, name: string) =>
    new RegExp(`^${name}: (.+(?:\\r\\n[ \\t].+)*)`, 'm')
      .exec(mail?.raw ?? '')?.[1]
      ?.replace(/\r\n[ \t]+/g, '') ?? ''
  /** The two minutes in which mail gathers pass. */
  const later = () => query(`update notice set mail_at = now() where mail_at > now()`)
  const digestsEnd = () =>
    until(
      'no mail waits',
      async () =>
        (await query(`select from notice where mail_at <= now() and mail_job is null`)).length === 0 &&
        (await query(`select from job where kind in ('digest', 'notices') and state in ('ready', 'active')`))
          .length === 0
    )

  async function send(by: SeededPerson, names: string[]): Promise<void> {
    for (const name of names) {
      const bytes = Buffer.from(name)
      const wish = { person_id: by.id, project_id, name, type: 'text/plain', bytes }
      const up = await seedUpload(stage, store, wish)
      await query(`select inbox_record('portico-documents', $1, $2, 'created', 'event', 1)`, [
        up.key,
        up.object_version_id
      ])
    }
    await until(
      'they are ready',
      async () => {
        const ready = await query(
          `select from document d join version v on v.id = d.current_version_id and v.state = 'ready' where d.name = any($1)`,
          [names]
        )
        return ready.length === names.length
      },
      60
    )
    await until('the log has been read', async () => {
      const [left] = await query(
        `select count(*)::int as n from audit, clock_mark where name = 'notices' and seq > (data->>'seq')::bigint and action = 'version.ready'`
      )
      return left?.n === 0
    })
  }
  const forget = () => query('delete from notice')

  test('three files are one entry and one mail for whoever may see them, and none for their sender', async () => {
    await send(petra, ['Bilanz Bergmann.txt', 'Lohn.txt', 'Anlage.txt'])
    assert.deepEqual(
      (await inboxOf(jonas)).map(({ kind, count, project, read }) => [kind, count, project.name, read]),
      [['document', 3, 'Geheimer Vorgang', false]]
    )
    assert.equal(await unreadOf(jonas), 1)
    assert.deepEqual(await inboxOf(petra), [])
    assert.deepEqual(await inboxOf(stranger), [])
    assert.equal(mailTo(jonas).length, 0, 'mail gathers first')
    await later()
    await until('both mails', async () => mailTo(jonas).length > 0 && mailTo(aylin).length > 0)
    await digestsEnd()
    assert.equal(mailTo(jonas).length, 1)
    assert.equal(received.length, 2)
    assert.match(headerOf(mailTo(jonas)[0], 'Subject'), /3 neue Dokumente/)
    assert.match(headerOf(mailTo(aylin)[0], 'Subject'), /3[_ ]nya[_ ]dokument/)
    assert.ok(mailTo(jonas)[0]?.text.includes(`http://localhost:8480/projects/${project_id}`))
  })

  test('no mail names a file, a project or a person', () => {
    for (const mail of received)
      assert.doesNotMatch(mail.text, /Bilanz|Lohn|Anlage|Geheim|A person|Petra/, mail.text.slice(0, 300))
  })

  describe('unsubscribing', () => {
    let one_click: string
    test('the mail says how, for programs and for people, and looking changes nothing', async () => {
      const mail = mailTo(jonas)[0]
      assert.equal(headerOf(mail, 'List-Unsubscribe-Post'), 'List-Unsubscribe=One-Click')
      const url = /^<http:\/\/localhost:8480\/api\/v1\/auth(\/unsubscribe\/\S+)>$/.exec(
        headerOf(mail, 'List-Unsubscribe')
      )
      one_click = url?.[1] ?? ''
      assert.ok(one_click, headerOf(mail, 'List-Unsubscribe'))
      assert.ok(mail?.text.includes(`http://localhost:8480${one_click}`))
      const looked = await call(auth, 'GET', one_click)
      assert.deepEqual(
        [looked.status, looked.headers.get('location')],
        [303, `http://localhost:8480${one_click}`]
      )
      const settings = await (await as(jonas)).ok<NoticeSettings>('GET', '/notice-settings')
      assert.equal(settings.pace, 'at_once')
    })

    test('one press without a session stops mail of every project, and not the inbox', async () => {
      const mine = await as(jonas)
      const projects = [{ project_id, pace: 'daily' }]
      await mine.ok('PATCH', '/notice-settings', { pace: 'at_once', projects })
      const answer = await auth.fetch(
        new Request(`http://function.local${one_click}`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: 'List-Unsubscribe=One-Click'
        })
      )
      assert.equal(answer.status, 204)
      assert.deepEqual(await mine.ok('GET', '/notice-settings'), { pace: 'off', projects: [] })
      const before = mailTo(jonas).length
      await forget()
      await send(petra, ['Danach.txt'])
      await later()
      await digestsEnd()
      assert.equal((await inboxOf(jonas)).length, 1)
      assert.equal(mailTo(jonas).length, before)
      assert.equal((await call(auth, 'POST', `${one_click}x`)).status, 404)
      const { seal } = await import('../../functions/_shared/auth/sealed.ts')
      const other = await call(auth, 'POST', `/unsubscribe/${await seal(jonas.id)}`)
      assert.equal(other.status, 404, 'what was sealed for something else')
      await mine.ok('PATCH', '/notice-settings', { pace: 'at_once' })
    })
  })

  test('reading takes the mark away, for one entry or all, and never of others', async () => {
    await forget()
    await send(petra, ['Ungelesen.txt'])
    const [entry] = await inboxOf(jonas)
    await (await as(aylin)).ok('POST', '/notices/read', { ids: [entry?.id] })
    assert.equal(await unreadOf(jonas), 1)
    assert.equal(await unreadOf(aylin), 1)
    assert.deepEqual(await (await as(jonas)).ok('POST', '/notices/read', { ids: [entry?.id] }), { unread: 0 })
    assert.deepEqual(await (await as(aylin)).ok('POST', '/notices/read', {}), { unread: 0 })
    assert.equal((await inboxOf(jonas))[0]?.read, true)
  })

  test('whoever loses access before the mail is made gets none, and no entry', async () => {
    await forget()
    const before = mailTo(aylin).length
    await send(petra, ['Entzogen.txt'])
    assert.equal(await unreadOf(aylin), 1)
    const taken = await query(
      'update access_grant set valid_until = now() where person_id = $1 returning id',
      [aylin.id]
    )
    assert.equal(taken.length, 1)
    await later()
    await digestsEnd()
    assert.equal(mailTo(aylin).length, before)
    assert.deepEqual(await inboxOf(aylin), [])
    assert.equal(await unreadOf(aylin), 0)
    await query(`update access_grant set valid_until = 'infinity' where person_id = $1`, [aylin.id])
  })

  test("a project's own pace goes before the general one, and a foreign project has none", async () => {
    await forget()
    const mine = await as(aylin)
    await mine.ok('PATCH', '/notice-settings', {
      pace: 'off',
      projects: [{ project_id, pace: 'daily' }]
    })
    await send(petra, ['Morgen.txt'])
    const [due] = await query(
      `select mail_at > now() as ahead, to_char(mail_at at time zone 'Europe/Berlin', 'HH24:MI') as hour from notice where person_id = $1`,
      [aylin.id]
    )
    assert.deepEqual(due, { ahead: true, hour: '08:00' })
    const other = await stage.seedProject()
    const wish = { pace: 'off', projects: [{ project_id: other, pace: 'daily' }] }
    assert.equal((await mine.send('PATCH', '/notice-settings', wish)).status, 404)
    await mine.ok('PATCH', '/notice-settings', { pace: 'off', projects: [{ project_id, pace: null }] })
    assert.deepEqual(await mine.ok('GET', '/notice-settings'), { pace: 'off', projects: [] })
  })

  test('while the mail server says later the mail waits, is tried again and goes out once', async () => {
    await forget()
    const before = mailTo(jonas).length
    refusal = 451
    await send(petra, ['Wartet.txt'])
    await later()
    const job = await until('it was put back', async () =>
      (
        await query(
          `select id, extract(epoch from run_at - now()) as after from job where kind = 'digest' and state = 'ready' and error = 'smtp_451'`
        )
      ).at(0)
    )
    assert.ok(Number(job.after) > 30)
    refusal = null
    await connector.stop('SIGKILL')
    connector = startConnector(stage.secrets, gateway.url)
    await query('update job set run_at = now() where id = $1', [job.id])
    await until('it came', async () => mailTo(jonas).length > before)
    await digestsEnd()
    assert.equal(mailTo(jonas).length, before + 1)
  })

  test('after 72 hours it is a dead letter that the log shows, and the entry stays in the inbox', async () => {
    await forget()
    refusal = 451
    await send(petra, ['Nie.txt'])
    await later()
    const job = await until('it was put back', async () =>
      (await query(`select id from job where kind = 'digest' and state = 'ready' and error = 'smtp_451'`)).at(
        0
      )
    )
    await query(`update job set created_at = now() - interval '73 hours', run_at = now() where id = $1`, [
      job.id
    ])
    await until('the dead letter', async () =>
      (await query(`select from audit where action = 'job.dead' and subject_id = $1`, [job.id])).at(0)
    )
    refusal = null
    await digestsEnd()
    assert.equal((await inboxOf(jonas)).length, 1)
  })

  test('access that was given is told to whom it was given, and to nobody who gave it', async () => {
    await forget()
    const admin = await stage.handler('admin')
    const wish = { thing_id: project_id, principal_kind: 'person', principal_id: stranger.id, level: 'view' }
    await asCaller(admin, await stage.signIn(jonas)).ok('POST', '/grants', wish)
    const entry = await until('it is told', async () => (await inboxOf(stranger)).at(0))
    assert.deepEqual([entry.kind, entry.count, entry.documents], ['access', 1, []])
    assert.deepEqual(await inboxOf(jonas), [])
  })
}
