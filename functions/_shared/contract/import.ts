/** People and clients brought along in a table (CSV): what its columns mean, and what becomes of each line. */
import { z } from 'zod'
import { Locale } from './common.ts'

/** Lines that one table may have, the headings aside. */
export const IMPORT_LINES_MAX = 20_000

/** What a column can hold. */
export const IMPORT_FIELDS = [
  'email',
  'name',
  'first_name',
  'last_name',
  'organisation',
  'role',
  'language'
] as const
export const ImportField = z.enum(IMPORT_FIELDS)
export type ImportField = z.infer<typeof ImportField>

/** What becomes of a line. `same`: it is all there already. */
export const FATES = ['make', 'change', 'same', 'refuse'] as const
export const ImportFate = z.enum(FATES)
export type ImportFate = z.infer<typeof ImportFate>

/** What a line does. `organisation`: the client is taken on; `membership`: the person becomes one of theirs. */
export const ImportEffect = z.enum(['person', 'organisation', 'membership', 'name', 'language', 'invitation'])
export type ImportEffect = z.infer<typeof ImportEffect>

/** Why a line is refused. */
export const REFUSALS = [
  'empty_of_people',
  'email_missing',
  'email_invalid',
  'name_missing',
  'name_too_long',
  'organisation_too_long',
  'organisation_ambiguous',
  'role_unknown',
  'role_administrator',
  'language_unknown',
  'staff_of_client',
  'cells',
  'duplicate',
  'contradicts',
  'deactivated',
  'other_role',
  'sub_account'
] as const
export const ImportRefusal = z.enum(REFUSALS)
export type ImportRefusal = z.infer<typeof ImportRefusal>

export const ImportLine = z
  .object({
    /** Where it begins in the file, from 1. */
    line: z.int(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    organisation: z.string().nullable(),
    fate: ImportFate,
    effects: z.array(ImportEffect),
    reason: ImportRefusal.nullable(),
    /** The earlier line that it repeats or contradicts. */
    of_line: z.int().nullable()
  })
  .meta({ id: 'ImportLine' })
export type ImportLine = z.infer<typeof ImportLine>

export const ImportColumn = z
  .object({
    /** As the file says; empty without a line of headings. */
    heading: z.string(),
    /** The first cells that are not empty. */
    samples: z.array(z.string()),
    field: ImportField.nullable()
  })
  .meta({ id: 'ImportColumn' })
export type ImportColumn = z.infer<typeof ImportColumn>

export const ImportSums = z.object({
  people: z.int(),
  organisations: z.int(),
  changed: z.int(),
  same: z.int(),
  refused: z.int(),
  invitations: z.int(),
  /** Who would get an invitation, were that wished: nobody who is in, nobody who has one that still works. */
  invitable: z.int()
})
export type ImportSums = z.infer<typeof ImportSums>

/** What a table would do, or has done. */
export const ImportResult = z
  .object({
    encoding: z.enum(['utf-8', 'utf-16', 'windows-1252']),
    separator: z.string(),
    /** The first line holds headings. */
    head: z.boolean(),
    columns: z.array(ImportColumn),
    /** False: no column says who or which client, so that nothing can be told of the lines. */
    ready: z.boolean(),
    lines: z.array(ImportLine),
    sums: ImportSums
  })
  .meta({ id: 'ImportResult' })
export type ImportResult = z.infer<typeof ImportResult>

/** Which column holds what, as `email:0,name:2`; empty names for each column what is known of its heading. */
const Columns = z
  .string()
  .max(500)
  .regex(new RegExp(`^((${IMPORT_FIELDS.join('|')}):\\d{1,3}(,|$))*$`))
  .transform((text) =>
    text
      .split(',')
      .filter((pair) => pair !== '')
      .map((pair): [ImportField, number] => {
        const [field, column] = pair.split(':')
        return [ImportField.parse(field), Number(column)]
      })
  )

const Switch = z.enum(['true', 'false']).transform((text) => text === 'true')

export const ImportQuery = z.object({
  columns: Columns.optional(),
  head: Switch.optional(),
  /** Of whom the table does not say it. */
  language: Locale.optional(),
  /** Whoever has no way in yet is mailed one. */
  invite: Switch.optional()
})
export type ImportQuery = z.infer<typeof ImportQuery>
