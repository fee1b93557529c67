/** Short-lived credentials for S3 tools, in the forms that these tools read. */
import type { PorticoClient, components } from 'portico/client'
import { projectIdOf } from './target.ts'

type Lent = components['schemas']['S3Credentials']

/** @param seconds null: as long as the portal gives them at most */
export async function lendS3(client: PorticoClient, project: string, seconds: number | null): Promise<Lent> {
  const id = await projectIdOf(client, project)
  const { data } = await client.POST('/api/v1/documents/projects/{id}/s3-credentials', {
    params: { path: { id } },
    body: seconds === null ? {} : { seconds }
  })
  if (!data) throw new Error('an answer without a body')
  return data
}

/**
 * What `credential_process` of AWS' shared configuration wants (AWS SDKs and Tools Reference, "Process credential provider"):
 * the AWS CLI, and rclone with `env_auth`, ask again by themselves when these end. The rest is for people and scripts.
 */
export const asProcessCredentials = (key: Lent) => ({
  Version: 1,
  AccessKeyId: key.access_key_id,
  SecretAccessKey: key.secret_access_key,
  SessionToken: key.session_token,
  Expiration: key.expires_at,
  Endpoint: key.endpoint,
  Region: key.region,
  Bucket: key.bucket,
  Prefix: key.prefix
})

/** A remote and, below it, the place that the key writes to: `rclone copy DIR portico:` is all that is left to type. */
export const asRcloneConfig = (key: Lent): string => `[portico-s3]
type = s3
provider = Minio
endpoint = ${key.endpoint}
region = ${key.region}
access_key_id = ${key.access_key_id}
secret_access_key = ${key.secret_access_key}
session_token = ${key.session_token}
no_check_bucket = true

[portico]
type = alias
remote = portico-s3:${key.bucket}/${key.prefix}
`
