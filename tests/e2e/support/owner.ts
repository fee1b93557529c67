/** The database of a running portal above all walls: for what takes hours, or what no door lets anybody do. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { databaseUrl } from '../../../infra/postgres/roles.ts'
import type { Stack } from '../../support/stack.ts'

export function ownerOf(stack: Stack): pg.Pool {
  const password = readFileSync(join(stack.data, 'secrets/password-postgres'), 'utf8').trim()
  const ports: { postgres: number } = JSON.parse(readFileSync(join(stack.data, 'ports.json'), 'utf8'))
  const pool = new pg.Pool({
    connectionString: databaseUrl(ports.postgres, 'postgres', password, 'portico'),
    max: 2
  })
  pool.on('error', () => undefined)
  return pool
}
