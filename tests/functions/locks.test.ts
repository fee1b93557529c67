/** Locks by time, places for own uploads only, and four eyes: real functions, database and store. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Grant, PersonWithAccess } from '../../functions/_shared/contract/access.ts'
import type { Activity } from '../../functions/_shared/contract/activity.ts'
import type { DashboardItem } from '../../functions/_shared/contract/dashboard.ts'
import type {
  Document,
  ListedVersion,
  Project,
  ProjectTree
} from '../../functions/_shared/contract/document.ts'
import type { Lock, ShownVersions } from '../../functions/_shared/contract/lock.ts'
import { asCaller, file, put, seedPages, setDocumentsStage } from '../support/documents.ts'
import { call, problemCode } from '../support/functions.ts'

const stage = await setDocumentsStage()
await stage.seedFirm()
const clock = await stage.handler('clock')
const audit = await stage.handler('audit')
const admin = await stage.handler('admin')
const { signJobToken } = await import('../../functions/_shared/auth/job-token.ts')
const { secretKey } = await import('../../functions/_shared/config.ts')
const { notices } = await import('../../functions/_shared/pipeline/notices.ts')
const { openDatabase } = await import('../../functions/_shared/db/database.ts')

const HOUR = 3_600_000
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  aylin: await stage.seedPerson({ name: 'Aylin Demir', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation }),
  guest: await stage.seedPerson({ name: 'Court Expert' }),
  other: await stage.seedPerson({ name: 'Another Expert' })
}
const as = async (person: { id: string }) => asCaller(stage.documents, await stage.signIn(person))
const [jonas, aylin, petra, guest, other] = await Promise.all(
  [people.jonas, people.aylin, people.petra, people.guest, people.other].map(as)
)
assert.ok(jonas && aylin && petra && guest && other)
type Caller = typeof jonas

async function newProject(name: string): Promise<string> {
  const made = await jonas!.ok<Project>('POST', '/projects', { name, client_id: organisation })
  await stage.seedGrant({ person_id: people.aylin.id, node_id: made.id, level: 3 })
  return made.id
}
async function paper(who: Caller, folder: string, name: string): Promise<string> {
  const [made] = await who.upload(folder, [file(name, `${name} ${Math.random()}`)])
  assert.ok(made)
  await seedPages(stage, made.id, 1)
  await stage.owner.query(`update version set sha256 = sha256(id::text::bytea) where document_id = $1`, [
    made.id
  ])
  return made.id
}
const names = async (who: Caller, folder: string) =>
  (await who.ok<{ items: Document[] }>('GET', `/folders/${folder}/documents`)).items.map((one) => one.name)
const levelOf = async (who: Caller, id: string) => {
  const answer = await who.send('GET', `/documents/${id}`)
  return answer.status === 404 ? 'none' : ((await answer.json()) as Document).level
}
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString()
const lock = (who: Caller, thing_id: string, wish: object) =>
  who.ok<Lock>('POST', '/locks', { thing_id, hides: false, ...wish })

/** The clock's act, and then what becomes of it in inboxes: the kinds by person. */
async function tell(): Promise<void> {
  const token = await signJobToken(secretKey('job-signing-key'), 'clock', 'a job', 30)
  const headers = { authorization: `Bearer ${token}` }
  const body = JSON.stringify({ act: 'locks' })
  const answer = await clock.fetch(new Request('http://clock/', { method: 'POST', headers, body }))
  assert.equal(answer.status, 200, await answer.clone().text())
  await readLog()
}
async function readLog(): Promise<void> {
  const pipeline = openDatabase(stage.database.url('portico_pipeline'), 1)
  await stage.owner.query(
    `insert into clock_mark (name, at, data) values ('notices', now(), '{"seq": 0}') on conflict (name) do nothing`
  )
  // The job and the call's answer, which this kind does not look at.
  const unread = undefined as never
  await pipeline.transaction([], (session) => notices.apply(session, unread, unread, []))
  await pipeline.close()
}
async function activity(who: Caller, project_id: string): Promise<Activity[]> {
  const answer = await call(audit, 'GET', `/activity?project_id=${project_id}`, { cookie: who.cookie })
  assert.equal(answer.status, 200, await answer.clone().text())
  return ((await answer.json()) as { items: Activity[] }).items
}
async function inbox(kind: string, thing: string): Promise<string[]> {
  const { rows } = await stage.owner.query<{ name: string }>(
    'select distinct p.name from notice n join person p on p.id = n.person_id where n.kind = $1 and $2 = any(n.things) order by 1',
    [kind, thing]
  )
  return rows.map((row) => row.name)
}

