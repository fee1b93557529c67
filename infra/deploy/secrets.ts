/**
 * Makes the secrets of an installation of containers, a file each. As often as one likes: what is there stays, what is
 * composed of it (addresses) is written anew.
 *
 *   node infra/deploy/secrets.ts FOLDER --origin https://portal.example.com [--postgres HOST:PORT] [--store URL]
 *
 * FOLDER/secrets holds what was made, to be kept like a key; FOLDER/files what containers are given.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DATABASE, ROLES, SUPERUSER, databaseUrl } from '../postgres/roles.ts'
import { openSecrets } from '../runner/secrets.ts'
import { ownFunctions, readStack } from '../runner/stack.ts'
import { REGION, ROOT_USER, secretsOf, storeKeys } from '../runner/store.ts'
import { secretValues } from '../runner/values.ts'
import { ACCESS_WEBHOOK_ARN, WEBHOOK_ARN } from '../minio/server.ts'

export type DeployWish = {
  folder: string
  /** As people type it. */
  origin: string
  /** Host and port of PostgreSQL, and the store's address, as containers see them. */
  postgres: string
  store: string
  /** Where the store tells of its events. */
  gateway: string
  sms_gateway?: string | null
}

/** Every file that containers are given, by its name. */
export function deploySecrets(wish: DeployWish): Record<string, string> {
  const secrets = openSecrets(wish.folder)
  const url = (role: (typeof ROLES)[number] | typeof SUPERUSER, database: string = DATABASE) => {
    const at = new URL(databaseUrl(5432, role, secrets.get(`password-${role}`), database))
    at.host = wish.postgres
    return at.href
  }
  const keys = storeKeys(secrets)
  const root = { access_key_id: ROOT_USER, secret_access_key: secrets.get('store-root') }
  return {
    ...secretValues({
      secrets,
      url,
      store: secretsOf(wish.store, REGION, wish.origin, (name) => keys[name]),
      sms_gateway: wish.sms_gateway ?? null,
      own_functions: ownFunctions(readStack(new URL('../../stack.yml', import.meta.url), {}))
    }),
    'db-owner': url('portico_owner'),
    'db-superuser': url(SUPERUSER, 'postgres'),
    'password-postgres': secrets.get(`password-${SUPERUSER}`),
    'passwords.json': JSON.stringify(
      Object.fromEntries([...ROLES, SUPERUSER].map((role) => [role, secrets.get(`password-${role}`)]))
    ),
    'provision.json': JSON.stringify({
      endpoint: wish.store,
      region: REGION,
      root,
      keys,
      webhook_arn: WEBHOOK_ARN,
      access_arn: ACCESS_WEBHOOK_ARN
    }),
    'store.env': storeEnvironment(wish, root.secret_access_key, secrets)
  }
}

/** What MinIO and its fork read by MINIO_CONFIG_ENV_FILE: nothing secret stands in a container's environment. */
function storeEnvironment(
  wish: DeployWish,
  password: string,
  secrets: ReturnType<typeof openSecrets>
): string {
  const hook = (name: string, path: string): Record<string, string> => ({
    [`MINIO_NOTIFY_WEBHOOK_ENABLE_${name}`]: 'on',
    [`MINIO_NOTIFY_WEBHOOK_ENDPOINT_${name}`]: `${wish.gateway}/function/intake${path}`,
    [`MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_${name}`]: secrets.get('intake-token'),
    [`MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_${name}`]: `/data/events/${name.toLowerCase()}`,
    [`MINIO_NOTIFY_WEBHOOK_QUEUE_LIMIT_${name}`]: '100000'
  })
  const all = {
    MINIO_ROOT_USER: ROOT_USER,
    MINIO_ROOT_PASSWORD: password,
    MINIO_KMS_SECRET_KEY: `portico:${secrets.get('store-kms')}`,
    MINIO_BROWSER: 'off',
    MINIO_UPDATE: 'off',
    MINIO_API_STALE_UPLOADS_EXPIRY: '48h',
    ...hook('PORTICO', ''),
    ...hook('ACCESS', '/access')
  }
  return `${Object.entries(all)
    .map(([name, value]) => `export ${name}="${value}"`)
    .join('\n')}\n`
}

/** Writes them below FOLDER/files. Anybody in a container may read its own: the folder is closed to others. */
export function writeSecrets(wish: DeployWish): string[] {
  mkdirSync(wish.folder, { recursive: true, mode: 0o700 })
  chmodSync(wish.folder, 0o700)
  const files = join(wish.folder, 'files')
  mkdirSync(files, { recursive: true, mode: 0o755 })
  const values = deploySecrets(wish)
  for (const [name, value] of Object.entries(values)) {
    const file = join(files, name)
    writeFileSync(file, value)
    chmodSync(file, 0o444)
  }
  return Object.keys(values)
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      origin: { type: 'string' },
      postgres: { type: 'string', default: 'postgres:5432' },
      store: { type: 'string', default: 'http://store:9000' },
      gateway: { type: 'string', default: 'http://front:8080' }
    }
  })
  const [folder] = positionals
  if (!folder || !values.origin?.startsWith('https://')) {
    process.stderr.write('Usage: node infra/deploy/secrets.ts FOLDER --origin https://portal.example.com\n')
    process.exit(2)
  }
  const made = writeSecrets({ ...values, folder, origin: values.origin.replace(/\/$/, '') })
  process.stdout.write(`${made.length} secrets lie in ${join(folder, 'files')}.\n`)
}
