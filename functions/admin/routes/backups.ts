/** Backups: each try and what was read back from it (administrators); in one line, how it stands, for everybody. */
import { createRoute } from '@hono/zod-openapi'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Backup, BackupState, BackupUnderWay, Backups } from '../../_shared/contract/backup.ts'
import { blocks, row, rows } from '../../_shared/db/database.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'

const sql = blocks<'state' | 'under_way' | 'tries'>(new URL('../backups.sql', import.meta.url))

/** A day and a half of them, two hours apart, and what failed in between. */
const SHOWN = 20

const tries = createRoute({
  method: 'get',
  path: '/backups',
  summary:
    'Backups: the last tries, what was read back from them, the one that is being made, and whether one is late (administrators)',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(Backups), ...problems }
})
const state = createRoute({
  method: 'get',
  path: '/backups/state',
  summary: 'When everything was last saved, and when that was last tried out',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(BackupState), ...problems }
})

const State = Backups.shape.state.unwrap()

export function backupRoutes(app: Api): void {
  app.openapi(tries, async (c) => {
    const { caller } = c.var
    requireRole(caller, 'administrator')
    const [found, under_way, items] = await Promise.all([
      row(database.pool, sql('state'), [], State),
      row(database.pool, sql('under_way'), [], BackupUnderWay),
      rows(database.pool, sql('tries'), [caller.id, SHOWN], Backup)
    ])
    return c.json({ state: found, under_way, items }, 200)
  })

  app.openapi(state, async (c) => {
    const found = await row(database.pool, sql('state'), [], BackupState)
    return c.json(found ?? { last_at: null, saved_at: null, drilled_at: null }, 200)
  })
}
