/** Words that every contract uses. */
import { z } from 'zod'
import { plainText } from './plain-text.ts'

/** uuidv7 (RFC 9562 section 5.7). */
export const Id = z.uuid().meta({ description: 'An identifier (UUID).' })

/** PostgreSQL has no year 0 and no zone further than 15:59 from UTC. */
const KEPT = /^(?!0000).*(?:Z|[+-](?:0\d|1[0-5]):?\d\d)$/

/** An instant, ISO 8601 in UTC. Primitives get no `id`: zod-openapi would give the nullable one the same name. */
export const Time = z.iso
  .datetime({ offset: true })
  .refine((time) => KEPT.test(time), 'no calendar of ours has this moment')
  .meta({ description: 'An instant, ISO 8601.' })

export const Locale = z.enum(['de', 'en', 'sv'])
export type Locale = z.infer<typeof Locale>

/** What somebody may do, each including the ones before. */
export const LEVELS = ['none', 'view', 'download', 'contribute', 'manage'] as const
export const Level = z.enum(['view', 'download', 'contribute', 'manage']).meta({
  description:
    'view: watermarked pages; download: clean pages, text, original; contribute: upload; manage: grants.'
})
export type Level = z.infer<typeof Level>

/** The database's number of a level: 0 none … 4 manage. */
export const levelNumber = (level: (typeof LEVELS)[number]): number => LEVELS.indexOf(level)

/** The level of the database's number; null for 0. Throws on a number that is none. */
export function levelOf(number: number): Level | null {
  return number === 0 ? null : Level.parse(LEVELS[number])
}

/** A name of a file, folder, project: what stays of it is decided by rules/name.ts. */
export const Name = z.string().trim().min(1).max(255)

/** A person's name: shown, and burned into pages, so it must not be made of what nobody sees. */
export const PersonName = z.string().overwrite(plainText).min(1).max(120)

/** Somebody as shown beside an act. */
export const Who = z.object({ id: Id, name: z.string() }).meta({ id: 'Who' })

/** The wire form of a keyset page: `next` goes into the query as `cursor`; null on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable() })

export const PageQuery = z.object({
  cursor: z.string().max(1_000).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100)
})

/** A page of what has a part of a name, or of all; with `id` only that one, if it is among them. */
export const NamedPageQuery = PageQuery.extend({
  q: z.string().trim().max(100).optional(),
  id: Id.optional()
})

/** RFC 9457. */
export const ProblemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    errors: z.array(z.object({ field: z.string(), code: z.string(), detail: z.string() })).optional()
  })
  .meta({ id: 'Problem' })
export type ProblemBody = z.infer<typeof ProblemBody>
