/** Several documents or a folder as one ZIP, judged by unzip and sha256sum. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { ArchiveContents } from '../../functions/_shared/contract/archive.ts'
import type { Project } from '../../functions/_shared/contract/document.ts'
import { asCaller, file, seedMany, setDocumentsStage } from '../support/documents.ts'
import { problemCode } from '../support/functions.ts'

const stage = await setDocumentsStage()
await stage.seedFirm()
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  vera: await stage.seedPerson({ name: 'Vera Viewer' }),
  karl: await stage.seedPerson({ name: 'Karl Åberg' })
}
const as = async (person: { id: string }) => asCaller(stage.documents, await stage.signIn(person))
const [jonas, vera, karl] = await Promise.all(Object.values(people).map(as))
assert.ok(jonas && vera && karl)

const project = await jonas.ok<Project>('POST', '/projects', { name: 'Übernahme' })
await stage.seedGrant({ person_id: people.vera.id, node_id: project.id, level: 1 })
const made = await jonas.upload(project.id, [
  file('Vertrag.txt', 'eins'),
  file('vertrag.TXT', 'zwei'),
  file('Anlage Ärger 😀.txt', 'drei', 'Anlagen/2025'),
  file('leer.txt', '', 'Anlagen')
])
const [contract, other, annex, empty] = made
assert.ok(contract && other && annex && empty)
for (const [document, text] of [
  [contract, 'eins'],
  [other, 'zwei'],
  [annex, 'drei'],
  [empty, '']
] as const)
  await stage.owner.query(
    `update version set state = 'checked', scan_result = 'clean', sha256 = sha256(convert_to($2, 'UTF8'))
      where document_id = $1`,
    [document.id, text]
  )
const whole = `folder=${project.id}`

const folder = mkdtempSync(join(tmpdir(), 'portico-archives-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const run = (program: string, ...args: string[]) =>
  spawnSync(program, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
const noUnzip = run('unzip', '-v').error ? 'no unzip on this machine' : false

const downloads = async (): Promise<string[]> => {
  const found = await stage.owner.query(
    `select document_id as id from audit where action = 'document.downloaded' and actor_id = $1 order by seq`,
    [people.jonas.id]
  )
  return found.rows.map((row: { id: string }) => row.id)
}

test('what a ZIP would hold is said first, and nothing is logged for asking', async () => {
  const contents = await jonas.ok<ArchiveContents>('GET', `/archives/contents?${whole}`)
  assert.deepEqual(
    [contents.name, contents.count, contents.size, contents.left_out],
    ['Übernahme.zip', 4, 12, []]
  )
  assert.deepEqual(await downloads(), [])
})

test(
  'a project comes whole: folders, names that differ only in case, sums that are right, each file in the log',
  {
    skip: noUnzip
  },
  async () => {
    const answer = await jonas.send('GET', `/archives?${whole}`)
    assert.equal(answer.status, 200)
    const bytes = Buffer.from(await answer.arrayBuffer())
    assert.equal(bytes.length, Number(answer.headers.get('content-length')))
    assert.match(answer.headers.get('content-disposition') ?? '', /filename\*=UTF-8''%C3%9Cbernahme\.zip/)
    writeFileSync(join(folder, 'a.zip'), bytes)
    assert.equal(run('unzip', '-q', 'a.zip').status, 0)
    const said = run('sha256sum', '--check', '--strict', 'SHA256SUMS')
    assert.equal(said.status, 0, said.stderr)
    assert.deepEqual(said.stdout.trim().split('\n').toSorted(), [
      'Anlagen/2025/Anlage Ärger 😀.txt: OK',
      'Anlagen/leer.txt: OK',
      'Vertrag (2).txt: OK',
      'vertrag.TXT: OK'
    ])
    assert.deepEqual((await downloads()).toSorted(), made.map((one) => one.id).toSorted())
  }
)

test('of documents that are named each one comes, or nothing', async () => {
  const pair = `document=${contract.id}&document=${annex.id}`
  assert.equal((await jonas.ok<ArchiveContents>('GET', `/archives/contents?${pair}`)).count, 2)
  const one = await jonas.ok<ArchiveContents>('GET', `/archives/contents?document=${annex.id}`)
  assert.equal(one.count, 1)
  const missing = `${pair}&document=${crypto.randomUUID()}`
  assert.equal(await problemCode(await jonas.send('GET', `/archives?${missing}`)), 'not_found')
})

test('thousands that one does not see do not take the place of what one sees', async () => {
  const { rows } = await stage.owner.query(
    `insert into node (kind, parent_id, name, inherits) values ('folder', $1, 'Akten', false) returning id`,
    [project.id]
  )
  await seedMany(stage, { folder_id: rows[0].id, project_id: project.id }, 'Akte', 2_001)
  const answer = await jonas.send('GET', `/archives?${whole}`)
  assert.equal(answer.status, 200)
  const bytes = Buffer.from(await answer.arrayBuffer()).toString('latin1')
  for (const name of ['Vertrag (2).txt', 'vertrag.TXT', 'leer.txt']) assert.ok(bytes.includes(name), name)
  assert.ok(!bytes.includes('Akte'), 'a closed folder is not named either')
})

test('who may only view takes nothing home, and is told so; strangers find nothing', async () => {
  const contents = await vera.ok<ArchiveContents>('GET', `/archives/contents?${whole}`)
  assert.equal(contents.count, 0)
  assert.deepEqual(new Set(contents.left_out.map((one) => one.why)), new Set(['view_only']))
  assert.equal(await problemCode(await vera.send('GET', `/archives?${whole}`)), 'forbidden')
  for (const wish of [whole, `document=${contract.id}`])
    assert.equal(await problemCode(await karl.send('GET', `/archives?${wish}`)), 'not_found')
})

test('a held file stays behind by name, the others come', async () => {
  await stage.owner.query(`update version set state = 'held' where document_id = $1`, [other.id])
  const contents = await jonas.ok<ArchiveContents>('GET', `/archives/contents?${whole}`)
  assert.equal(contents.count, 3)
  assert.deepEqual(contents.left_out, [{ name: other.name, why: 'held' }])
})

test('neither folder nor document, or both, is no question', async () => {
  for (const wish of ['', `${whole}&document=${contract.id}`, 'folder=x', 'document=1'])
    assert.equal((await jonas.send('GET', `/archives?${wish}`)).status, 422)
})

test('an original that is gone breaks the ZIP off: what ends well is whole', async () => {
  await stage.owner.query(`update version set object_version_id = $2 where document_id = $1`, [
    annex.id,
    crypto.randomUUID()
  ])
  const answer = await jonas.send('GET', `/archives?${whole}`)
  await assert.rejects(answer.arrayBuffer())
})

test('too much for one ZIP is refused before a byte goes out', async () => {
  await stage.owner.query(`update version set size = 300000000 where document_id = $1`, [contract.id])
  assert.equal(await problemCode(await jonas.send('GET', `/archives?${whole}`)), 'too_large')
})
