/** MinIO's admin API as far as it is needed: users with a policy each. */
import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { Client } from 'minio'
import type { Policy } from './policies.ts'

/** madmin-go's marks of how a body is encrypted: PBKDF2 (8,192 rounds of SHA-256) and AES-256-GCM. */
const PBKDF2_AES_GCM = 0x02
const ROUNDS = 8192

/**
 * A body as the admin API takes it, encrypted with the caller's own secret key (madmin-go, encrypt.go): salt, mark,
 * nonce, then sio-go's stream of fragments of 16 KiB. Ours always fit into one fragment: nonce with the number 1, and
 * as associated data 0x80 (the last fragment) followed by the tag of nothing under number 0.
 *
 * @throws when the body is larger than one fragment
 */
export function encryptBody(secret_key: string, body: Buffer): Buffer {
  if (body.length > 16 * 1024) throw new Error('an admin body of more than one fragment')
  const salt = randomBytes(32)
  const nonce = randomBytes(8)
  const key = pbkdf2Sync(secret_key, salt, ROUNDS, 32, 'sha256')
  const numbered = (number: number) => Buffer.concat([nonce, Buffer.from([number, 0, 0, 0])])
  const empty = createCipheriv('aes-256-gcm', key, numbered(0))
  empty.final()
  const cipher = createCipheriv('aes-256-gcm', key, numbered(1))
  cipher.setAAD(Buffer.concat([Buffer.from([0x80]), empty.getAuthTag()]))
  const sealed = Buffer.concat([cipher.update(body), cipher.final(), cipher.getAuthTag()])
  return Buffer.concat([salt, Buffer.from([PBKDF2_AES_GCM]), nonce, sealed])
}

async function put(client: Client, path: string, query: string, body: Buffer | string): Promise<void> {
  // The admin API is signed like S3 and lies below /minio/admin.
  await client.makeRequestAsyncOmit(
    { method: 'PUT', bucketName: 'minio', objectName: `admin/v3/${path}`, query },
    body,
    [200],
    'us-east-1'
  )
}

/** Makes the user, or gives it this secret and this policy. */
export async function makeUser(
  client: Client,
  root_password: string,
  user: { access_key_id: string; secret_access_key: string; policy: Policy }
): Promise<void> {
  const name = encodeURIComponent(user.access_key_id)
  const account = JSON.stringify({ secretKey: user.secret_access_key, status: 'enabled' })
  await put(client, 'add-user', `accessKey=${name}`, encryptBody(root_password, Buffer.from(account)))
  await put(client, 'add-canned-policy', `name=${name}`, JSON.stringify(user.policy))
  const attach = `policyName=${name}&userOrGroup=${name}&isGroup=false`
  await put(client, 'set-user-or-group-policy', attach, '')
}