suite('a lock', () => {
  test('at a date leaves view only from that second on, and is lifted by who manages', async () => {
    const project = await newProject('Dated')
    const id = await paper(jonas, project, 'Bescheid.pdf')
    const made = await lock(jonas, id, { at: inHours(24 * 30) })
    assert.deepEqual(
      [made.thing.kind, made.hides, made.counts_from, made.made_by.name],
      ['document', false, null, 'Jonas Weber']
    )
    assert.equal(await levelOf(petra, id), 'contribute')
    const { lock: told } = await petra.ok<Document>('GET', `/documents/${id}`)
    assert.equal(Date.parse(told?.at ?? ''), Date.parse(made.from))
    await stage.owner.query('update access_lock set valid_from = now() where id = $1', [made.id])
    assert.deepEqual([await levelOf(petra, id), await levelOf(jonas, id)], ['view', 'view'])
    assert.equal((await aylin.send('DELETE', `/locks/${made.id}`)).status, 404)
    assert.equal((await petra.send('DELETE', `/locks/${made.id}`)).status, 404)
    await jonas.ok('DELETE', `/locks/${made.id}`)
    assert.deepEqual([await levelOf(petra, id), await levelOf(jonas, id)], ['contribute', 'manage'])
  })

  test('that takes a project out of sight is found again by whoever managed it, and by nobody else', async () => {
    const project = await newProject('Hidden')
    const made = await lock(jonas, project, { hides: true, at: inHours(-1) })
    assert.equal((await jonas.send('GET', `/projects/${project}`)).status, 404)
    const seen = async (who: Caller) => (await who.ok<Lock[]>('GET', '/locks')).map((one) => one.id)
    assert.deepEqual(await seen(jonas), [made.id])
    assert.deepEqual([await seen(aylin), await seen(petra)], [[], []])
    await jonas.ok('DELETE', `/locks/${made.id}`)
    assert.equal((await petra.send('GET', `/projects/${project}`)).status, 200)
  })

  test('is set by nobody who does not manage, and says one thing at a time', async () => {
    const project = await newProject('Refused')
    const refused = async (who: Caller, wish: object) =>
      (await who.send('POST', '/locks', { thing_id: project, hides: false, ...wish })).status
    assert.equal(await refused(aylin, { at: inHours(1) }), 403)
    assert.equal(await refused(other, { at: inHours(1) }), 404)
    assert.equal(await refused(jonas, {}), 422)
    assert.equal(await refused(jonas, { at: inHours(1), counts_from: 'upload', days: 3 }), 422)
    assert.equal(await refused(jonas, { counts_from: 'upload' }), 422)
  })

  test('that counts comes for each document on its own day, also for one that arrives later, and not before its notice', async () => {
    const project = await newProject('Counted')
    const old = await paper(jonas, project, 'old.pdf')
    await stage.owner.query(
      `update document set created_at = now() - interval '40 days', changed_at = created_at where id = $1`,
      [old]
    )
    const made = await lock(jonas, project, { hides: true, counts_from: 'upload', days: 30, notice_days: 5 })
    assert.equal(await levelOf(petra, old), 'contribute', 'not before it was announced')
    await stage.owner.query(`update access_lock set valid_from = now() - interval '1 day' where id = $1`, [
      made.id
    ])
    const later = await paper(petra, project, 'later.pdf')
    assert.deepEqual([await names(petra, project), await levelOf(petra, old)], [['later.pdf'], 'none'])
    const { lock: told } = await petra.ok<Document>('GET', `/documents/${later}`)
    const days = (Date.parse(told?.at ?? '') - Date.now()) / HOUR / 24
    assert.ok(days > 29.9 && days <= 30, `in ${days} days`)
    await jonas.ok('POST', `/locks/${made.id}/exceptions`, { document_id: old })
    assert.equal(await levelOf(petra, old), 'contribute')
    assert.equal((await jonas.ok<Lock[]>('GET', `/locks?project_id=${project}`))[0]?.exceptions, 1)
  })

  test('is announced once, to those who lose by it', async () => {
    const project = await newProject('Announced')
    await stage.seedGrant({ person_id: people.guest.id, node_id: project, level: 1 })
    const id = await paper(jonas, project, 'Vertrag.pdf')
    await lock(jonas, project, { counts_from: 'change', days: 3, notice_days: 3 })
    await tell()
    await tell()
    assert.deepEqual(
      await inbox('lock', id),
      ['Aylin Demir', 'Jonas Weber', 'Petra Bergmann'],
      'the guest keeps what they have'
    )
    const { rows } = await stage.owner.query(
      `select count(*)::int as n from audit where action = 'lock.coming' and document_id = $1`,
      [id]
    )
    assert.deepEqual(rows, [{ n: 1 }])
  })

  test('at a near date is announced with setting it; one that never began leaves nothing behind', async () => {
    const project = await newProject('Near')
    const made = await lock(jonas, project, { hides: true, at: inHours(20) })
    await readLog()
    assert.deepEqual(await inbox('lock', project), ['Aylin Demir', 'Jonas Weber', 'Petra Bergmann'])
    await jonas.ok('DELETE', `/locks/${made.id}`)
    const { rows } = await stage.owner.query('select 1 from access_lock where id = $1', [made.id])
    assert.equal(rows.length, 0)
  })

  test('does not touch what lies in the trash', async () => {
    const project = await newProject('Trashed')
    const id = await paper(jonas, project, 'weg.pdf')
    await jonas.ok('POST', '/things/trash', { things: [id] })
    assert.deepEqual(await jonas.ok<Lock[]>('GET', `/locks?project_id=${project}`), [])
    await jonas.ok('POST', `/projects/${project}/trash/restore`, { things: [id] })
    assert.deepEqual(await names(petra, project), ['weg.pdf'])
  })
})

