/** The secrets of an installation: made once, one file each, and a folder for each process with only its own. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes that are keys, as base64; the others are passwords and tokens, typed by nobody. */
const KEYS = ['job-signing-key', 'data-key', 'store-kms'] as const
const TOKENS = ['intake-token', 'edge-token', 'gateway-password', 'store-root'] as const

type Made = (typeof KEYS)[number] | (typeof TOKENS)[number]

export type Secrets = {
  /** A secret's value; made when it is asked for the first time. */
  get: (name: Made | `${'password' | 'key'}-${string}`) => string
  /** A folder that holds exactly these secrets, for `secret_mount_path`. */
  mount: (process: string, values: Record<string, string>) => string
}

/** Secret files below `<data>/secrets`, mounts below `<data>/mounts`; folders 0700, files 0600. */
export function openSecrets(data: string): Secrets {
  const folder = privateFolder(join(data, 'secrets'))
  const mounts = join(data, 'mounts')
  rmSync(mounts, { recursive: true, force: true })
  privateFolder(mounts)
  return {
    get: (name) => {
      const file = join(folder, name)
      if (!existsSync(file)) {
        const isKey = (KEYS as readonly string[]).includes(name)
        // Written aside and moved: a start that is killed here leaves no half secret.
        writeFileSync(`${file}.new`, randomBytes(32).toString(isKey ? 'base64' : 'hex'), { mode: 0o600 })
        renameSync(`${file}.new`, file)
      }
      return readFileSync(file, 'utf8').trim()
    },
    mount: (process, values) => {
      const mount = privateFolder(join(mounts, process))
      for (const [name, value] of Object.entries(values)) writeOnce(join(mount, name), value)
      return mount
    }
  }
}

/** Not again when it is there: a function that starts anew must not lose its secrets to a full disk. */
function writeOnce(file: string, value: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== value) writeFileSync(file, value, { mode: 0o600 })
}

function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
  return path
}
