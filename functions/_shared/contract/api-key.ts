/** API keys: how programs come in, with some of one person's rights. */
import { z } from 'zod'
import { Id, Name, Time } from './common.ts'

/** read: lists, documents, pages, downloads; upload: files into folders; write: new projects and folders; share: links. */
export const SCOPES = ['read', 'upload', 'write', 'share'] as const
export const Scope = z.enum(SCOPES)
export type Scope = z.infer<typeof Scope>
/** Beside these `rule`, what an automation does; keys of people never have it. */
export const AnyScope = z.enum([...SCOPES, 'rule'])
export type AnyScope = z.infer<typeof AnyScope>

/** Days that a key may live at most: one that everybody has forgotten shall end by itself. */
export const KEY_DAYS = 366

export const ApiKey = z
  .object({
    id: Id,
    name: z.string(),
    scopes: z.array(Scope),
    /** The one project that it is limited to; null: all that its person may see. */
    project_id: Id.nullable(),
    /** null also for a project that its person cannot see any more. */
    project_name: z.string().nullable(),
    created_at: Time,
    expires_at: Time,
    last_used_at: Time.nullable()
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const NewApiKey = z.object({
  name: Name,
  scopes: z
    .array(Scope)
    .min(1)
    .transform((scopes) => SCOPES.filter((scope) => scopes.includes(scope))),
  project_id: Id.nullable().default(null),
  days: z.int().min(1).max(KEY_DAYS)
})
export type NewApiKey = z.infer<typeof NewApiKey>

/** The only answer that ever has the token: what stays here is its SHA-256. */
export const MadeApiKey = z.object({ key: ApiKey, token: z.string() })
export type MadeApiKey = z.infer<typeof MadeApiKey>