suite('a place for own uploads only', () => {
  const setPlace = async () => {
    const project = await newProject('Drop')
    const folder = await jonas.ok<{ id: string }>('POST', '/folders', { parent_id: project, name: 'Belege' })
    for (const person of [people.guest, people.other])
      await stage.seedGrant({ person_id: person.id, node_id: folder.id, level: 3, own_only: true })
    return { project, folder: folder.id }
  }

  test('shows each what they sent and nothing of others: lists, documents, search, ZIP, comments, notices', async () => {
    const { project, folder } = await setPlace()
    const mine = await paper(guest, folder, 'mine.pdf')
    const theirs = await paper(other, folder, 'theirs.pdf')
    const firms = await paper(jonas, folder, 'firms.pdf')
    assert.deepEqual(await names(guest, folder), ['mine.pdf'])
    assert.deepEqual(await names(other, folder), ['theirs.pdf'])
    assert.deepEqual(await names(jonas, folder), ['firms.pdf', 'mine.pdf', 'theirs.pdf'])
    assert.equal(await levelOf(guest, mine), 'contribute')
    for (const id of [theirs, firms]) {
      assert.equal(await levelOf(guest, id), 'none')
      for (const path of ['content', 'pages', 'pages/1/image', 'comments', 'versions', 'people'])
        assert.equal((await guest.send('GET', `/documents/${id}/${path}`)).status, 404, path)
    }
    const found = await guest.ok<{ names: { items: { name: string }[] } }>('GET', '/search?q=firms')
    assert.ok(!JSON.stringify(found).includes('firms.pdf'))
    const zip = await guest.send('POST', '/archives/orders', { folder })
    assert.equal(zip.status, 201, await zip.clone().text())
    const { rows } = await stage.owner.query<{ document_id: string }>(
      `select f.document_id from archive a join archive_file f on f.archive_id = a.id where a.person_id = $1`,
      [people.guest.id]
    )
    assert.deepEqual(
      rows.map((row) => row.document_id),
      [mine]
    )
    await stage.owner.query(
      `select audit_append(array(select jsonb_build_object('at', now(), 'action', 'version.ready', 'actor_id', null,
        'project_id', d.project_id, 'document_id', d.id, 'subject_id', d.current_version_id, 'facts', '{}'::jsonb)::text from document d where d.id = any($1)),
      array_fill(null::bytea, array[3]), array_fill(null::text, array[3]))`,
      [[mine, theirs, firms]]
    )
    await readLog()
    assert.ok(!(await inbox('document', firms)).some((name) => /Expert/.test(name)))
    assert.ok((await inbox('document', theirs)).includes('Jonas Weber'))
    const told = async (who: Caller) =>
      new Set((await activity(who, project)).flatMap((act) => act.document?.id ?? []))
    assert.deepEqual(await told(jonas), new Set([mine, theirs, firms]))
    assert.deepEqual(await told(guest), new Set([mine]))
    const tree = await guest.ok<ProjectTree>('GET', `/projects/${project}`)
    assert.deepEqual(
      tree.folders.map((one) => [one.name, one.own_only]),
      [['Belege', true]]
    )
  })

  test('does not tell who else holds it, nor of their grants: neither people nor activity', async () => {
    const project = await newProject('Members')
    const folder = await jonas.ok<{ id: string }>('POST', '/folders', { parent_id: project, name: 'Belege' })
    const given: Grant[] = []
    for (const { id } of [people.guest, people.other]) {
      const wish = { thing_id: folder.id, principal_kind: 'person', principal_id: id, level: 'contribute' }
      const body = { ...wish, own_only: true }
      const answer = await call(admin, 'POST', '/grants', { cookie: jonas.cookie, body })
      assert.ok(answer.ok, await answer.clone().text())
      given.push((await answer.json()) as Grant)
    }
    await stage.seedGrant({ person_id: people.guest.id, node_id: project, level: 1, own_only: true })
    for (const thing of [folder.id, project]) {
      const listed = async (who: Caller) =>
        (await who.ok<PersonWithAccess[]>('GET', `/things/${thing}/people`)).map((one) => one.who.name)
      const firms = ['Jonas Weber', 'Aylin Demir', 'Petra Bergmann']
      assert.deepEqual(new Set(await listed(guest)), new Set([...firms, 'Court Expert']))
      const all = thing === project ? ['Court Expert'] : ['Court Expert', 'Another Expert']
      assert.deepEqual(new Set(await listed(jonas)), new Set([...firms, ...all]))
    }
    const granted = async (who: Caller) =>
      (await activity(who, project)).flatMap((act) =>
        act.action === 'grant.given' && act.facts?.thing_id === folder.id ? (act.subject?.name ?? '?') : []
      )
    assert.deepEqual(await granted(jonas), ['Another Expert', 'Court Expert'])
    assert.deepEqual(await granted(guest), ['Court Expert'])
    assert.deepEqual(await granted(other), ['Another Expert'])
    for (const { id } of given)
      assert.equal((await call(admin, 'DELETE', `/grants/${id}`, { cookie: jonas.cookie })).status, 204)
    assert.ok(!JSON.stringify(await activity(guest, project)).includes('Another Expert'))
  })

  test('takes folders that are sent as their files, and makes none', async () => {
    const { project, folder } = await setPlace()
    await guest.upload(folder, [file('brief.txt', 'a letter', 'Beschwerde Meier')])
    assert.deepEqual(await names(guest, folder), ['brief.txt'])
    const tree = await other.ok<ProjectTree>('GET', `/projects/${project}`)
    assert.deepEqual(
      tree.folders.map((one) => one.name),
      ['Belege']
    )
    const refused = await guest.send('POST', '/folders', { parent_id: folder, name: 'Neu' })
    assert.deepEqual([refused.status, await problemCode(refused)], [403, 'forbidden'])
  })

  test('tells nobody by a name that is taken: both files keep theirs', async () => {
    const { folder } = await setPlace()
    await guest.upload(folder, [file('Rechnung.txt', 'one')])
    await other.upload(folder, [file('Rechnung.txt', 'another')])
    assert.deepEqual(
      [await names(guest, folder), await names(other, folder)],
      [['Rechnung.txt'], ['Rechnung.txt']]
    )
    await guest.upload(folder, [file('Rechnung.txt', 'a second one')])
    assert.deepEqual(await names(guest, folder), ['Rechnung (2).txt', 'Rechnung.txt'])
  })

  test('does not name who else may put something there', async () => {
    const { folder } = await setPlace()
    const [upload] = await guest.begin(folder, [file('beleg.txt', 'mine')])
    await put(upload?.url ?? '', Buffer.from('mine'))
    const receipt = JSON.stringify(await guest.complete([upload?.id ?? '']))
    assert.deepEqual([receipt.includes('Jonas Weber'), receipt.includes('Another Expert')], [true, false])
  })
})

