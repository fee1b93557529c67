/** What the command says when it is done, in sentences. Pure. */
import { join } from 'node:path'
import type { Made } from './backup.ts'
import type { Drilled } from './drill.ts'
import type { Recent } from './recent.ts'
import type { Restored } from './restore.ts'

/** Bytes as people read them. */
export function sizeOf(bytes: number): string {
  for (const [unit, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3]
  ] as const)
    if (bytes >= size) return `${(bytes / size).toFixed(1)} ${unit}`
  return `${bytes} bytes`
}

export function backupSentences(made: Made, drilled: Drilled, is_first: boolean, data: string): string[] {
  const said = [
    `Backup ${made.run} is whole, after ${made.seconds} s.`,
    `Database: ${sizeOf(made.database.bytes)}, of which ${sizeOf(made.database.added)} were new. Objects: ${sizeOf(made.objects.bytes)}, of which ${sizeOf(made.objects.added)} were new. Backups at the target: ${made.kept}.`
  ]
  said.push(
    drilled.problem === null
      ? `Tried out: the database starts, its log is whole (${drilled.log_rows} acts), and ${drilled.documents} documents taken by chance came back as they were, in ${drilled.seconds} s.`
      : `It was tried out, and that did not go well: ${drilled.says}`
  )
  if (is_first)
    said.push(
      `Its two passwords lie in ${join(data, 'backup')}: keep a copy of both away from this machine. Without them nobody can restore anything.`
    )
  return said
}

export const recentSentences = (recent: Recent): string[] => [
  `The database can be restored up to ${recent.at}, after ${recent.seconds} s.`,
  recent.documents_at === null
    ? `Documents are still on their way${recent.documents_problem ? ` (${recent.documents_problem})` : ''}.`
    : `Documents that came before are there too; ${sizeOf(recent.added)} were new.`
]

const WHY = { missing: 'is not there', altered: 'has other bytes', unreadable: 'cannot be read' } as const

export function restoreSentences(restored: Restored, data: string): string[] {
  const { objects, log } = restored
  const said = [
    `Restored the backup ${restored.run} into ${data}, after ${restored.seconds} s.`,
    `It holds everything up to ${restored.at} and the log up to act ${log.last}: what came later is not in it.`,
    log.broken_at === null
      ? `The log is whole: numbers 1 to ${log.last}.`
      : `The log is not whole: it has ${log.rows} acts, the last number is ${log.last}, and number ${log.broken_at} is missing or changed.`,
    `${objects.versions - objects.missing.length} of ${objects.versions} documents (every version counted) have the bytes that the database knows.`
  ]
  if (restored.documents_at < restored.at)
    said.push(`Of documents that came after ${restored.documents_at} the bytes may not have gone out yet.`)
  if (objects.unhashed > 0)
    said.push(`${objects.unhashed} of them had just come and have no checksum yet: their length is right.`)
  for (const one of objects.missing)
    said.push(`  ${one.name}, version ${one.no}: ${WHY[one.why]} (document ${one.document_id})`)
  if (restored.complaint) said.push(restored.complaint)
  said.push(
    `Start it with: npm start -- --data ${data}. It makes no backups until a target is named: portico backup --to TARGET.`
  )
  return said
}
