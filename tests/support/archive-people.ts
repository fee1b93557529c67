/** Somebody who orders ZIPs of a project, somebody who manages it, and what is in it. */
import { createHash } from 'node:crypto'
import type { OrderedArchive } from '../../functions/_shared/contract/archive.ts'
import type { Project } from '../../functions/_shared/contract/document.ts'
import { type DocumentsStage, type OutgoingFile, asCaller } from './documents.ts'

export const brought = (name: string, bytes: Uint8Array, path = ''): OutgoingFile => ({ name, bytes, path })

export async function setArchivePeople(stage: DocumentsStage) {
  await stage.seedFirm()
  const people = {
    jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
    petra: await stage.seedPerson({ name: 'Petra Köhler' })
  }
  const jonas = asCaller(stage.documents, await stage.signIn(people.jonas))
  const petra = asCaller(stage.documents, await stage.signIn(people.petra))

  /** A project of Jonas's which Petra may download from, with these documents checked. */
  async function filled(files: OutgoingFile[]) {
    const project = await jonas.ok<Project>('POST', '/projects', { name: 'Übernahme' })
    const grant = await stage.seedGrant({ person_id: people.petra.id, node_id: project.id, level: 2 })
    const documents = await jonas.upload(project.id, files)
    for (const [index, document] of documents.entries())
      await stage.owner.query(
        `update version set state = 'checked', scan_result = 'clean', sha256 = $2 where document_id = $1`,
        [
          document.id,
          createHash('sha256')
            .update(files[index]?.bytes ?? '')
            .digest()
        ]
      )
    const order = (who = petra) => who.ok<OrderedArchive>('POST', '/archives/orders', { folder: project.id })
    return { project, documents, grant, order }
  }

  const shown = (id: string, who = petra) => who.ok<OrderedArchive>('GET', `/archives/orders/${id}`)
  const remove = (id: string) => petra.send('DELETE', `/archives/orders/${id}`)
  const acts = async (subject: string): Promise<string[]> =>
    (
      await stage.owner.query('select action from audit where subject_id = $1 order by seq', [subject])
    ).rows.map((row: { action: string }) => row.action)

  return { people, jonas, petra, filled, shown, remove, acts }
}
