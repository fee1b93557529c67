import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ImportResult } from '../../functions/_shared/contract/import.ts'
import { EDGE_TOKEN, ORIGIN, call, setStage } from '../support/functions.ts'

const stage = await setStage()
const admin = await stage.handler('admin')
const { unseal } = await import('../../functions/_shared/auth/sealed.ts')

const ingrid = await stage.seedPerson({
  name: 'Ingrid',
  staff_role: 'administrator',
  email: 'ingrid@firm.example',
  locale: 'de'
})
const jonas = await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' })
const bergmann = await stage.seedOrganisation('Bergmann GmbH')
const secret = await stage.seedOrganisation('Secret KG')
await stage.seedPerson({ name: 'Petra', email: 'petra@bergmann.example', organisation_id: bergmann })
await stage.seedPerson({ name: 'Hidden', email: 'hidden@secret.example', organisation_id: secret })
await stage.owner.query(`insert into exclusion (person_id, client_id, reason) values ($1, $2, 'kin')`, [
  ingrid.id,
  secret
])

const cookies = new Map<string, string>()
for (const person of [ingrid, jonas]) cookies.set(person.id, await stage.signIn(person))
const cookieOf = (person: { id: string }) => cookies.get(person.id) ?? ''

async function send(
  path: string,
  table: string | Uint8Array,
  person: { id: string } = ingrid
): Promise<Response> {
  const headers = {
    'content-type': 'text/csv',
    origin: ORIGIN,
    cookie: cookieOf(person),
    'x-portico-edge-token': EDGE_TOKEN,
    'x-portico-client-address': '198.51.100.7'
  }
  const body = typeof table === 'string' ? table : Buffer.from(table)
  return admin.fetch(new Request(`http://function.local${path}`, { method: 'POST', headers, body }))
}
async function result(path: string, table: string | Uint8Array): Promise<ImportResult> {
  const answer = await send(path, table)
  assert.equal(answer.status, 200, await answer.clone().text())
  return (await answer.json()) as ImportResult
}
const fates = ({ lines }: ImportResult) => lines.map((one) => `${one.line} ${one.reason ?? one.fate}`)
async function count(what: string): Promise<number> {
  const { rows } = await stage.owner.query<{ n: number }>(`select count(*)::int as n from ${what}`)
  return rows[0]?.n ?? -1
}
const state = async () => ({
  people: await count('person'),
  clients: await count('organisation'),
  memberships: await count('membership'),
  mails: await count(`job where kind = 'notify'`),
  acts: await count('audit')
})

const TABLE = [
  'Vorname;Nachname;E-Mail;Mandant;Rolle;Telefon',
  'Anna;Lind;anna@nord.example;Nord AB;;0171',
  'Bo;Lind;BO@nord.example;nord ab;;',
  'Petra;Neu;PETRA@bergmann.example;Bergmann GmbH;;',
  'Petra;;petra@bergmann.example;Nord AB;;',
  'Kim;Amt;kim@firm.example;;Assistenz;',
  ';;;Süd GmbH;;',
  'X;Y;no address;;;',
  'Hidden;Name;hidden@secret.example;;;',
  'Anna;Lind;anna@NORD.example;Nord AB;;'
].join('\r\n')
const FATES = [
  '2 make',
  '3 make',
  '4 same',
  '5 contradicts',
  '6 make',
  '7 make',
  '8 email_invalid',
  '9 make',
  '10 duplicate'
]

