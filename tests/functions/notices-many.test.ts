/** One act that concerns five thousand people: each is told once, in one go. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Project } from '../../functions/_shared/contract/document.ts'
import { setArchiveSteps } from '../support/archives.ts'
import { asCaller, file, seedPages, setDocumentsStage } from '../support/documents.ts'

const stage = await setDocumentsStage()
const { step } = await setArchiveSteps(stage)
await stage.seedFirm()
const organisation = await stage.seedOrganisation('Genossenschaft Musterstadt eG')
const author = await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' })
const jonas = asCaller(stage.documents, await stage.signIn(author))

const count = async (question: string): Promise<number> =>
  (await stage.owner.query(`select count(*)::int as n from (${question}) q`)).rows[0].n

test('five thousand who may see what was said have one entry each, and one mail each is due', async () => {
  const project = await jonas.ok<Project>('POST', '/projects', {
    name: 'Generalversammlung',
    client_id: organisation
  })
  await stage.owner.query(
    `with p as (insert into person (name, email, email_key, password_hash)
                select 'Mitglied ' || n, n || '@mitglied.example', n || '@mitglied.example', 'x'
                  from generate_series(1, 5000) n returning id)
     insert into membership (person_id, organisation_id) select id, $1 from p`,
    [organisation]
  )
  const [document] = await jonas.upload(project.id, [file('Einladung.txt', 'Einladung')])
  assert.ok(document)
  await seedPages(stage, document.id, 1)
  await stage.owner.query(`insert into clock_mark (name, at, data)
    select 'notices', now(), jsonb_build_object('seq', max(seq)) from audit
    on conflict (name) do update set data = excluded.data`)
  await jonas.ok('POST', '/comments', { documents: [document.id], text: 'Bitte bis Freitag lesen.' })
  await stage.owner.query(`select job_add('notices', '{}', '', 'notices')`)

  assert.ok(await step('notices'))
  assert.equal(
    await count(`select from notice where kind = 'comment' group by person_id having count(*) = 1`),
    5_000
  )
  assert.equal(await count('select from notice'), 5_000, 'and nobody else, its author least of all')
  await stage.owner.query(`select job_add('notices', '{}', '', 'notices')`)
  assert.ok(await step('notices'))
  assert.equal(await count('select from notice'), 5_000, 'the log was read on')
  assert.equal(await count('select from notice where mail_at is not null'), 5_000)
})
