/** Backups of the installation, as they told of themselves. */
import { z } from 'zod'
import { Id, Time } from './common.ts'

/** What came of bringing one back to life beside the portal. */
export const BackupDrill = z
  .object({
    ended_at: Time,
    seconds: z.number(),
    /** A code; null: the log was whole and all documents that were looked at had their bytes. */
    problem: z.string().nullable(),
    log_rows: z.number().nullable(),
    documents: z.int().nullable()
  })
  .meta({ id: 'BackupDrill' })

export const Backup = z
  .object({
    id: Id,
    begun_at: Time,
    ended_at: Time,
    /** A code of docs/guide/backups.md; null: it is whole. */
    problem: z.string().nullable(),
    /** Bytes of the whole, and those that were new to the target. */
    database_bytes: z.number().nullable(),
    database_added: z.number().nullable(),
    objects_bytes: z.number().nullable(),
    objects_added: z.number().nullable(),
    /** Backups at the target afterwards. */
    kept: z.int().nullable(),
    drill: BackupDrill.nullable()
  })
  .meta({ id: 'Backup' })
export type Backup = z.infer<typeof Backup>

/** How it stands, for everybody: nothing in it says where or how. */
export const BackupState = z
  .object({
    /** When the last whole one began; null: there is none. */
    last_at: Time.nullable(),
    /** What was sent before is saved: by the last whole one, or by what goes out between two; null: nothing is yet. */
    saved_at: Time.nullable(),
    /** When one was last brought back to life and all was right; null: never. */
    drilled_at: Time.nullable()
  })
  .meta({ id: 'BackupState' })
export type BackupState = z.infer<typeof BackupState>

/** The one that is being made. */
export const BackupUnderWay = z
  .object({
    begun_at: Time,
    /** In this order; `recent`: what came meanwhile; `drill`: it is brought back to life beside the portal. */
    step: z.enum(['database', 'objects', 'recent', 'drill']),
    /** How much of the step is done, 0 to 1; null: not known. */
    part: z.number().nullable()
  })
  .meta({ id: 'BackupUnderWay' })
export type BackupUnderWay = z.infer<typeof BackupUnderWay>

export const Backups = z
  .object({
    /** null: none was ever made. */
    state: BackupState.extend({
      every_minutes: z.int(),
      /** Two intervals have passed since the last whole one. */
      late: z.boolean(),
      /** The last one that was tried out did not come back to life. */
      drill_failed: z.boolean(),
      /** Between whole ones: up to when the database can be restored; null: that is not done. */
      recent_at: Time.nullable(),
      /** Documents that came before are saved with their bytes. */
      documents_at: Time.nullable(),
      /** The database's moment is older than a quarter of an hour. */
      recent_late: z.boolean(),
      /** Why the newest try did not succeed, a code; null: it did. */
      recent_problem: z.string().nullable()
    }).nullable(),
    /** null: none is being made now. */
    under_way: BackupUnderWay.nullable(),
    /** The newest tries first. */
    items: z.array(Backup)
  })
  .meta({ id: 'Backups' })
export type Backups = z.infer<typeof Backups>
