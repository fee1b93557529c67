/** --demo: the firm that everybody can look at, only ever in a folder of its own. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Demo } from '../demo/seed.ts'
import type { CaughtMail } from './mail/catcher.ts'
import { CannotStart } from './options.ts'

/**
 * Makes the demo firm, or finds the one made before.
 *
 * @param setup_link of a firm that does not exist yet; null: there is one
 * @throws CannotStart when the folder holds a firm that is not the demo's, or one that is half made
 */
export async function demoFirm(
  data: string,
  origin: string,
  setup_link: string | null,
  messages: () => CaughtMail[]
): Promise<Demo> {
  const begun = join(data, 'demo.begun')
  if (setup_link === null && !existsSync(join(data, 'demo.json')))
    throw new CannotStart(
      existsSync(begun)
        ? `The demo firm in ${data} was only half made: remove that folder and start again.`
        : `${data} holds a firm that is not the demo's: start without --demo, or with --data DIR.`
    )
  if (setup_link !== null) writeFileSync(begun, '', { mode: 0o600 })
  const { seedDemo } = await import('../demo/seed.ts')
  const demo = await seedDemo({
    origin,
    data,
    setup_link: setup_link ?? '',
    messages: async () => messages()
  })
  // Another port than last time: scripts find us by this file.
  writeFileSync(join(data, 'demo.json'), `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 })
  return demo
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

/** The codes of the authenticator app, as they are right now. Only whoever sees this terminal gets them. */
export async function printCodesOnEnter(demo: Demo, say: (line: string) => void): Promise<void> {
  const { generate } = await import('otplib')
  const print = async () => {
    const left = 30 - (Math.floor(Date.now() / 1000) % 30)
    say(`Codes for the second factor, good for ${left} s (each works once):`)
    for (const person of demo.people)
      say(`  ${await generate({ secret: person.totp_secret })}  ${person.name}`)
  }
  await print()
  if (!process.stdin.isTTY) return
  say('Press Enter for new codes, Ctrl-C to end.')
  process.stdin.on('data', () => void print()).unref()
}
