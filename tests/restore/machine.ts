/** A machine that burns, the target that its backups lie at, and an empty one beside it. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Said, portico, programs, startPortico } from '../support/portico-command.ts'
import { processesOf } from '../support/processes.ts'
import type { Stack } from '../support/stack.ts'

export type Site = {
  /** Of this seed alone, gone afterwards. */
  folder: string
  target: string
  /** Copies of the two passwords, as an office keeps them elsewhere. */
  keys: string
}

export function makeSite(): Site {
  const folder = mkdtempSync(join(tmpdir(), 'portico-restore-'))
  // As root the database runs as another user, who must pass through.
  chmodSync(folder, 0o711)
  return { folder, target: join(folder, 'target'), keys: join(folder, 'keys') }
}

/** `portico backup` of the running portal; at the first one the target is named and the passwords are put away. */
export function startBackup(site: Site, stack: Stack): ReturnType<typeof startPortico> {
  const isFirst = !existsSync(site.keys)
  return startPortico([
    ...['backup', '--data', stack.data, '--json'],
    ...(isFirst ? ['--to', site.target] : [])
  ])
}

/** What came since the last whole one, as the portal itself saves it every two minutes. */
export const startRecent = (stack: Stack): ReturnType<typeof startPortico> =>
  startPortico(['backup', '--recent', '--data', stack.data, '--json'])

export function putKeysAway(site: Site, stack: Stack): void {
  mkdirSync(site.keys)
  for (const name of ['password', 'secrets-password'])
    cpSync(join(stack.data, 'backup', name), join(site.keys, name))
}

/** kill -9 of everything that belongs to the portal, its backups and their restic included; then the folder goes. */
export async function destroy(stack: Stack, site: Site): Promise<void> {
  const belongs = () => [
    ...processesOf(() => true, stack.process.pid ?? -1),
    ...processesOf((line) => line.includes(stack.data)),
    ...resticsOf(site.target)
  ]
  // Some start others while they are being killed.
  for (let living = belongs(); living.length > 0; await wait(20), living = belongs())
    for (const pid of new Set(living))
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself.
      }
  await wait(500)
  rmSync(stack.data, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
}

/** A restic says in its environment alone which repository it works on. */
const resticsOf = (target: string): number[] =>
  processesOf((line) => /^\S*restic /.test(line)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`RESTIC_REPOSITORY=${target}`)
    } catch {
      return false
    }
  })

/** `portico restore` on an empty machine, which knows nothing of the target from before. */
export function restore(
  site: Site,
  to: string,
  wish: { target?: string; password?: string; secrets_password?: string; more?: string[] } = {}
): Promise<Said> {
  const file = (name: string) => join(site.keys, name)
  return portico(
    [
      ...['restore', '--from', wish.target ?? site.target, '--data', to],
      ...['--password-file', wish.password ?? file('password')],
      ...['--secrets-password-file', wish.secrets_password ?? file('secrets-password')],
      ...(wish.more ?? [])
    ],
    { env: { XDG_CACHE_HOME: mkdtempSync(join(site.folder, 'cache-')), PATH: programs() } }
  )
}

/** Whether a folder was left as it was before: not there, or empty. */
export const isUntouched = (folder: string): boolean =>
  !existsSync(folder) || readdirSync(folder).length === 0