describe('an import', () => {
  test('is for administrators, and asks for a factor again', async () => {
    for (const path of ['/imports', '/imports/preview'])
      assert.equal((await send(path, TABLE, jonas)).status, 403)
    const late = await stage.signIn(ingrid)
    await stage.owner.query(`update session set proved_at = now() - interval '1 hour' where person_id = $1`, [
      ingrid.id
    ])
    assert.equal((await send('/imports', TABLE)).status, 403)
    assert.equal((await send('/imports/preview', TABLE)).status, 200)
    await stage.owner.query('update session set proved_at = now() where person_id = $1', [ingrid.id])
    assert.ok(late)
  })

  test('is told first, line by line, and nothing is changed by that', async () => {
    const before = await state()
    const told = await result('/imports/preview?invite=true', TABLE)
    assert.deepEqual(fates(told), FATES)
    assert.deepEqual(
      told.columns.map((one) => one.field),
      ['first_name', 'last_name', 'email', 'organisation', 'role', null]
    )
    assert.deepEqual(await state(), before)
  })

  test('does what was told, all at once; the second run changes nothing', async () => {
    const before = await state()
    const done = await result('/imports', TABLE)
    assert.deepEqual(fates(done), FATES)
    // Somebody whom she may not know of is told as new, and nobody was made.
    assert.deepEqual(
      { people: done.sums.people, clients: done.sums.organisations },
      { people: 4, clients: 2 }
    )
    const after = await state()
    assert.deepEqual([after.people - before.people, after.clients - before.clients], [3, 2])
    assert.equal(after.memberships - before.memberships, 2)
    assert.equal(after.mails, before.mails)
    const { rows } = await stage.owner.query<{ name: string }>(
      `select name from person where email_key in ('petra@bergmann.example', 'hidden@secret.example') order by 1`
    )
    assert.deepEqual(
      rows.map((one) => one.name),
      ['Hidden', 'Petra']
    )

    const again = await result('/imports', TABLE)
    assert.equal(
      again.sums.people + again.sums.organisations + again.sums.changed,
      1,
      'only who may not be known of'
    )
    assert.deepEqual({ ...(await state()), acts: 0 }, { ...after, acts: 0 })
  })

  test('invites on wish whoever is not in yet, once', async () => {
    const before = await state()
    const done = await result('/imports?invite=true', TABLE)
    assert.equal(done.sums.invitations, 4)
    const after = await state()
    assert.equal(after.mails - before.mails, 3)
    const again = await result('/imports?invite=true', TABLE)
    assert.equal(again.sums.invitations, 1)
    assert.equal((await state()).mails, after.mails)
    const { rows } = await stage.owner.query<{ action: string; n: number }>(
      `select action, count(*)::int as n from audit where actor_id = $1 group by 1 order by 1`,
      [ingrid.id]
    )
    const acts = Object.fromEntries(rows.map((one) => [one.action, one.n]))
    assert.deepEqual(
      [acts['person.created'], acts['organisation.created'], acts['person.invited']],
      [3, 2, 3]
    )
  })

  test('leaves nothing half done where it fails on its way', async () => {
    await stage.owner.query(
      `create function boom() returns trigger language plpgsql as $$ begin
         if new.email_key = 'last@fail.example' then raise exception 'no'; end if; return new; end $$;
       create trigger boom before insert on person for each row execute function boom()`
    )
    const before = await state()
    const table = 'Name,E-Mail,Mandant\nFirst,first@fail.example,Fail Ltd\nLast,last@fail.example,Fail Ltd\n'
    assert.equal((await send('/imports', table)).status, 500)
    assert.deepEqual(await state(), before)
    await stage.owner.query('drop function boom cascade')
    assert.equal((await result('/imports', table)).sums.people, 2)
  })

  test('columns with unknown headings are named by hand; without whom or what nothing is told', async () => {
    const table = 'Wer\tWohin\nEva\teva@ost.example\n'
    const untold = await result('/imports/preview', table.replace('eva@ost.example', 'nowhere'))
    assert.deepEqual([untold.ready, untold.lines], [false, []])
    const told = await result('/imports/preview?columns=name:0,email:1&head=true', table)
    assert.deepEqual(fates(told), ['2 make'])
    for (const wrong of ['email', 'email:x', 'phone:1', 'email:0,'.repeat(80)])
      assert.equal((await send(`/imports/preview?columns=${wrong}`, table)).status, 422, wrong)
  })

  test('what is no table is refused with its reason', async () => {
    const answer = await send('/imports/preview', new Uint8Array([0x50, 0x4b, 3, 4]))
    assert.equal(answer.status, 422)
    const body = (await answer.json()) as { errors: { field: string; code: string }[] }
    assert.deepEqual([body.errors[0]?.field, body.errors[0]?.code], ['file', 'workbook'])
    assert.equal((await send('/imports/preview', 'x'.repeat(2 * 1024 * 1024 + 1))).status, 413)
  })

  test('ten thousand lines in Windows-1252 are one import', async () => {
    const lines = Array.from(
      { length: 10_000 },
      (_, i) => `Jörg Nr. ${i};j${i}@many.example;Müller ${i % 500}`
    )
    const table = Buffer.from(['Name;E-Mail;Firma', ...lines].join('\r\n'), 'latin1')
    const begun = performance.now()
    const done = await result('/imports?invite=true', table)
    process.stdout.write(`# 10,000 lines with invitations: ${Math.round(performance.now() - begun)} ms\n`)
    assert.deepEqual(
      [done.encoding, done.sums.people, done.sums.organisations, done.sums.refused],
      ['windows-1252', 10_000, 500, 0]
    )
    assert.equal(await count(`person where name like 'Jörg Nr. %'`), 10_000)
    // Each mail carries its own link, which nobody reads without the key.
    const { rows: jobs } = await stage.owner.query<{ link_id: string; link: string }>(
      `select j.data->>'link_id' as link_id, j.data->>'link' as link
         from job j join person p on p.id = (j.data->>'person_id')::uuid where p.name like 'Jörg Nr. %' limit 50`
    )
    assert.equal(new Set(jobs.map((job) => job.link)).size, 50)
    for (const { link_id, link } of jobs) {
      const { text } = await unseal(link)
      assert.match(text, new RegExp(`/invitation/${link_id}#[\\w-]{43}$`))
    }
    const again = await result('/imports/preview?invite=true', table)
    assert.equal(again.sums.same, 10_000)
  })

  test('two at once take on each client once', async () => {
    const table = 'Name;E-Mail;Mandant\nA;a@twice.example;Twice KG\nB;b@twice.example;Twice KG\n'
    const answers = await Promise.all([send('/imports', table), send('/imports', table)])
    assert.deepEqual(
      answers.map((one) => one.status),
      [200, 200]
    )
    assert.equal(await count(`organisation where name = 'Twice KG'`), 1)
  })
})

