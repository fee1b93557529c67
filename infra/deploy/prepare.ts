/**
 * What must be done before the parts of an installation can start, as often as one likes: roles and migrations of the
 * database, buckets, keys and events of the store. Prints the set-up link as long as there is no firm. Secrets:
 * db-superuser (where this makes the roles), db-owner, passwords.json, provision.json.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { config, secret } from '../../functions/_shared/config.ts'
import { Provision, provision } from '../minio/provision.ts'
import { migrate } from '../postgres/migrate.ts'
import { ROLES, SUPERUSER, makeRoles } from '../postgres/roles.ts'
import { makeSetupLink } from '../runner/setup.ts'

const Passwords = z.record(z.enum([...ROLES, SUPERUSER]), z.string())

/** Milliseconds: for how long database and store may be away, and between two tries. */
const PATIENCE = 120_000
const AGAIN = 1_000

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Parts start in any order: what is not there yet is waited for. */
async function patiently(what: string, work: () => Promise<void>): Promise<void> {
  for (const until = Date.now() + PATIENCE; ; await wait(AGAIN))
    try {
      return await work()
    } catch (error) {
      if (Date.now() > until) throw error
      say(`waiting for ${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
}

// Where the database's operator made the roles (CloudNativePG does), there is no superuser to be had.
if (existsSync(join(config.secrets, 'db-superuser')))
  await patiently('the database', () =>
    makeRoles(secret('db-superuser'), Passwords.parse(JSON.parse(secret('passwords.json'))))
  )
await patiently('the database', async () => {
  for (const name of await migrate(secret('db-owner'), process.env.ROLLBACK === 'true'))
    say(`applied ${name}`)
})
await patiently('the store', () => provision(Provision.parse(JSON.parse(secret('provision.json')))))
// Filled again from a backup: docs/guide/deploy.md, "Back from a backup".
if (process.env.RESTORED === 'true') await import('./restored.ts')
const link = await makeSetupLink(secret('db-owner'), config.origin)
say(
  link === null ? 'The firm is set up.' : `Set up your firm here; this link works once, for a day:\n  ${link}`
)
