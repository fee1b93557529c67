/** Asks the person at the terminal for what the command line did not say. */
import { Writable } from 'node:stream'
import { createInterface } from 'node:readline/promises'
import { BackupProblem } from './problem.ts'

/**
 * @param flag what to say when nobody sits there
 * @param is_secret what is typed is not shown
 * @throws BackupProblem usage
 */
export async function askFor(question: string, flag: string, is_secret: boolean): Promise<string> {
  if (!process.stdin.isTTY)
    throw new BackupProblem('usage', `${question.trim()} Nobody can be asked here: say it with ${flag}.`)
  process.stderr.write(question)
  const output = is_secret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr
  const asker = createInterface({ input: process.stdin, output, terminal: true })
  const said = (await asker.question('')).trim()
  asker.close()
  if (is_secret) process.stderr.write('\n')
  return said
}
