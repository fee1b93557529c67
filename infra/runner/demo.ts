/** --demo: the firm that everybody can look at, only ever in a folder of its own. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Demo } from '../demo/seed.ts'
import type { DataFolder } from './data.ts'
import { LogFile } from './log-file.ts'
import { CannotStart } from './options.ts'
import { launch } from './process.ts'

const SEED = fileURLToPath(new URL('./demo-seed.ts', import.meta.url))

/**
 * Makes the demo firm, or finds the one made before.
 *
 * @param setup_link of a firm that does not exist yet; null: there is one
 * @param mail the catcher's page
 * @throws CannotStart when the folder holds a firm that is not the demo's, or one that is half made
 */
export async function demoFirm(
  folder: DataFolder,
  origin: string,
  setup_link: string | null,
  mail: string
): Promise<Demo> {
  const [file, begun] = [join(folder.path, 'demo.json'), join(folder.path, 'demo.begun')]
  if (setup_link === null && !existsSync(file))
    throw new CannotStart(
      existsSync(begun)
        ? `The demo firm in ${folder.path} was only half made: remove that folder and start again.`
        : `${folder.path} holds a firm that is not the demo's: start without --demo, or with --data DIR.`
    )
  if (setup_link !== null) {
    writeFileSync(begun, '', { mode: 0o600 })
    await seed({ origin, data: folder.path, setup_link, mail }, folder.logs)
  }
  // Another port than last time: scripts find us by this file.
  const demo: Demo = { ...JSON.parse(readFileSync(file, 'utf8')), address: origin }
  writeFileSync(file, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 })
  return demo
}

async function seed(wish: object, logs: string): Promise<void> {
  const log = new LogFile(join(logs, 'demo.log'))
  const child = launch({ args: [SEED], env: {} }, log)
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  child.stdin?.end(JSON.stringify(wish))
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  await log.close()
  if (code !== 0) throw new Error(`The demo firm could not be made: ${said.trim()}`)
}

/** The people to sign in as. */
export function peopleTable(demo: Demo): string {
  const rows = [
    ['name', 'role', 'e-mail', 'password'],
    ...demo.people.map((person) => [person.name, person.role, person.email, person.password])
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`).join('\n')
}

/** Seconds that a code of the authenticator app is shown (RFC 6238, section 4). */
const STEP = 30

/**
 * The codes that the authenticator app shows next, which are taken already: those of now may have been used a moment ago,
 * when the demo firm was made. Only whoever sees this terminal gets them.
 */
export async function printCodesOnEnter(demo: Demo, say: (line: string) => void): Promise<void> {
  const { generate } = await import('otplib')
  const print = async () => {
    const now = Math.floor(Date.now() / 1000)
    say(`Codes for the second factor, good for ${2 * STEP - (now % STEP)} s (each works once):`)
    for (const person of demo.people)
      say(`  ${await generate({ secret: person.totp_secret, epoch: now + STEP })}  ${person.name}`)
  }
  await print()
  if (!process.stdin.isTTY) return
  say('Press Enter for new codes, Ctrl-C to end.')
  process.stdin.on('data', () => void print()).unref()
}