suite('four eyes', () => {
  const setFour = async () => {
    const project = await newProject('Four eyes')
    await jonas.ok('PUT', `/places/${project}/four-eyes`, { four_eyes: true })
    return project
  }
  const show = (who: Caller, id: string, no: number) =>
    who.send('POST', `/documents/${id}/versions/${no}/show`)
  const waiting = async (who: Caller) =>
    (await who.ok<DashboardItem[]>('GET', '/dashboard'))
      .filter((one) => one.kind === 'release')
      .map((one) => one.title)

  test('keep what one of the firm uploads from clients until another releases it', async () => {
    const project = await setFour()
    const id = await paper(jonas, project, 'Entwurf.pdf')
    assert.deepEqual([await names(petra, project), await levelOf(petra, id)], [[], 'none'])
    assert.deepEqual(await names(aylin, project), ['Entwurf.pdf'])
    assert.deepEqual([await waiting(aylin), await waiting(jonas)], [['Entwurf.pdf'], []])
    const own = await show(jonas, id, 1)
    assert.deepEqual([own.status, await problemCode(own)], [403, 'forbidden'])
    assert.equal((await show(petra, id, 1)).status, 404)
    assert.equal((await show(aylin, id, 1)).status, 204)
    assert.equal((await show(aylin, id, 1)).status, 409)
    assert.deepEqual([await names(petra, project), await waiting(aylin)], [['Entwurf.pdf'], []])
    await readLog()
    assert.ok((await inbox('document', id)).includes('Petra Bergmann'))
  })

  test('let the older version be seen while the newer one waits, and tell the client nothing of it', async () => {
    const project = await setFour()
    const id = await paper(jonas, project, 'Brief.pdf')
    assert.equal((await show(aylin, id, 1)).status, 204)
    await aylin.upload(project, [{ ...file('Brief.pdf', 'corrected'), document_id: id }])
    await stage.owner.query(`update version set state = 'ready' where document_id = $1`, [id])
    const seen = async (who: Caller) => {
      const one = await who.ok<Document>('GET', `/documents/${id}`)
      const { items } = await who.ok<{ items: ListedVersion[] }>('GET', `/documents/${id}/versions`)
      return [one.version.no, one.newest.no, items.map((version) => version.no)]
    }
    assert.deepEqual(await seen(petra), [1, 1, [1]])
    assert.deepEqual(await seen(jonas), [1, 2, [2, 1]])
    assert.equal((await petra.send('GET', `/documents/${id}/content?version=2`)).status, 404)
    assert.equal((await petra.send('GET', `/documents/${id}/pages?version=2`)).status, 404)
    assert.equal((await show(aylin, id, 2)).status, 403)
    assert.equal((await show(jonas, id, 2)).status, 204)
    assert.deepEqual(await seen(petra), [2, 2, [2, 1]])
  })

  test('let go of several at once: each is told what became of it, and stands in the log', async () => {
    const project = await setFour()
    const papers = await Promise.all(['A.pdf', 'B.pdf', 'C.pdf'].map((name) => paper(jonas, project, name)))
    const hers = await paper(aylin, project, 'Hers.pdf')
    const [a = '', b = '', c = ''] = papers
    assert.equal((await show(aylin, c, 1)).status, 204)
    const elsewhere = await paper(jonas, await setFour(), 'Elsewhere.pdf')
    const wish = (...ids: string[]) => ({ versions: ids.map((document_id) => ({ document_id, no: 1 })) })
    const several = (who: Caller, body: object) => who.send('POST', '/documents/show', body)

    assert.equal((await several(petra, wish(a, b))).status, 404)
    await stage.seedGrant({ person_id: people.aylin.id, document_id: b, level: 2, allows: false })
    const answer = await several(aylin, {
      versions: [
        ...wish(a, hers, c, elsewhere, a).versions,
        ...[
          { document_id: b, no: 1 },
          { document_id: a, no: 2 },
          { document_id: '01890000-0000-7000-8000-000000000000', no: 1 }
        ]
      ]
    })
    assert.equal(answer.status, 200)
    const { things } = (await answer.json()) as ShownVersions
    assert.deepEqual(
      things.map((one) => one.outcome),
      ['done', 'own', 'not_waiting', 'not_found', 'done', 'forbidden', 'not_waiting', 'not_found']
    )
    assert.deepEqual(await names(petra, project), ['A.pdf', 'C.pdf'])
    const acts = (await activity(jonas, project)).filter((act) => act.action === 'version.shown')
    assert.deepEqual(
      acts.map((act) => [act.document?.name, act.actor?.name]),
      [
        ['A.pdf', 'Aylin Demir'],
        ['C.pdf', 'Aylin Demir']
      ]
    )

    const many = await several(aylin, wish(...Array.from({ length: 501 }, () => a)))
    assert.equal(many.status, 422)
    const twice = await Promise.all([several(jonas, wish(hers)), several(jonas, wish(hers))])
    const outcomes = await Promise.all(
      twice.map(async (one) => ((await one.json()) as ShownVersions).things[0]?.outcome)
    )
    assert.deepEqual(outcomes.toSorted(), ['done', 'not_waiting'])
  })

  test('do not hold up what clients send, nor anything of a project without them', async () => {
    const project = await setFour()
    await paper(petra, project, 'Beleg.pdf')
    assert.deepEqual(await names(petra, project), ['Beleg.pdf'])
    const plain = await newProject('Plain')
    await paper(jonas, plain, 'Brief.pdf')
    assert.deepEqual(await names(petra, plain), ['Brief.pdf'])
  })

  test('are switched by staff who manage, and the log says so', async () => {
    const project = await setFour()
    await stage.seedGrant({ person_id: people.petra.id, node_id: project, level: 4 })
    assert.equal((await petra.send('PUT', `/places/${project}/four-eyes`, { four_eyes: false })).status, 403)
    assert.equal((await aylin.send('PUT', `/places/${project}/four-eyes`, { four_eyes: false })).status, 403)
    await jonas.ok('PUT', `/places/${project}/four-eyes`, { four_eyes: false })
    const { rows } = await stage.owner.query<{ on: string }>(
      `select convert_from(body, 'UTF8')::jsonb->'facts'->>'four_eyes' as on from audit
        where action = 'four_eyes.changed' and project_id = $1 order by seq`,
      [project]
    )
    assert.deepEqual(
      rows.map((row) => row.on),
      ['true', 'false']
    )
  })
})
