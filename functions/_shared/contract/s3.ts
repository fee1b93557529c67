/** Credentials by which S3 tools put files into one project's place in the drop bucket, for a while. */
import { z } from 'zod'
import { Time } from './common.ts'

/** Seconds: below a quarter of an hour the store gives none; an hour is what a revoked key may go on writing at most. */
const MIN_S3_SECONDS = 900
const MAX_S3_SECONDS = 3_600

export const S3CredentialsWish = z.object({
  seconds: z.int().min(MIN_S3_SECONDS).max(MAX_S3_SECONDS).default(MAX_S3_SECONDS)
})

export const S3Credentials = z
  .object({
    access_key_id: z.string(),
    secret_access_key: z.string(),
    session_token: z.string(),
    expires_at: Time,
    /** What S3 tools speak with, by path (`endpoint/bucket/key`). */
    endpoint: z.url(),
    region: z.string(),
    bucket: z.string(),
    /** Keys begin with it; what comes after it are folders and name in the project. Ends with a slash. */
    prefix: z.string()
  })
  .meta({ id: 'S3Credentials' })
export type S3Credentials = z.infer<typeof S3Credentials>