test('an export can be imported again and changes nothing; formulas stay text; whom one may not know of is left out', async () => {
  await stage.owner.query(
    `insert into person (name, email, email_key) values ('=cmd|calc', 'formula@example.org', 'formula@example.org')`
  )
  const answer = await call(admin, 'GET', '/people.csv', { cookie: cookieOf(ingrid) })
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-disposition') ?? '', /portico-people\.csv/)
  const table = new Uint8Array(await answer.arrayBuffer())
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(table)
  assert.ok(text.startsWith('\uFEFFName;E-Mail;Mandant'))
  assert.ok(text.includes(`'=cmd|calc`))
  assert.ok(!text.includes('hidden@secret.example'))
  const { sums, lines } = await result('/imports/preview', table)
  assert.equal(
    sums.same,
    lines.length,
    JSON.stringify(lines.filter((one) => one.fate !== 'same').slice(0, 3))
  )

  const clients = await call(admin, 'GET', '/organisations.csv', { cookie: cookieOf(ingrid) })
  const told = await result('/imports/preview', new Uint8Array(await clients.arrayBuffer()))
  assert.equal(told.sums.same, told.lines.length)
  assert.equal((await call(admin, 'GET', '/people.csv', { cookie: cookieOf(jonas) })).status, 403)
  assert.equal(await count(`audit where action = 'people.exported'`), 2)
})
