/** PostgreSQL as a part of the running portal: started, migrated, started again when it dies. */
import { join } from 'node:path'
import { migrate } from '../postgres/migrate.ts'
import {
  DATABASE,
  ROLES,
  type Passwords,
  type Role,
  SUPERUSER,
  databaseUrl,
  makeRoles
} from '../postgres/roles.ts'
import { startPostgres } from '../postgres/server.ts'
import { LogFile } from './log-file.ts'
import { keepRunning } from './process.ts'
import type { Secrets } from './secrets.ts'

export type DatabasePart = {
  url: (role: Role) => string
  /** Resolves when it is migrated. Throws CannotStartPostgres with one sentence, or what a migration said. */
  start: () => Promise<{ stop: () => Promise<void> }>
}

/** Where the database will be, for others by `detour` if it is given; nothing is started yet. `rollback`: see migrate. */
export function planDatabase(
  data: string,
  port: number,
  secrets: Secrets,
  logs: string,
  more: { detour?: number | undefined; rollback?: boolean } = {}
): DatabasePart {
  const passwords = Object.fromEntries(
    [...ROLES, SUPERUSER].map((role) => [role, secrets.get(`password-${role}`)])
  ) as Passwords
  return {
    url: (role) => databaseUrl(more.detour ?? port, role, passwords[role], DATABASE),
    start: () =>
      startDatabase(
        join(data, 'postgres'),
        port,
        passwords,
        new LogFile(join(logs, 'postgres.log')),
        more.rollback ?? false
      )
  }
}

async function startDatabase(
  data: string,
  port: number,
  passwords: Passwords,
  log: LogFile,
  rollback: boolean
) {
  const on_line = (line: string) => log.write(`${line}\n`)
  const kept = await keepRunning(
    () => startPostgres({ data, port, passwords, on_line }),
    (reason) => on_line(`runner: the server ended: ${JSON.stringify(reason)}`)
  )
  const stop = async () => {
    await kept.stop()
    await log.close()
  }
  try {
    await makeRoles(kept.current().url(SUPERUSER), passwords)
    await migrate(kept.current().url('portico_owner'), rollback)
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}
