/** A rule calls a function of the firm's own and does what it answers: the real connector, functions, database and store. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { jobKey } from '../../functions/_shared/auth/job-key.ts'
import type { Automation, AutomationRun, Trial } from '../../functions/_shared/contract/automation.ts'
import type { Comment } from '../../functions/_shared/contract/comment.ts'
import type { Document } from '../../functions/_shared/contract/document.ts'
import type { OwnFunction } from '../../functions/_shared/contract/own-function.ts'
import { ownFunctions, parseStack } from '../../infra/runner/stack.ts'
import { secretValues } from '../../infra/runner/values.ts'
import { type DocumentsStage, asCaller, file, setDocumentsStage } from '../support/documents.ts'
import { type Handler, type SeededPerson, problemCode } from '../support/functions.ts'
import { type Connector, type Instead, startConnector, until } from '../support/pipeline.ts'
import { findMinio } from '../support/store.ts'

test('a function of stack.yml offers itself to rules by an annotation', () => {
  const entry = `
    environment: { exec_timeout: 20s }
    limits: { memory: 128Mi }
    annotations: { portico.sandbox: 'true'`
  const text = (rules: string) => `functions:
  reader:${entry}, portico.rules: Rechnungen lesen }
  other:${entry} }
  automations:
    environment: { exec_timeout: 60s, RULE_FUNCTIONS: ${rules} }
    limits: { memory: 128Mi }
    annotations: {}
`
  const specs = parseStack(text(''), {})
  assert.deepEqual(ownFunctions(specs), ['reader'])
  assert.equal(specs.at(-1)?.environment.RULE_FUNCTIONS, 'reader=Rechnungen lesen')
  assert.equal(
    parseStack(text('a=B'), {}).at(-1)?.environment.RULE_FUNCTIONS,
    'a=B',
    'unless it is said otherwise'
  )
  assert.equal(parseStack(text(''), {})[1]?.environment.RULE_FUNCTIONS, undefined)
})

const skip = findMinio() ? false : 'no minio binary: npm start builds one'
if (skip) test('a function of the firm’s own', { skip }, () => undefined)
else {
  process.env.RULE_FUNCTIONS = 'reader=Rechnungen lesen; gone=Nicht mehr da'
  const stage: DocumentsStage = await setDocumentsStage()
  const automations: Handler = await stage.handler('automations')
  let connector: Connector
  let anna: SeededPerson
  let petra: SeededPerson
  let rules: ReturnType<typeof asCaller>
  let files: ReturnType<typeof asCaller>
  let clients: ReturnType<typeof asCaller>
  let reader: Instead
  const tokens: string[] = []
  const storeKeys = {
    ...{ 'store-app': '', 'store-download': '', 'store-pipeline': '', 'store-clock': '', 'store-drops': '' }
  }

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows

  before(async () => {
    const master = new Uint8Array(
      Buffer.from(readFileSync(join(stage.secrets, 'job-signing-key'), 'utf8'), 'base64')
    )
    // As an installation makes it, of the same job-signing-key.
    const values = secretValues({
      secrets: { get: () => Buffer.from(master).toString('base64'), mount: () => '' },
      ...{ url: (role) => role, store: storeKeys, sms_gateway: null, own_functions: ['reader', 'scan'] }
    })
    assert.equal(
      values['job-key-scan'],
      Buffer.from(jobKey(master, 'scan')).toString('base64'),
      'ours stay ours'
    )
    writeFileSync(join(stage.secrets, 'job-key-reader'), values['job-key-reader'] ?? '')
    const example: { default: Handler } = await import('../support/own-function/handler.ts')
    const listener = getRequestListener((request) => example.default.fetch(request))
    reader = (request, response) => {
      tokens.push(request.headers.authorization ?? '')
      // As a gateway does: what follows the function's name is its path.
      request.url = request.url?.replace('/function/reader', '')
      void listener(request, response)
    }
    stage.gateway.instead('reader', reader)
    stage.gateway.instead('gone', (_request, response) => response.writeHead(404).end())

    await query('update firm set deliver_unscanned = true')
    anna = await stage.seedPerson({ name: 'Anna Berg', staff_role: 'staff', password_hash: 'x' })
    petra = await stage.seedPerson({ name: 'Petra Lind', password_hash: 'x' })
    await query('update person set joined_at = now()')
    const [cookie, theirs] = [await stage.signIn(anna), await stage.signIn(petra)]
    await query('update session set proved_at = now()')
    rules = asCaller(automations, cookie)
    files = asCaller(stage.documents, cookie)
    clients = asCaller(stage.documents, theirs)
    connector = startConnector(stage.secrets, stage.gateway.url)
  })
  after(() => connector.stop('SIGKILL'))

  async function newPlace() {
    const project_id = await stage.seedProject({ name: 'Case' })
    await stage.seedGrant({ node_id: project_id, person_id: anna.id, level: 4 })
    await stage.seedGrant({ node_id: project_id, person_id: petra.id, level: 3 })
    const folder = async (parent: string, name: string): Promise<string> =>
      (
        await query(`insert into node (kind, parent_id, name) values ('folder', $1, $2) returning id`, [
          parent,
          name
        ])
      )[0].id
    const year = String(new Date().getUTCFullYear())
    return { project_id, folder_id: await folder(await folder(project_id, 'Rechnungen'), year) }
  }
  const ruleOf = (place_id: string, actions: object[]) => ({
    ...{ name: 'Invoices', happens: 'arrives', place_id, conditions: {}, actions }
  })
  const make = (place_id: string, actions: object[] = [{ do: 'call', function: 'reader' }]) =>
    rules.ok<Automation>('POST', '/rules', ruleOf(place_id, actions))
  const ran = async (id: string, n = 1): Promise<string[]> => {
    const [run] = await until(
      `${n} runs`,
      async () => {
        const found = await rules.ok<AutomationRun[]>('GET', `/rules/${id}/runs`)
        return found.length >= n && found
      },
      60
    )
    return (run?.steps ?? []).map((step) => `${step.do} ${step.outcome}${step.code ? ` ${step.code}` : ''}`)
  }
  const bring = async (project_id: string, name: string, text: string): Promise<string> => {
    const [made] = await clients.upload(project_id, [file(name, text)])
    return made?.id ?? ''
  }
  const read = (id: string) => files.ok<Document>('GET', `/documents/${id}`)

  test('rules may call those that offer themselves, and no others', async () => {
    const offered = await rules.ok<OwnFunction[]>('GET', '/functions')
    assert.deepEqual(offered[0], { name: 'reader', title: 'Rechnungen lesen' })
    const { project_id } = await newPlace()
    const call = (name: string) => ({ do: 'call', function: name })
    for (const actions of [[call('scan')], [call('../documents')], [call('reader'), call('reader')]])
      assert.equal(
        await problemCode(await rules.send('POST', '/rules', ruleOf(project_id, actions))),
        'invalid_request'
      )
    const trial = await rules.ok<Trial>('POST', '/trials', ruleOf(project_id, [call('reader')]))
    assert.deepEqual([trial.looked_at, tokens], [0, []], 'a trial calls nobody')
  })

  test('what it answers is done, in the name of the rule’s maker, and what follows in the rule after it', async () => {
    const { project_id, folder_id } = await newPlace()
    const rule = await make(project_id, [
      { do: 'call', function: 'reader' },
      { do: 'rename', to: '{date} {name}' }
    ])
    const id = await bring(project_id, 'Scan 1.txt', 'Rechnungsnummer: R-4711\nSumme: 119,00 €')
    assert.deepEqual(await ran(rule.id), [
      'call done',
      'rename done',
      'tag done',
      'describe done',
      'move done',
      'rename done'
    ])
    const now = await read(id)
    assert.match(now.name, /^\d{4}-\d\d-\d\d Rechnung R-4711\.txt$/)
    assert.deepEqual(
      [now.tags, now.description, now.folder_id],
      [['Rechnung', 'Mandant'], 'Über 119,00 €', folder_id]
    )
    const acts = await query(
      `select action, actor_id, convert_from(body, 'UTF8')::jsonb->'facts' as facts from audit
        where document_id = $1 and action in ('document.downloaded', 'document.moved') order by seq`,
      [id]
    )
    assert.deepEqual(
      acts.map(({ action, actor_id }) => [action, actor_id]),
      [
        ['document.downloaded', anna.id],
        ['document.moved', anna.id]
      ]
    )
    assert.equal(acts[0]?.facts.function, 'reader', 'the log says who read it')
    assert.ok(acts[0]?.facts.key_id)
  })

  test('a comment is written once; a folder that is not there is said, and what was done stays', async () => {
    const { project_id } = await newPlace()
    const rule = await make(project_id)
    const id = await bring(project_id, 'Brief.txt', 'Dear all')
    assert.deepEqual(await ran(rule.id), ['call done', 'comment done'])
    const { items } = await files.ok<{ items: Comment[] }>('GET', `/documents/${id}/comments`)
    assert.deepEqual(
      items.map((one) => [one.author.name, one.text]),
      [['Anna Berg', 'Keine Rechnungsnummer gefunden.']]
    )
    const bare = await stage.seedProject({ name: 'Bare' })
    await stage.seedGrant({ node_id: bare, person_id: anna.id, level: 4 })
    await stage.seedGrant({ node_id: bare, person_id: petra.id, level: 3 })
    const other = await make(bare, [
      { do: 'call', function: 'reader' },
      { do: 'tag', tags: ['done'] }
    ])
    await bring(bare, 'Scan 2.txt', 'Rechnung: 12')
    assert.deepEqual(await ran(other.id), [
      ...['call done', 'rename done', 'tag done', 'move not_possible no_such_folder', 'tag not_reached']
    ])
  })

  test('an answer that does not fit is a failure that says so, and nothing of it is done', async () => {
    const { project_id } = await newPlace()
    const rule = await make(project_id)
    const answers: [Instead, string][] = [
      [(_, response) => response.end('{"rename": "x", "delete": true}'), 'answer_unfit'],
      [(_, response) => response.end('{"move": "Rechnungen"}'), 'answer_unfit'],
      [(_, response) => response.end('<p>Hello</p>'), 'answer_unfit'],
      [(_, response) => response.end(JSON.stringify({ description: 'x'.repeat(70_000) })), 'answer_unfit'],
      [(_, response) => response.writeHead(500).end('{"rename": "x"}'), 'function_failed'],
      [
        (_, response) => response.writeHead(302, { location: '/function/documents/' }).end(),
        'function_failed'
      ],
      [(_, response) => response.writeHead(502).end(), 'function_failed'],
      [(_, response) => response.writeHead(504).end(), 'function_too_slow'],
      [(_, response) => response.writeHead(404).end(), 'function_not_there']
    ]
    for (const [index, [answer, code]] of answers.entries()) {
      stage.gateway.instead('reader', answer)
      const id = await bring(project_id, `Scan ${index}.txt`, `Rechnung: ${index}`)
      assert.deepEqual(await ran(rule.id, index + 1), [`call not_possible ${code}`])
      assert.equal((await read(id)).name, `Scan ${index}.txt`)
    }
    stage.gateway.instead('reader', reader)
  })

  test('one that is away is waited for, and one that dies over it is asked once more', async () => {
    const { project_id } = await newPlace()
    const rule = await make(project_id)
    const instead = [503, 502]
    stage.gateway.instead('reader', (request, response) => {
      const status = instead.shift()
      if (status) response.writeHead(status, { 'retry-after': '1' }).end()
      else reader(request, response)
    })
    await bring(project_id, 'Scan.txt', 'Rechnung: 77')
    assert.equal((await ran(rule.id))[0], 'call done')
    assert.deepEqual(instead, [])
    stage.gateway.instead('reader', reader)
  })

  test('it is told nothing but what its rule’s maker may read, and only by us', async () => {
    const { project_id } = await newPlace()
    const rule = await make(project_id)
    // Her own document; the function's bytes are a reading, which wants the level for that.
    const before = tokens.length
    await query('update access_grant set level = 1 where person_id = $1 and node_id = $2', [
      anna.id,
      project_id
    ])
    const id = await bring(project_id, 'Scan.txt', 'Rechnung: 1')
    const [run] = await until('a failed run', async () => {
      const found = await query('select steps from automation_run where document_id = $1 and state = $2', [
        id,
        'failed'
      ])
      return found.length > 0 && found
    })
    assert.deepEqual(
      run.steps.map((step: { do: string; outcome: string }) => `${step.do} ${step.outcome}`),
      ['call not_allowed']
    )
    assert.equal(tokens.length, before, 'nobody was called')
    assert.ok(rule.id)

    const example: { default: Handler } = await import('../support/own-function/handler.ts')
    const ask = (authorization: string, path = '/rule') =>
      example.default.fetch(
        new Request(`http://reader${path}`, { method: 'POST', headers: { authorization }, body: '{}' })
      )
    for (const token of ['', 'Bearer x', `Bearer ${tokens[0]?.slice(7, -4)}AAAA`])
      assert.equal((await ask(token)).status, 401)
    assert.equal((await ask(tokens[0] ?? '')).status, 422, 'the token itself is good')
  })

  test('a person cannot have bytes lent to a function, and a key of theirs neither', async () => {
    const { project_id } = await newPlace()
    const id = await bring(project_id, 'Scan.txt', 'x')
    const refused = await files.send('POST', `/documents/${id}/lendings`, { function: 'reader' })
    assert.equal(await problemCode(refused), 'forbidden')
  })
}
