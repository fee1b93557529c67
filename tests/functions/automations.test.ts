/** Rules from what happens to what is done: the real connector, functions, database and store. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Automation, AutomationRun, Trial } from '../../functions/_shared/contract/automation.ts'
import type { Document } from '../../functions/_shared/contract/document.ts'
import { type DocumentsStage, asCaller, file, setDocumentsStage } from '../support/documents.ts'
import { type Handler, type SeededPerson, call } from '../support/functions.ts'
import { type Connector, put, startConnector, until } from '../support/pipeline.ts'
import { findMinio } from '../support/store.ts'

const skip = findMinio() ? false : 'no minio binary: npm start builds one'
if (skip) test('automations', { skip }, () => undefined)
else {
  const stage: DocumentsStage = await setDocumentsStage()
  const automations: Handler = await stage.handler('automations')
  let connector: Connector
  let anna: SeededPerson
  let petra: SeededPerson
  let rules: ReturnType<typeof asCaller>
  let files: ReturnType<typeof asCaller>
  let clients: ReturnType<typeof asCaller>

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows
  const proved = async (person: SeededPerson) => {
    const cookie = await stage.signIn(person)
    await query('update session set proved_at = now()')
    return cookie
  }

  before(async () => {
    await query('update firm set deliver_unscanned = true')
    anna = await stage.seedPerson({ name: 'Anna Berg', staff_role: 'staff', password_hash: 'x' })
    petra = await stage.seedPerson({ name: 'Petra Lind', password_hash: 'x' })
    await query('update person set joined_at = now()')
    const cookie = await proved(anna)
    rules = asCaller(automations, cookie)
    files = asCaller(stage.documents, cookie)
    clients = asCaller(stage.documents, await proved(petra))
    connector = startConnector(stage.secrets, stage.gateway.url)
  })
  after(() => connector.stop('SIGKILL'))

  /** A project that Anna manages and to which Petra contributes, with a folder. */
  async function newPlace() {
    const project_id = await stage.seedProject({ name: 'Case' })
    await stage.seedGrant({ node_id: project_id, person_id: anna.id, level: 4 })
    await stage.seedGrant({ node_id: project_id, person_id: petra.id, level: 3 })
    const [folder] = await query(
      `insert into node (kind, parent_id, name) values ('folder', $1, 'Invoices') returning id`,
      [project_id]
    )
    return { project_id, folder_id: String(folder.id) }
  }
  const ruleOf = (place_id: string | null, wish: Record<string, unknown> = {}) => ({
    name: 'Invoices',
    happens: 'arrives',
    place_id,
    conditions: {},
    actions: [{ do: 'tag', tags: ['invoice'] }],
    ...wish
  })
  const make = (place_id: string | null, wish: Record<string, unknown> = {}) =>
    rules.ok<Automation>('POST', '/rules', ruleOf(place_id, wish))
  const runs = (id: string) => rules.ok<AutomationRun[]>('GET', `/rules/${id}/runs`)
  const ran = async (id: string, n = 1) =>
    until(`${n} runs`, async () => {
      const found = await runs(id)
      return found.length >= n && found
    })
  const read = (id: string) => files.ok<Document>('GET', `/documents/${id}`)
  const stepsOf = ([run]: AutomationRun[]) => run?.steps.map((step) => `${step.do} ${step.outcome}`)

  test('what arrives is renamed, tagged and moved, whoever brought it; what is not meant is left alone', async () => {
    const { project_id, folder_id } = await newPlace()
    const rule = await make(project_id, {
      conditions: { name: 'Rechnung*', from: 'client', at_most: 1_000 },
      actions: [
        { do: 'rename', to: '{date} {sender} {name}' },
        { do: 'tag', tags: ['Rechnung', '2026'] },
        { do: 'move', folder_id }
      ]
    })
    const [meant, other] = await clients.upload(project_id, [
      file('rechnung 12.txt', 'so much'),
      file('Brief.txt', 'a letter')
    ])
    assert.ok(meant && other)
    assert.deepEqual(stepsOf(await ran(rule.id)), ['rename done', 'tag done', 'move done'])
    const now = await read(meant.id)
    assert.match(now.name, /^\d{4}-\d\d-\d\d Petra Lind rechnung 12\.txt$/)
    assert.deepEqual(now.tags, ['Rechnung', '2026'])
    assert.equal(now.folder_id, folder_id)
    const left = await read(other.id)
    assert.deepEqual([left.name, left.folder_id, left.tags], ['Brief.txt', project_id, []])
    assert.equal((await runs(rule.id)).length, 1)
    const acts = await query(
      `select action, convert_from(body, 'UTF8')::jsonb->'facts' as facts from audit where document_id = $1 order by seq`,
      [meant.id]
    )
    const done = acts.filter((act) => /renamed|described|moved/.test(act.action))
    assert.equal(done.length, 3)
    for (const act of done) assert.ok(act.facts.key_id, 'the log says that it was a rule')
    assert.ok(acts.some((act) => act.action === 'automation.ran' && act.facts.state === 'done'))
  })

  test('a file that an S3 tool put there is dealt with like any other', async () => {
    const { project_id } = await newPlace()
    const rule = await make(project_id, { conditions: { from: 'machine' } })
    const key = `${project_id}/Scans/page.txt`
    const version = await put(stage.store, 'portico-drops', key, Buffer.from('scanned'))
    await query(`select inbox_record('portico-drops', $1, $2, 'created', 'event', 7)`, [key, version])
    const [run] = await ran(rule.id)
    assert.equal(run?.document?.name, 'page.txt')
    assert.deepEqual((await read(run?.document?.id ?? '')).tags, ['invoice'])
  })

  test('a condition on the text waits until the text is read', async () => {
    const { project_id } = await newPlace()
    const wish = { happens: 'ready', conditions: { text: 'mahnung 2026' } }
    const rule = await make(project_id, wish)
    const [meant] = await clients.upload(project_id, [
      file('a.txt', 'Letzte Mähnung 2026 an Sie'),
      file('b.txt', 'Nothing of it')
    ])
    const [run] = await until(
      'the text is read',
      async () => {
        const found = await runs(rule.id)
        return found.length > 0 && found
      },
      60
    )
    assert.equal(run?.document?.id, meant?.id)
  })

  test('a rule may what its maker may at that moment, and no more; its maker is told', async () => {
    const { project_id } = await newPlace()
    const rule = await make(project_id, {
      actions: [
        { do: 'tag', tags: ['x'] },
        { do: 'lock', hides: false, days: 0 }
      ]
    })
    await query(`update access_grant set level = 2 where thing_id = $1 and person_id = $2`, [
      project_id,
      anna.id
    ])
    const [document] = await clients.upload(project_id, [file('a.txt', 'a')])
    const [state] = await until('the run', () =>
      query(`select state, steps from automation_run where automation_id = $1 and state <> 'waiting'`, [
        rule.id
      ]).then((found) => found.length > 0 && found)
    )
    assert.equal(state.state, 'failed')
    assert.deepEqual(
      state.steps.map((step: { outcome: string }) => step.outcome),
      ['not_allowed', 'not_reached']
    )
    assert.deepEqual((await clients.ok<Document>('GET', `/documents/${document?.id}`)).tags, [])
    await until('the maker is told', async () => {
      const told = await query(`select from notice where kind = 'rule_failed' and person_id = $1`, [anna.id])
      return told.length > 0
    })
  })

  test('people are told, of what they may see alone', async () => {
    const { project_id } = await newPlace()
    const stranger = await stage.seedPerson({ name: 'Stranger', staff_role: 'staff', password_hash: 'x' })
    const rule = await make(project_id, { actions: [{ do: 'notify', people: [petra.id, stranger.id] }] })
    await files.upload(project_id, [file('a.txt', 'a')])
    await ran(rule.id)
    await until('Petra is told', async () => {
      const told = await query(`select from notice where kind = 'rule' and person_id = $1`, [petra.id])
      return told.length > 0
    })
    assert.deepEqual(await query(`select from notice where person_id = $1`, [stranger.id]), [])
  })

  test('a link goes out by mail, one for each document, once however often the function dies', async () => {
    const { project_id } = await newPlace()
    const send = { do: 'send_link', to: 'bank@example.com', recipient: 'Bank', level: 'view', days: 7 }
    const rule = await make(project_id, { actions: [send] })
    await files.upload(project_id, [file('a.txt', 'a')])
    for (let kill = 0; kill < 10; kill += 1) {
      stage.gateway.kill('automations')
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    const [run] = await until(
      'the run',
      async () => {
        const found = await runs(rule.id)
        return found.length > 0 && found
      },
      60
    )
    assert.equal(run?.state, 'done')
    const links = await query(`select id from link where project_id = $1`, [project_id])
    assert.equal(links.length, 1)
    const mails = await query(`select from job where kind = 'notify' and data::text like '%' || $1 || '%'`, [
      links[0].id
    ])
    assert.equal(mails.length, 1)

    // Its job was put off for a day: something else of it was away.
    await query(`update idempotency set created_at = now() - interval '25 hours'`)
    const [again] = await query(
      `update automation_run set state = 'waiting' where automation_id = $1 returning id`,
      [rule.id]
    )
    await query(
      `update job set state = 'ready', attempt = 0, done_at = null, run_at = now() where kind = 'automate' and data->>'run_id' = $1`,
      [again.id]
    )
    await until('done again', async () => {
      const [now] = await query('select state from automation_run where id = $1', [again.id])
      return now?.state === 'done'
    })
    const sent = await query(`select from audit where action = 'link.mailed' and subject_id = $1`, [
      links[0].id
    ])
    assert.equal(sent.length, 1)
  })

  test('what a rule does begins no rule', async () => {
    const { project_id, folder_id } = await newPlace()
    const one = await make(project_id, { actions: [{ do: 'rename', to: 'x {name}' }] })
    const two = await make(project_id, { happens: 'ready', actions: [{ do: 'rename', to: 'y {name}' }] })
    const [document] = await files.upload(project_id, [file('a.txt', 'a')])
    await ran(one.id)
    await ran(two.id)
    await files.ok('POST', '/things/move', { things: [document?.id], folder_id })
    const runsOfBoth = [...(await runs(one.id)), ...(await runs(two.id))]
    assert.equal(runsOfBoth.length, 2)
    assert.match((await read(document?.id ?? '')).name, /^(x y|y x) a\.txt$/)
  })

  test('a day that comes: documents that arrived after the rule was made, once each', async () => {
    const { project_id } = await newPlace()
    const rule = await make(project_id, { happens: 'age', age_days: 30 })
    const [old, young] = await files.upload(project_id, [file('old.txt', 'a'), file('young.txt', 'b')])
    const back = `- interval '31 days' where `
    await query(`update automation set changed_at = changed_at ${back} id = $1`, [rule.id])
    await query(`update document set created_at = created_at - interval '30 days 1 minute' where id = $1`, [
      old?.id
    ])
    for (let look = 0; look < 2; look += 1) {
      await query(`select job_add('automations', '{"old": true}', '', 'automations by day')`)
      await until('the look', async () => {
        const open = await query(
          `select from job where kind = 'automations' and state in ('ready', 'active')`
        )
        return open.length === 0
      })
    }
    const found = await ran(rule.id)
    assert.deepEqual(
      found.map((run) => run.document?.id),
      [old?.id]
    )
    assert.deepEqual((await read(young?.id ?? '')).tags, [])
  })

  test('tried out, it says what it would do and does nothing', async () => {
    const { project_id, folder_id } = await newPlace()
    const [meant] = await clients.upload(project_id, [file('Rechnung.txt', 'a'), file('Brief.txt', 'b')])
    const wish = ruleOf(project_id, {
      conditions: { name: 'rech*.txt', kinds: [] },
      actions: [
        { do: 'rename', to: '{sender} – {name}' },
        { do: 'move', folder_id }
      ]
    })
    const trial = await rules.ok<Trial>('POST', '/trials', wish)
    assert.deepEqual(
      trial.meant.map((one) => [one.document.id, one.new_name]),
      [[meant?.id, 'Petra Lind – Rechnung.txt']]
    )
    assert.equal(trial.looked_at, 2)
    assert.equal((await read(meant?.id ?? '')).name, 'Rechnung.txt')
  })

  test('only who manages a place makes rules there; a foreign rule is not found', async () => {
    const { project_id, folder_id } = await newPlace()
    const other = await newPlace()
    const rule = await make(folder_id)
    const bert = await stage.seedPerson({ name: 'Bert', staff_role: 'staff', password_hash: 'x' })
    const cookie = await proved(bert)
    const as = (method: string, path: string, body?: unknown) =>
      call(automations, method, path, { cookie, body })
    assert.deepEqual(await (await as('GET', '/rules')).json(), [])
    for (const [method, path, body] of [
      ['PUT', `/rules/${rule.id}`, { ...ruleOf(null), changed_at: rule.changed_at }],
      ['DELETE', `/rules/${rule.id}`, undefined],
      ['GET', `/rules/${rule.id}/runs`, undefined],
      ['POST', '/rules', ruleOf(project_id)],
      ['POST', '/trials', ruleOf(project_id)],
      ['DELETE', `/rules/${randomUUID()}`, undefined]
    ] as const)
      assert.equal((await as(method, path, body)).status, 404, `${method} ${path}`)
    const client = await call(automations, 'GET', '/rules', { cookie: clients.cookie })
    assert.equal(client.status, 404)
    const elsewhere = ruleOf(project_id, { actions: [{ do: 'move', folder_id: other.folder_id }] })
    assert.equal((await rules.send('POST', '/rules', elsewhere)).status, 422)
    const nobody = ruleOf(project_id, { actions: [{ do: 'notify', people: [randomUUID()] }] })
    assert.equal((await rules.send('POST', '/rules', nobody)).status, 422)
  })

  test('two who change a rule at once do not overwrite one another; ended, it does nothing more', async () => {
    const { project_id } = await newPlace()
    const rule = await make(project_id)
    const { changed_at } = rule
    const again = { ...ruleOf(project_id, { name: 'Other' }), changed_at }
    const changed = await rules.ok<Automation>('PUT', `/rules/${rule.id}`, again)
    assert.equal(changed.name, 'Other')
    assert.equal((await rules.send('PUT', `/rules/${rule.id}`, again)).status, 409)
    await rules.ok('DELETE', `/rules/${rule.id}`)
    assert.equal((await rules.send('GET', `/rules/${rule.id}/runs`)).status, 404)
    const [document] = await files.upload(project_id, [file('a.txt', 'a')])
    const watched = await make(project_id, { name: 'Watcher' })
    await files.upload(project_id, [file('b.txt', 'b')])
    await ran(watched.id)
    assert.deepEqual((await read(document?.id ?? '')).tags, [])
    assert.deepEqual(await query(`select from automation_run where automation_id = $1`, [rule.id]), [])
    const keys = await query(
      `select from api_key where 'rule' = any(scopes) and project_id = $1 and revoked_at is null`,
      [project_id]
    )
    assert.equal(keys.length, 1, 'only the living rule has a key')
  })
}
