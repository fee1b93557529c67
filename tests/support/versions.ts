/** A project with versions: its people, what they read of them, and the scanner's word. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after } from 'node:test'
import type { Document, ListedVersion } from '../../functions/_shared/contract/document.ts'
import { asCaller, file, setDocumentsStage } from './documents.ts'

/** Call it once, at the top of the file. Petra may contribute, Rita look, Jonas everything, Karl nothing. */
export async function setVersionsStage() {
  const stage = await setDocumentsStage()
  const { openDatabase } = await import('../../functions/_shared/db/database.ts')
  const { scan } = await import('../../functions/_shared/pipeline/scan.ts')
  const pipeline = openDatabase(stage.database.url('portico_pipeline'))
  after(() => pipeline.close())

  const firm = await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'administrator' })
  const client = await stage.seedPerson({ name: 'Petra Bergmann' })
  const reader = await stage.seedPerson({ name: 'Rita Lang' })
  const stranger = await stage.seedPerson({ name: 'Karl Åberg' })
  const project = await stage.seedProject()
  await stage.seedGrant({ person_id: firm.id, node_id: project, level: 4 })
  await stage.seedGrant({ person_id: client.id, node_id: project, level: 3 })
  await stage.seedGrant({ person_id: reader.id, node_id: project, level: 1 })
  const jonas = asCaller(stage.documents, await stage.signIn(firm))
  const petra = asCaller(stage.documents, await stage.signIn(client))
  const rita = asCaller(stage.documents, await stage.signIn(reader))
  const karl = asCaller(stage.documents, await stage.signIn(stranger))

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows
  const read = (id: string, more = '') => petra.ok<Document>('GET', `/documents/${id}${more}`)
  const versions = async (id: string) =>
    (await petra.ok<{ items: ListedVersion[] }>('GET', `/documents/${id}/versions`)).items
  const acts = (id: string) =>
    query(
      `select action, actor_id, subject_id, convert_from(body, 'UTF8')::jsonb->'facts' as facts from audit
        where document_id = $1 and action in ('document.received', 'version.received', 'version.restored') order by seq`,
      [id]
    )

  /** What the scanner's answer does to version `no`, as the connector applies it. */
  async function scanned(document_id: string, no: number, scan_result = 'clean'): Promise<void> {
    const [version] = await query('select id from version where document_id = $1 and no = $2', [
      document_id,
      no
    ])
    const job = {
      id: randomUUID(),
      kind: 'scan',
      data: { version_id: version.id, project_id: project },
      cursor: null,
      fairness_key: '',
      attempt: 1,
      max_attempts: 6,
      token: randomUUID()
    }
    const result = {
      size: 1,
      sha256: 'ab'.repeat(32),
      detected_type: 'text/plain',
      name_matches_type: true,
      scan_result,
      scan_detail: scan_result === 'infected' ? 'Eicar-Test-Signature' : null
    }
    await pipeline.transaction([], (session, made) =>
      scan.apply(session, job, { outcome: 'done', result }, made)
    )
  }

  const newVersion = (document: Document, text: string, name = document.name) => ({
    ...file(name, text),
    document_id: document.id
  })
  async function first(name: string, text = 'eins'): Promise<Document> {
    const [document] = await petra.upload(project, [file(name, text)])
    assert.ok(document)
    await scanned(document.id, 1)
    return document
  }

  return {
    ...{ stage, project, client, reader, jonas, petra, rita, karl, pipeline, openDatabase },
    ...{ query, read, versions, acts, scanned, newVersion, first }
  }
}
