/** Short-lived credentials of the store (STS AssumeRole) that reach one prefix of the drop bucket and nothing else. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { StoreSecret } from '../config.ts'
import { DROPS } from './buckets.ts'
import { limits } from './patience.ts'

export type DropSession = {
  access_key_id: string
  secret_access_key: string
  session_token: string
  expires_at: string
}

/**
 * What a session may do: put objects below its prefix, look what is there, and nothing else. GetObject is for HEAD, by which
 * tools check what they sent; the machines' door lets no GET of an object pass (infra/edge/machine-rules.ts). No deleting,
 * no older versions, no tags, no retention. The store takes it together with what its own key may.
 */
const policyFor = (prefix: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      Resource: [`arn:aws:s3:::${DROPS}/${prefix}*`]
    },
    {
      Effect: 'Allow',
      Action: ['s3:ListBucket'],
      Resource: [`arn:aws:s3:::${DROPS}`],
      Condition: { StringLike: { 's3:prefix': [`${prefix}*`] } }
    },
    { Effect: 'Allow', Action: ['s3:GetBucketLocation'], Resource: [`arn:aws:s3:::${DROPS}`] }
  ]
})

/**
 * @param prefix ends with a slash and holds nothing that a policy would read as a pattern
 * @throws the SDK's errors: the store is away, or knows no such sessions
 */
export async function openDropSession(
  secret: StoreSecret,
  prefix: string,
  seconds: number
): Promise<DropSession> {
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, endpoint, region } = secret
  const client = new STSClient({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 2,
    requestHandler: limits(10_000, 10_000)
  })
  try {
    const { Credentials: made } = await client.send(
      new AssumeRoleCommand({
        // The store reads no roles; the request is not whole without one.
        RoleArn: 'arn:aws:iam::000000000000:role/portico-drops',
        RoleSessionName: 'portico',
        DurationSeconds: seconds,
        Policy: JSON.stringify(policyFor(prefix))
      })
    )
    if (!made?.AccessKeyId || !made.SecretAccessKey || !made.SessionToken || !made.Expiration)
      throw new Error('the store gave no credentials')
    return {
      access_key_id: made.AccessKeyId,
      secret_access_key: made.SecretAccessKey,
      session_token: made.SessionToken,
      expires_at: made.Expiration.toISOString()
    }
  } finally {
    client.destroy()
  }
}
