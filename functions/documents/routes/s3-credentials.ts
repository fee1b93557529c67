/** The way in for S3 tools (rclone, AWS CLI): an API key becomes credentials of the store for its own place in the drops. */
import { createRoute, z } from '@hono/zod-openapi'
import { config, storeSecret } from '../../_shared/config.ts'
import { Id } from '../../_shared/contract/common.ts'
import { S3Credentials, S3CredentialsWish } from '../../_shared/contract/s3.ts'
import { requireInProject } from '../../_shared/db/access.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { keyInHand } from '../../_shared/key.ts'
import { once } from '../../_shared/once.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { DROPS, dropPrefix } from '../../_shared/storage/buckets.ts'
import { database } from '../database.ts'

const create = createRoute({
  method: 'post',
  path: '/projects/{id}/s3-credentials',
  summary:
    'Credentials by which S3 tools put files into the project, for an hour at most; for API keys alone (contribute)',
  request: { params: z.object({ id: Id }), ...jsonBody(S3CredentialsWish) },
  responses: { 201: json(S3Credentials, 'Made; what was made before stays good until it ends'), ...problems }
})

/** Loaded with the first call, as the limits of keys are. */
const limits = once(async () => (await import('../../_shared/limits.ts')).openLimits(database))

export function s3CredentialRoutes(app: Api): void {
  app.openapi(create, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { seconds } = c.req.valid('json')
    const { project_id, kind } = await requireInProject(database, caller, id, 'contribute', 'node')
    if (kind !== 'project') throw notFound()
    const key = keyInHand()
    if (!key) throw new Problem('forbidden', 'This is for programs: it wants an API key.')
    if (!config.s3_tools_origin)
      throw new Problem('forbidden', 'This portal takes nothing from S3 tools: that door is not open.')
    await (await limits()).spend([{ limit: 's3_session', key: key.id }])

    const secret = storeSecret('store-drops')
    const prefix = dropPrefix(project_id, key.id)
    const session = await open(secret, prefix, seconds)
    await database.transaction([project_id], async (_session, acts) => {
      acts.push({
        action: 'key.opened_s3',
        actor_id: caller.id,
        project_id,
        subject_id: key.id,
        facts: { seconds }
      })
    })
    const where = { endpoint: config.s3_tools_origin, region: secret.region, bucket: DROPS, prefix }
    return c.json({ ...session, ...where }, 201)
  })
}

/** The SDK comes with the first call that needs it. */
async function open(secret: ReturnType<typeof storeSecret>, prefix: string, seconds: number) {
  const { openDropSession } = await import('../../_shared/storage/drop-session.ts')
  return openDropSession(secret, prefix, seconds).catch((cause: unknown) => {
    throw new Problem('store_away', 'The store gives no credentials at the moment.', { cause })
  })
}
