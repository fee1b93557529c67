/** PostgreSQL as a part of the running portal: started, migrated, started again when it dies. */
import { join } from 'node:path'
import { migrate } from '../postgres/migrate.ts'
import { ROLES, type Passwords, type Role, SUPERUSER, makeRoles } from '../postgres/roles.ts'
import { startPostgres } from '../postgres/server.ts'
import { LogFile } from './log-file.ts'
import { keepRunning } from './process.ts'
import type { Secrets } from './secrets.ts'

export type DatabasePart = { url: (role: Role) => string; stop: () => Promise<void> }

/** Throws CannotStartPostgres with one sentence, or what a migration said. */
export async function startDatabase(
  data: string,
  port: number,
  secrets: Secrets,
  logs: string
): Promise<DatabasePart> {
  const log = new LogFile(join(logs, 'postgres.log'))
  const passwords = Object.fromEntries(
    [...ROLES, SUPERUSER].map((role) => [role, secrets.get(`password-${role}`)])
  ) as Passwords
  const on_line = (line: string) => log.write(`${line}\n`)
  const kept = await keepRunning(
    () => startPostgres({ data: join(data, 'postgres'), port, passwords, on_line }),
    (reason) => on_line(`runner: the server ended: ${JSON.stringify(reason)}`)
  )
  try {
    await makeRoles(kept.current().url(SUPERUSER), passwords)
    await migrate(kept.current().url('portico_owner'))
  } catch (error) {
    await kept.stop()
    throw error
  }
  return {
    url: (role) => kept.current().url(role),
    stop: async () => {
      await kept.stop()
      await log.close()
    }
  }
}
